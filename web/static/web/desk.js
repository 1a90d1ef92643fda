/* The desk's keys: / goes to the search, 1 to 5 pick, a letter or a digit acts. Everything works without them. */
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const field = event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select");
  if (event.key === "Enter" && field?.dataset.enter) {
    event.preventDefault();
    document.getElementById(field.dataset.enter).click();
  }
  const box = document.getElementById("q");
  if (field && !(field === box && box.value === "")) return;
  if (event.key === "/") {
    event.preventDefault();
    box.focus();
    box.select();
    return;
  }
  if (field) return;
  const key = CSS.escape(event.key);
  const act = document.querySelector(`[data-pick="${key}"], [data-key="${key}"]`);
  if (!act) return;
  event.preventDefault();
  if (act.dataset.enter) act.focus();
  else act.click();
});
