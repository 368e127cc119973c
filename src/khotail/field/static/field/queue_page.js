// The queue: what waits, what is on its way, what has arrived, and what was refused and why.

import { el, show, spoken, t } from "./page.js";
import { entries, now, othersWaiting, send, tryAgain } from "./queue.js";
import { chip, connection } from "./standing.js";
import { change } from "./store.js";

export async function queuePage() {
  const rows = (await entries()).reverse();
  const others = await othersWaiting();
  const unsent = rows.filter((entry) => entry.state === "waiting").length;
  show(
    el("h1", {}, t("Sending")),
    connection(now.why),
    el("p", { class: "strong", role: "status" }, unsent ? t("{number} visits wait to be sent.", { number: unsent }) : t("Nothing waits to be sent.")),
    el("button", { class: "button wide", type: "button", id: "send", disabled: now.busy, onclick: () => send() }, now.busy ? t("Sending …") : t("Send now")),
    others > 0 && el("p", { class: "notice" }, t("{number} visits of somebody else wait on this device. They are sent when that person signs in here.", { number: others })),
    rows.length ? el("ul", { class: "visits" }, rows.map(line)) : el("p", { class: "empty" }, t("Visits that you finish appear here.")),
  );
}

function line(entry) {
  const title = spoken() === "zh" ? entry.title.zh : entry.title.en;
  return el("li", { class: "card", "data-state": entry.state },
    el("div", { class: "visit-first" }, el("strong", {}, entry.number || "—"), chip(entry)),
    el("p", { class: "muted" }, title),
    entry.sentence && el("p", { class: "problem" }, entry.sentence[spoken()]),
    entry.state === "refused" && el("div", { class: "form-actions" },
      el("button", { class: "button", type: "button", onclick: () => correct(entry) }, t("Open and correct")),
      el("button", { class: "button button-quiet", type: "button", onclick: () => tryAgain(entry) }, t("Send again"))));
}

/** Back among the drafts, with everything that was filled in. */
async function correct(entry) {
  const { order, state, sentence, missing, ...rest } = entry; // what is sealed stays so
  const draft = { ...rest, head: "", prefill: {} };
  await change(["drafts", "queue"], ({ drafts, queue }) => {
    drafts.put(draft);
    queue.delete(entry.id);
  });
  location.hash = `#/visit/${encodeURIComponent(entry.id)}`;
}
