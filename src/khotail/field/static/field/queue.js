// Filled visits on their way. An entry leaves only by the server's word that it has arrived, with all its files.
//
// States: waiting, sending (only while the page lives: a reload finds it waiting), arrived, refused with a sentence.
// Nothing here reads the device's clock, which may be wrong.

import { addresses } from "./page.js";
import { opened, sealed } from "./sealed.js";
import { all, change, known, put } from "./store.js";
import { fetchWork, SignInFirst } from "./work.js";

const MOST_AT_ONCE = 10, MOST_FILES = 60, MOST_BYTES = 4 << 20;
const PATIENCE_MS = 180_000;
const PAUSES_S = [3, 10, 30, 60, 180, 300];
const KEPT_ARRIVED = 200;
const PHOTO_LOST = {
  zh: "有照片或签名在本机找不到了。请打开修改，重新拍照后再发送。",
  en: "A photo or signature is no longer on this device. Open the visit, take it again and send it.",
};

const KEY_LOST = {
  zh: "这份走访在本机已无法读取（浏览器清除了密钥）。请重新走访填写。",
  en: "This visit can no longer be read on this device: the browser threw its key away. Fill it in again.",
};

/** What is going on, for the pages to show. why: "", "offline", "sign-in", "server". */
export const progress = new EventTarget();
export const now = { sending: new Set(), busy: false, why: "" };
let failures = 0, timer = null;

function changed() {
  progress.dispatchEvent(new Event("change"));
}

/** The signed-in officer's entries, newest last. */
export async function entries() {
  const officer = await known("officer");
  return (await all("queue")).filter((entry) => entry.officer === officer?.id).sort((a, b) => a.order - b.order);
}

/** How many visits of other people wait on this device for them to sign in. */
export async function othersWaiting() {
  const officer = await known("officer");
  return (await all("queue")).filter((entry) => entry.officer !== officer?.id && entry.state !== "arrived").length;
}

/** Move a finished draft into the queue: in one step, so that it is always in exactly one of the two. */
export async function queueUp(draft, xml, files, instanceId) {
  const order = 1 + Math.max(0, ...(await all("queue")).map((entry) => entry.order));
  const { officer, digest, form, title, number, assignment } = draft;
  const entry = await sealed({
    id: instanceId, order, officer, digest, form, title, number, assignment, xml, files, state: "waiting", sentence: null,
  });
  await change(["drafts", "queue"], ({ drafts, queue }) => {
    queue.put(entry);
    drafts.delete(draft.id);
  });
  changed();
  send();
}

export async function tryAgain(entry) {
  await put("queue", { ...entry, state: "waiting", sentence: null });
  changed();
  send();
}

/** Send what waits. At most one page of the device does so at a time; asking again while it does is nothing. */
export function send() {
  clearTimeout(timer);
  if (!navigator.locks) return sendAll();
  return navigator.locks.request("khotail-sending", { ifAvailable: true }, (lock) => lock && sendAll());
}

async function sendAll() {
  if (now.busy) return;
  now.busy = true;
  changed();
  try {
    const work = await fetchWork();
    await sendBatches(work);
    [now.why, failures] = ["", 0];
  } catch (error) {
    now.why = error instanceof SignInFirst ? "sign-in" : navigator.onLine ? "server" : "offline";
    failures += 1;
    if (now.why !== "sign-in" && (await waiting()).length) later();
  } finally {
    now.busy = false;
    now.sending.clear();
    changed();
  }
}

async function sendBatches({ officer, token }) {
  let tried = new Set(), most = MOST_AT_ONCE;
  for (;;) {
    const batch = await readable(fitting((await waiting()).filter((entry) => !tried.has(entry.id)), most));
    if (!batch) continue;
    if (!batch.length) break;
    now.sending = new Set(batch.map((entry) => entry.id));
    changed();
    try {
      for (const entry of await settle(batch, await sent(batch, officer, token))) tried.add(entry.id);
    } catch (error) {
      if (!(error instanceof NotTaken)) throw error;
      if (batch.length === 1) tried.add(batch[0].id); // this one stays; the others are not to wait for it
      most = 1;
    }
  }
  if ((await waiting()).length) later();
  await fetchWork().catch(() => null); // households that are done leave the list
}

