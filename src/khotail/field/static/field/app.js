// The start of the app: the bar, which page is shown, and sending whenever there is a connection.

import { clearDevice } from "./clearing.js";
import { loadEngine, warmUp } from "./filling.js";
import { formPage, leaveForm, saveForm } from "./form_page.js";
import { listPage } from "./list_page.js";
import { addresses, el, icon, show, speak, spoken, t, tell } from "./page.js";
import { entries, now, progress, send, watchConnection } from "./queue.js";
import { queuePage } from "./queue_page.js";
import { sealOld } from "./sealed.js";
import { know, keepForGood, known } from "./store.js";
import { chooseLanguage, fetchWork, formsToExpect, SignInFirst } from "./work.js";

async function route() {
  await leaveForm();
  const [, page, id] = location.hash.split("/");
  scrollTo(0, 0);
  if (page === "visit") await formPage(decodeURIComponent(id));
  else if (page === "queue") await queuePage();
  else await listPage();
  await drawBar();
  document.title = `${document.querySelector("h1")?.textContent ?? t("Visits")} · Khotail`;
}

async function drawBar() {
  const unsent = (await entries()).filter((entry) => entry.state !== "arrived").length;
  const here = location.hash.startsWith("#/queue") ? "queue" : "list";
  const link = (page, name, label, count) =>
    el("a", { class: "bar-tool", href: page === "list" ? "#/" : "#/queue", "aria-current": here === page && "page" },
      icon(name), el("span", {}, label), count > 0 && el("span", { class: "count" }, String(count)));
  document.getElementById("bar").replaceChildren(
    el("nav", { class: "bar-nav", "aria-label": t("Visits") }, link("list", "households", t("Visits"), 0), link("queue", "sheet", t("Queue"), unsent)),
    el("span", { class: "bar-push" }),
    el("button", { class: "bar-tool", type: "button", lang: spoken() === "zh" ? "en" : "zh-hans", onclick: otherLanguage }, spoken() === "zh" ? "English" : "中文"),
    el("button", { class: "bar-tool", type: "button", "aria-label": t("Sign out"), onclick: leave }, icon("leave")),
  );
}

async function otherLanguage() {
  await chooseLanguage(spoken() === "zh" ? "en" : "zh");
  await route();
}

/** Sign out: what the device knows goes at once, the session when there is a connection. */
async function leave() {
  const unsent = (await entries()).filter((entry) => entry.state !== "arrived").length;
  const asked = unsent
    ? t("{number} visits have not arrived yet. They stay on this device and wait until you sign in here again. Sign out?", { number: unsent })
    : t("Sign out? The list of households is removed from this device.");
  if (!confirm(asked)) return;
  await leaveForm();
  await clearDevice();
  await know("leaving", true);
  await endSession();
}

/** End the session of somebody who signed out while there was no connection. */
async function endSession() {
  try {
    const work = await fetch(`${addresses.work}`, { cache: "no-store", redirect: "manual" });
    const token = work.ok ? (await work.json()).token : "";
    if (token) await fetch(addresses.signOut, { method: "POST", headers: { "X-CSRFToken": token }, redirect: "manual" });
    await know("leaving", false);
    location.assign(addresses.signIn);
  } catch {
    show(el("h1", {}, t("Signed out")), el("p", { class: "notice" }, t("The list is gone from this device. The session ends as soon as there is a connection.")));
  }
}

async function refreshWork() {
  try {
    await fetchWork();
    now.why = "";
  } catch (error) {
    now.why = error instanceof SignInFirst ? "sign-in" : navigator.onLine ? "server" : "offline";
  }
  progress.dispatchEvent(new Event("change"));
}

async function keepWorker() {
  if (!navigator.serviceWorker) return;
  const registered = await navigator.serviceWorker.register(addresses.worker, { scope: addresses.home });
  const offer = () => registered.waiting && navigator.serviceWorker.controller && offerVersion(registered);
  registered.addEventListener("updatefound", () => registered.installing?.addEventListener("statechange", offer));
  offer();
}

function offerVersion(registered) {
  if (document.getElementById("version")) return;
  const take = () => {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload());
    leaveForm().then(() => registered.waiting.postMessage("take over"));
  };
  const button = el("button", { class: "button button-small", type: "button", onclick: take }, t("Use it"));
  document.getElementById("bar").after(el("div", { class: "notice row version", id: "version" }, t("A new version is there."), button));
}

async function start() {
  if (location.hash.startsWith("#/visit")) loadEngine(); // nothing else takes as long
  const [chosen, officer, leaving] = await Promise.all(["language", "officer", "leaving"].map(known));
  const kept = navigator.serviceWorker?.controller && officer?.language; // the worker's page has any language
  speak(chosen || kept || document.documentElement.lang);
  watchConnection();
  if (leaving) return endSession();
  if (!officer) await refreshWork();
  addEventListener("hashchange", route);
  let drawn = Promise.resolve();
  progress.addEventListener("change", () => {
    drawn = drawn.then(drawBar).then(() => {
      if (location.hash.startsWith("#/queue")) return queuePage();
      const busy = location.hash.startsWith("#/visit") || document.activeElement?.type === "search";
      return busy ? null : listPage();
    });
  });
  await route();
  document.documentElement.dataset.ready = "yes";
  keepWorker().catch(() => null);
  keepForGood();
  sealOld().catch(() => null); // another time
  const [first, ...others] = await formsToExpect();
  await warmUp(first ? [first] : []).catch(() => null); // whoever opens the app is about to tap on a household: sending draws the list anew
  send();
  await warmUp(others);
  document.documentElement.dataset.warm = "yes";
}

addEventListener("unhandledrejection", ({ reason }) => {
  if (reason?.name === "QuotaExceededError") tell(t("Not saved: there is no room on this device. Delete something else first."));
});
addEventListener("pagehide", () => leaveForm());
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && saveForm());
start();
