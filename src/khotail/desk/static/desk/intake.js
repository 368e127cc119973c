// Keys 1 to 5 choose a candidate and 0 nobody, while the focus lies among the choices; it is put there when the page opens.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const choices = document.querySelector("[data-keys]");
  if (!choices) return;
  if (!location.hash) choices.focus({ preventScroll: true });
  choices.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
    const button = choices.querySelector(`button[data-key="${CSS.escape(event.key)}"]`);
    if (button) {
      event.preventDefault();
      button.click();
    }
  });
});
