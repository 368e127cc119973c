// How things stand: one visit on its way, and the way itself.

import { addresses, el, icon, t } from "./page.js";
import { now } from "./queue.js";

export function chip({ id, state }) {
  if (now.sending.has(id)) return el("span", { class: "chip chip-accent" }, t("sending"));
  if (state === "arrived") return el("span", { class: "chip chip-low" }, t("arrived"));
  if (state === "refused") return el("span", { class: "chip chip-high" }, t("refused"));
  return el("span", { class: "chip chip-medium" }, t("waiting to be sent"));
}

/** What stands between the device and the server, if anything does. */
export function connection(why) {
  if (why === "sign-in") {
    return el("p", { class: "notice row row-between" }, t("Sign in to send and to renew the list. Everything that you filled in is kept on this device."),
      el("a", { class: "button", href: addresses.signIn }, t("Sign in")));
  }
  if (why === "offline" || !navigator.onLine) return el("p", { class: "notice" }, icon("warning"), " ", t("No connection. Fill in as usual: everything is kept and sent later."));
  if (why === "server") return el("p", { class: "notice" }, icon("warning"), " ", t("The server does not answer. Everything is kept; it is tried again by itself."));
  return null;
}
