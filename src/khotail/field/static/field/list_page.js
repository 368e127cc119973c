// The list: households to visit, drafts, and a visit to any other household.

import { draftsOf, newDraft } from "./filling.js";
import { el, show, spoken, t } from "./page.js";
import { entries, now } from "./queue.js";
import { chip, connection } from "./standing.js";
import { all, known, put, remove } from "./store.js";
import { offeredForms } from "./work.js";

/** More than these and the list gets a field to search in. */
const MANY = 8;
let sought = "";

export async function listPage() {
  const officer = await known("officer");
  if (!officer) return show(el("h1", {}, t("Visits")), connection(now.why || "sign-in"));
  const [work, drafts, sent, forms] = await Promise.all([all("work"), draftsOf(officer), entries(), offeredForms()]);
  work.sort((a, b) => a.due.localeCompare(b.due) || a.id - b.id);
  const byForm = new Map(forms.map((form) => [form.form, form]));
  const doing = new Map(drafts.map((draft) => [draft.assignment, draft]));
  const done = new Map(sent.map((entry) => [entry.assignment, entry]));
  const open = work.filter((each) => byForm.has(each.form));
  const rows = el("ul", { class: "visits" });
  const draw = () => rows.replaceChildren(...open.filter(fits).map((each) => household(each, byForm.get(each.form), doing.get(each.id), done.get(each.id))));
  draw();
  const search = open.length > MANY &&
    el("label", { class: "field" }, t("Search by number, name or village"),
      el("input", { type: "search", value: sought, oninput: (event) => ((sought = event.target.value.trim()), draw()) }));
  const others = drafts.filter((draft) => !open.some((each) => each.id === draft.assignment));
  show(
    el("h1", {}, t("Visits")),
    connection(now.why),
    others.length > 0 && el("section", { class: "stack" }, el("h2", {}, t("Begun")), el("ul", { class: "visits" }, others.map((draft) => begun(draft)))),
    el("section", { class: "stack" }, el("h2", {}, t("Households to visit ({number})", { number: open.length })), search,
      open.length ? rows : el("p", { class: "empty" }, t("No visit is planned for you."))),
    another(forms),
  );
}

const fits = ({ number, head, village }) => [number, head, village].some((each) => each.toLowerCase().includes(sought.toLowerCase()));

const titleIn = (title) => (spoken() === "zh" ? title.zh : title.en);

function household(each, form, draft, entry) {
  const state = entry ? chip(entry) : draft ? el("span", { class: "chip chip-medium" }, t("begun")) : null;
  return el("li", {}, el("button", { class: "visit-line", type: "button", onclick: () => (entry ? (location.hash = "#/queue") : openVisit(form, each, draft)) },
    el("span", { class: "visit-first" }, el("strong", {}, `${each.head} · ${each.number}`), state),
    el("span", { class: "muted" }, [titleIn(form.title), each.village, t("by {day}", { day: each.due })].join(" · "))));
}

function begun(draft) {
  return el("li", { class: "row" },
    el("a", { class: "visit-line", href: `#/visit/${draft.id}` }, el("strong", {}, [draft.head, draft.number].filter(Boolean).join(" · ") || t("Household not named yet")),
      el("span", { class: "muted" }, titleIn(draft.title))),
    el("button", { class: "button button-danger button-small", type: "button", onclick: () => discard(draft) }, t("Discard")));
}

async function discard(draft) {
  if (!confirm(t("Discard this visit? What was filled in is lost."))) return;
  await remove("drafts", draft.id);
  await listPage();
}

function another(forms) {
  const buttons = forms.map((form) => el("button", { class: "button button-quiet wide", type: "button", onclick: () => openVisit(form, null) }, titleIn(form.title)));
  return el("details", { class: "card" }, el("summary", {}, t("Visit another household")), el("div", { class: "stack" }, buttons));
}

async function openVisit(form, assignment, draft = null) {
  const begun = draft ?? (await newDraft(form, assignment));
  if (!draft) await put("drafts", begun);
  location.hash = `#/visit/${begun.id}`;
}
