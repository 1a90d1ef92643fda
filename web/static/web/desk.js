/* The desk's keys: / goes to the search, 1 to 5 pick. Everything works without them. */
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const typing = event.target.closest("input, textarea, select");
  if (event.key === "/" && !typing) {
    event.preventDefault();
    const box = document.getElementById("q");
    box.focus();
    box.select();
  }
  const pick = typing ? null : document.querySelector(`[data-pick="${CSS.escape(event.key)}"]`);
  if (pick) pick.click();
});
