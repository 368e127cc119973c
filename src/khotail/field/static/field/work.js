// The list that an officer takes along: fetched whenever there is a connection, kept for when there is none.

import { clearDevice } from "./clearing.js";
import { addresses, speak } from "./page.js";
import { all, change, know, known } from "./store.js";

/** The server answered that nobody (or somebody without visits) is signed in. */
export class SignInFirst extends Error {}

/** Fetch who is signed in, their forms and households. Throws SignInFirst, or TypeError without a connection. */
export async function fetchWork() {
  const have = (await all("forms")).map((form) => form.digest);
  const answer = await fetch(`${addresses.work}?have=${have.join(",")}`, { redirect: "manual", cache: "no-store" });
  if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) throw new SignInFirst();
  if (!answer.ok) throw new TypeError(`status ${answer.status}`);
  const work = await answer.json();
  await keep(work);
  return work;
}

async function keep(work) {
  const before = await known("officer");
  if (before && before.id !== work.officer.id) await clearDevice();
  const needed = new Set(work.forms.map((form) => form.digest));
  for (const draft of await all("drafts")) needed.add(draft.digest);
  for (const entry of await all("queue")) needed.add(entry.digest);
  const unused = (await all("forms")).map((form) => form.digest).filter((digest) => !needed.has(digest));
  const offered = work.forms.map((form) => form.digest);
  await change(["about", "work", "forms"], (stores) => {
    stores.about.put({ key: "officer", value: work.officer });
    stores.about.put({ key: "token", value: work.token });
    stores.about.put({ key: "offered", value: offered });
    stores.work.clear();
    for (const each of work.assignments) stores.work.put(each);
    for (const form of work.forms) if (form.xform) stores.forms.put(form);
    unused.forEach((digest) => stores.forms.delete(digest));
  });
  localStorage.setItem("khotail-visits", "1"); // the desk's sign-out looks here whether there is something to clear
  if (!(await known("language"))) speak(work.officer.language || document.documentElement.lang);
}

export async function chooseLanguage(language) {
  speak(language);
  await know("language", language);
}

/** The forms that are offered, newest version of each. */
export async function offeredForms() {
  const offered = (await known("offered")) || [];
  const forms = new Map((await all("forms")).map((form) => [form.digest, form]));
  return offered.map((digest) => forms.get(digest)).filter(Boolean);
}

/** The same, those of the list first. */
export async function formsToExpect() {
  const planned = new Set((await all("work")).map((each) => each.form));
  return (await offeredForms()).sort((a, b) => planned.has(b.form) - planned.has(a.form));
}