/** The rows with what is to be sent of each, or null when one could not be read and was set aside. */
async function readable(rows) {
  const found = await Promise.all(rows.map((row) => opened(row).catch(() => null)));
  const lost = rows.filter((_, place) => !found[place]);
  if (lost.length) {
    await change(["queue"], ({ queue }) => lost.forEach((row) => queue.put({ ...row, state: "refused", sentence: KEY_LOST })));
    return null;
  }
  return rows.map((row, place) => ({ id: row.id, row, xml: found[place].xml, files: portion(row, found[place].files) }));
}

/** Files that have not arrived, as many as one request takes: more than that go in several. */
function portion(row, files) {
  const left = files.filter(({ name }) => row.missing?.includes(name) ?? true);
  let bytes = 0;
  return left.slice(0, MOST_FILES).filter(({ blob }, place) => (bytes += blob.size) <= MOST_BYTES || place === 0);
}

/** The server was there and did not take this batch as a whole: too large, or it failed over it. */
class NotTaken extends Error {}

async function sent(batch, officer, token) {
  const body = new FormData();
  batch.forEach((entry, part) => {
    body.append(`xml-${part}`, new Blob([entry.xml], { type: "text/xml" }), "visit.xml");
    for (const { name, blob } of entry.files) body.append(`files-${part}`, blob, name);
  });
  const answer = await fetch(addresses.sync, {
    method: "POST", body, redirect: "manual", signal: AbortSignal.timeout(PATIENCE_MS),
    headers: { "X-CSRFToken": token, "X-Officer": String(officer.id) },
  });
  if (answer.type === "opaqueredirect" || answer.status === 401) throw new SignInFirst();
  const isJson = (answer.headers.get("Content-Type") || "").startsWith("application/json");
  if (answer.ok && isJson) return (await answer.json()).outcomes;
  if ([403, 409, 429, 503].includes(answer.status)) throw new TypeError(`status ${answer.status}`);
  throw new NotTaken(`status ${answer.status}`);
}

/** Write down what the server said; returns those of the batch that are not to be sent at once again. */
async function settle(batch, outcomes) {
  const goingOn = new Set();
  await change(["queue"], ({ queue }) => {
    batch.forEach(({ id, row, files }, part) => {
      const found = outcomes[part];
      if (!found) return;
      queue.put(after(row, found));
      if (files.length && found.missing.length && found.missing.length < (row.missing ?? row.files).length) goingOn.add(id);
    });
  });
  await forgetOldest();
  now.sending.clear();
  changed();
  return batch.filter(({ id }) => !goingOn.has(id));
}

function after(entry, { outcome, missing, zh, en }) {
  if (outcome === "refused") return { ...entry, state: "refused", sentence: { zh, en } };
  const here = new Set(entry.files.map((file) => file.name));
  if (missing.some((name) => !here.has(name))) return { ...entry, state: "refused", sentence: PHOTO_LOST };
  if (missing.length) return { ...entry, missing }; // it stays until its files are there as well
  const { secret, ...rest } = entry;
  return { ...rest, state: "arrived", xml: "", files: [], missing: [], sentence: null };
}

async function forgetOldest() {
  const arrived = (await entries()).filter((entry) => entry.state === "arrived");
  const gone = arrived.slice(0, Math.max(0, arrived.length - KEPT_ARRIVED));
  if (gone.length) await change(["queue"], ({ queue }) => gone.forEach((entry) => queue.delete(entry.id)));
}

const waiting = async () => (await entries()).filter((entry) => entry.state === "waiting");

function fitting(rows, most) {
  const batch = [];
  let bytes = 0, files = 0;
  for (const entry of rows) {
    const size = (entry.secret?.data.byteLength ?? entry.xml.length) + entry.files.reduce((sum, file) => sum + file.blob.size, 0);
    if (batch.length && (batch.length >= most || bytes + size > MOST_BYTES || files + entry.files.length > MOST_FILES)) break;
    batch.push(entry);
    bytes += size;
    files += entry.files.length;
  }
  return batch;
}

/** Once more after a pause that grows, with some chance in it: a village's phones come back all at once. */
function later() {
  const pause = PAUSES_S[Math.min(failures, PAUSES_S.length - 1)] * (0.75 + Math.random() / 2);
  clearTimeout(timer);
  timer = setTimeout(send, pause * 1000);
}

/** Send whenever there may be a connection again. */
export function watchConnection() {
  addEventListener("online", send);
  addEventListener("offline", () => ((now.why = "offline"), changed()));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && send());
}
