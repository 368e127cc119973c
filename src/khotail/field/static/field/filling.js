// One form being filled in: the engine's instance of it, saved to the device at every change.

import { addresses, newId, spoken } from "./page.js";
import { sealed } from "./sealed.js";
import { all, known, one, put } from "./store.js";

const SAVE_AFTER_MS = 250;
const INSTANCE = "xml_submission_file"; // the engine's name of the file that holds the answers
const HOUSEHOLDS = "/households.csv";
let engine, opening = Promise.resolve();

/** The engine is large: fetched and compiled once, beforehand when there is time for it. */
export const loadEngine = () => (engine ??= import(addresses.engine));

const reading = new Map(); // forms by digest, or their promises: none is read twice

function formOf(digest) {
  if (!reading.has(digest)) {
    const form = readForm(digest);
    reading.set(digest, form);
    const again = () => reading.delete(digest);
    form.then((found) => (found && !found.changes) || again(), again);
  }
  return reading.get(digest);
}

async function readForm(digest) {
  const [{ loadForm }, kept] = await Promise.all([loadEngine(), one("forms", digest)]);
  if (!kept) return null;
  const result = await loadForm(kept.xform, { missingResourceBehavior: "BLANK", fetchFormAttachment: attachment });
  if (result.status === "failure") throw result.error;
  return { result, about: kept, changes: kept.xform.includes(HOUSEHOLDS) }; // the list may be another next time
}

/** Read forms while nobody waits, and make one of each once: the first time takes several times as long as the next. */
export async function warmUp(forms) {
  for (const form of forms) {
    await new Promise((idle) => (window.requestIdleCallback ?? setTimeout)(idle));
    await opening.catch(() => null); // whoever waits for a form comes first
    const read = await formOf(form.digest).catch(() => null);
    await read?.result.createInstance({ stateFactory: (state) => state });
  }
}

/** The only file that a form can ask for: the visits still to make, from the list on the device. */
async function attachment(address) {
  if (!String(address).endsWith(HOUSEHOLDS)) return new Response("", { status: 404 });
  const rows = (await all("work")).sort((a, b) => a.due.localeCompare(b.due) || a.id - b.id);
  const once = new Map(rows.reverse().map((row) => [row.number, [row.number, `${row.head} ${row.number}`, row.village, row.due]]));
  const lines = [["name", "label", "village", "due"], ...[...once.values()].reverse()];
  const written = lines.map((line) => line.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(",")).join("\r\n");
  return new Response(written, { headers: { "Content-Type": "text/csv" } });
}

/** Begin a visit with a form, for a household of the list or (assignment null) for one that is typed in. */
export async function newDraft(form, assignment) {
  const officer = await known("officer");
  return {
    id: newId(), officer: officer.id, digest: form.digest, form: form.form, title: form.title,
    assignment: assignment?.id ?? null, number: assignment?.number ?? "", head: assignment?.head ?? "",
    prefill: assignment?.prefill ?? {}, xml: null, files: [],
  };
}

export class Filling {
  /** Open a draft. Returns null when its form is not on this device. `changed` is called after every change. */
  static open(draft, changed) {
    return (opening = Filling.#opened(draft, changed));
  }

  static async #opened(draft, changed) {
    const form = await formOf(draft.digest);
    if (!form) return null;
    const filling = new Filling(draft, form.about, changed);
    await filling.#begin(form.result);
    return filling;
  }

  constructor(draft, about, changed) {
    Object.assign(this, { draft, about, changed, asked: false, saving: Promise.resolve() });
  }

