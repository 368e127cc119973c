// Comfort only: menus close when one looks elsewhere. Every page works without it.
"use strict";

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open], details.nav-more[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open], details.nav-more[open], details.confirm[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// Whoever signs out of a device that took visits along leaves no household's name behind on it.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.action.endsWith("/accounts/sign-out/") || !localStorage.getItem("khotail-visits")) return;
  event.preventDefault();
  const patience = new Promise((done) => setTimeout(done, 3000));
  const cleared = import("../field/clearing.js").then(({ clearDevice }) => clearDevice());
  await Promise.race([cleared.catch(() => null), patience]);
  form.submit();
});
