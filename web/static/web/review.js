/* The review's keys: each leads to its button, which Enter presses; s goes to the next one. Everything works without. */
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, textarea, select")) return;
  const found = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!found) return;
  event.preventDefault();
  if (found.matches("a")) return found.click();
  if (!found.matches("summary")) return found.focus();
  found.parentElement.open = true;
  found.parentElement.querySelector("select").focus();
});
