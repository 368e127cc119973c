// The page of one form: its questions, what is wrong with the answers, and the button that finishes it.

import { childrenOf } from "./controls/nodes.js";
import { Filling } from "./filling.js";
import { el, icon, show, t, tell } from "./page.js";
import { queueUp } from "./queue.js";
import { opened as unsealed } from "./sealed.js";
import { one, remove } from "./store.js";

let filling = null;

/** Leave the form that is open, with everything saved. */
export async function leaveForm() {
  const left = filling;
  filling = null;
  if (left && !left.finished) await left.save();
}

/** Save the form that is open and stay in it: the device may put the page to sleep. */
export async function saveForm() {
  if (filling && !filling.finished) await filling.save();
}

export async function formPage(draftId) {
  const draft = await unsealed(await one("drafts", draftId)).catch(() => null);
  if (!draft) return void (location.hash = "#/");
  let content = null;
  filling = await Filling.open(draft, () => content?.refresh());
  if (!filling) return show(el("h1", {}, t("The form is not here")), el("p", { class: "problem" }, t("This form is not on the device. Connect once, then open it again.")));
  performance.mark("form-ready");
  const opened = filling;
  content = childrenOf(opened.root, opened);
  const state = el("p", { class: "muted saved", role: "status" });
  opened.onSaved = (error) => (state.textContent = error ? t("Not saved: there is no room on this device. Delete something else first.") : t("Saved on this device"));
  show(
    el("a", { class: "button button-quiet button-small", href: "#/" }, t("Back to the list")),
    el("h1", {}, titleOf(opened)),
    el("p", { class: "muted" }, [draft.number, draft.head].filter(Boolean).join(" · ")),
    languages(opened),
    el("form", { class: "form visit", novalidate: true, onsubmit: (event) => finish(event, opened, content) },
      content.element,
      el("p", { class: "problem", id: "left", hidden: true }),
      el("div", { class: "form-actions wide" },
        el("button", { class: "button", id: "finish" }, icon("check"), t("Finish and send")),
        el("button", { class: "button button-danger", type: "button", onclick: () => discard(opened) }, t("Discard")))),
    state,
  );
  content.refresh();
  performance.mark("form-shown");
}

const titleOf = ({ about }) => (document.documentElement.lang.startsWith("zh") ? about.title.zh : about.title.en);

function languages(opened) {
  const offered = opened.root.languages.filter((each) => each.language);
  if (offered.length < 2) return null;
  const active = opened.root.currentState.activeLanguage.language;
  const choices = offered.map(({ language }) => el("option", { value: language, selected: language === active }, nameOf(language)));
  return el("label", { class: "field languages" }, t("Language of the form"),
    el("select", { onchange: (event) => opened.setLanguage(event.target.value) }, choices));
}

/** A language without the code that forms write after it: 中文 for 中文 (zh). */
const nameOf = (language) => language.replace(/\s*\([\w-]+\)$/, "");

async function finish(event, opened, content) {
  event.preventDefault();
  const wrong = content.checkAll();
  const left = document.getElementById("left");
  left.hidden = !wrong.length && !opened.violations().length;
  if (!left.hidden) {
    left.textContent = t("{number} answers are missing or not right yet; each says so itself.", { number: Math.max(wrong.length, opened.violations().length) });
    (wrong[0] ?? left).scrollIntoView({ block: "center" });
    wrong[0]?.querySelector("input, select, textarea, button, canvas")?.focus({ preventScroll: true });
    return;
  }
  document.getElementById("finish").disabled = true;
  const { xml, files, instanceId } = await opened.finish();
  await queueUp(opened.draft, xml, files, instanceId);
  filling = null;
  tell(t("Kept on this device. It is sent as soon as there is a connection."));
  location.hash = "#/queue";
}

async function discard(opened) {
  if (!confirm(t("Discard this visit? What was filled in is lost."))) return;
  opened.finished = true;
  await opened.saving.catch(() => null);
  await remove("drafts", opened.draft.id);
  filling = null;
  location.hash = "#/";
}