  async #begin(result) {
    const config = {
      stateFactory: (state) => this.#watched(state),
      instanceAttachments: { fileNameFactory: ({ extension }) => `${newId()}${extension ?? ""}` },
    };
    const { xml, files } = this.draft;
    const instance = xml
      ? await result.restoreInstance({ data: [savedData(xml, files)] }, config)
      : await result.createInstance(config);
    this.root = instance.root;
    this.setLanguage();
    if (!xml) {
      withoutEmptyRepeats(this.root);
      this.#prefill();
    }
    this.ready = true;
    if (!xml) await this.save();
  }

  /** The engine writes what changes into these objects; one look at the whole page follows many such writes. */
  #watched(state) {
    return new Proxy(state, {
      set: (target, key, value) => {
        target[key] = value;
        this.#touched();
        return true;
      },
    });
  }

  #touched() {
    if (this.asked || !this.ready) return;
    this.asked = true;
    queueMicrotask(() => {
      this.asked = false;
      this.changed();
    });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save().catch((error) => this.onSaved?.(error)), SAVE_AFTER_MS);
  }

  #prefill() {
    const today = localToday();
    for (const node of leaves(this.root)) {
      const path = node.currentState.reference;
      if (path in this.draft.prefill) give(node, this.draft.prefill[path]);
      else if (path.endsWith("/visited_on") && !node.currentState.instanceValue) node.setValue(today);
    }
  }

  /** Points of a way, as far as they were taken: the engine keeps a way only once it is whole. */
  pointsOf(reference) {
    return this.draft.points?.[reference];
  }

  keepPoints(reference, points) {
    this.draft = { ...this.draft, points: { ...this.draft.points, [reference]: points } };
    this.#touched();
  }

  /** Whether the system filled this question in, so that it is not to be changed. */
  isGiven(node) {
    return node.currentState.reference in this.draft.prefill;
  }

  setLanguage(name) {
    const wanted = name ?? languageFor(this.root.languages);
    const found = this.root.languages.find((each) => each.language === wanted);
    if (found?.language) this.root.setLanguage(found);
  }

  /** Save to the device, one after the other; resolves when it lies there. */
  save() {
    clearTimeout(this.timer);
    this.saving = this.saving.catch(() => null).then(async () => {
      if (this.finished) return;
      const files = this.#files();
      const number = valueOf(this.root, this.about.household) || this.draft.number;
      this.draft = { ...this.draft, number, xml: this.root.instanceState.instanceXML, files };
      const stored = await sealed(this.draft);
      if (this.finished) return;
      await put("drafts", stored);
      this.onSaved?.(null);
    });
    return this.saving;
  }

  #files() {
    const uploads = [...leaves(this.root)].filter((node) => node.nodeType === "upload" && node.currentState.value);
    return uploads.map((node) => ({ name: node.currentState.instanceValue, blob: node.currentState.value }));
  }

  /** What is still wrong: [{nodeId}]. */
  violations() {
    return [...this.root.validationState.violations];
  }

  /** The XML to be sent, its files and its number. Nothing is saved as a draft any more after this. */
  async finish() {
    const payload = await this.root.prepareInstancePayload({ payloadType: "monolithic" });
    const [data] = payload.data;
    const xml = await data.get(INSTANCE).text();
    const files = [...data.entries()].filter(([name]) => name !== INSTANCE).map(([name, blob]) => ({ name, blob }));
    await this.saving.catch(() => null);
    this.finished = true;
    clearTimeout(this.timer);
    return { xml, files, instanceId: instanceIdOf(xml) };
  }
}

function savedData(xml, files) {
  const data = new FormData();
  data.set(INSTANCE, new File([xml], INSTANCE, { type: "text/xml" }));
  for (const { name, blob } of files) data.set(name, new File([blob], name, { type: blob.type }));
  return data;
}

const give = (node, value) => (node.nodeType === "select" ? node.selectValue(value) : node.setValue(value));

/** Every question of the form, in order. */
export function* leaves(node) {
  if (node.currentState.children) for (const child of node.currentState.children) yield* leaves(child);
  else yield node;
}

/** A form begins with one empty row of each repeat, as if there were something to say; rows are added where there is. */
function withoutEmptyRepeats(node) {
  for (const child of node.currentState.children ?? []) {
    if (child.nodeType === "repeat-range:uncontrolled") child.removeInstances(0, child.currentState.children.length);
    else withoutEmptyRepeats(child);
  }
}

function valueOf(root, path) {
  for (const node of leaves(root)) if (node.currentState.reference === path) return node.currentState.instanceValue;
  return "";
}

export function instanceIdOf(xml) {
  const parsed = new DOMParser().parseFromString(xml, "text/xml");
  return parsed.getElementsByTagNameNS("*", "instanceID")[0]?.textContent ?? "";
}

function languageFor(languages) {
  const fits = ({ language, locale }) => locale?.language === spoken() || language.includes(`(${spoken()})`);
  return (languages.find(fits) ?? languages.find((each) => each.isDefault) ?? languages[0]).language;
}

/** Today where the device is, as its clock says. */
function localToday() {
  const now = new Date();
  const two = (number) => String(number).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

export const draftsOf = async (officer) => (await all("drafts")).filter((draft) => draft.officer === officer?.id);
