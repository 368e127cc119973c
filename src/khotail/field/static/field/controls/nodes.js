// From the engine's nodes to elements: groups, repeats, and the question around each control.
//
// A drawn node is {element, refresh(), checkAll()}: refresh shows what the engine says now; checkAll shows every problem
// and returns the elements of the questions that have one.

import { el, t } from "../page.js";
import { controlFor } from "./controls.js";
import { formatted } from "./texts.js";

export function childrenOf(parent, filling) {
  const element = el("div", { class: "stack" });
  const drawn = new Map();
  const refresh = () => {
    const nodes = parent.currentState.children;
    const ids = new Set(nodes.map((node) => node.nodeId));
    for (const [id, each] of drawn) if (!ids.has(id)) (each.element.remove(), drawn.delete(id));
    for (const node of nodes) {
      if (!drawn.has(node.nodeId)) {
        const made = draw(node, filling);
        if (!made) continue;
        drawn.set(node.nodeId, made);
        element.append(made.element);
      }
      drawn.get(node.nodeId).refresh();
    }
  };
  return { element, refresh, checkAll: () => [...drawn.values()].flatMap((each) => each.checkAll()) };
}

function draw(node, filling) {
  if (node.nodeType === "model-value") return null; // worked out or given; nobody answers it
  if (node.nodeType === "group") return group(node, filling);
  if (node.nodeType.startsWith("repeat-range")) return repeat(node, filling);
  if (node.nodeType === "repeat-instance") return repeated(node, filling);
  if (node.nodeType === "note") return note(node);
  return question(node, filling);
}

function group(node, filling) {
  const content = childrenOf(node, filling);
  const legend = el("legend", {});
  const element = el("fieldset", { class: "part" }, legend, content.element);
  const refresh = () => {
    const { relevant, hasRelevantBodyNodes, label } = node.currentState;
    element.hidden = !relevant || hasRelevantBodyNodes === false;
    element.classList.toggle("plain", !label);
    legend.hidden = !label;
    formatted(legend, label);
    content.refresh();
  };
  return { element, refresh, checkAll: () => (element.hidden ? [] : content.checkAll()) };
}

function repeat(node, filling) {
  const content = childrenOf(node, filling);
  const heading = el("h2", {});
  const add = node.nodeType === "repeat-range:uncontrolled" &&
    el("button", { class: "button button-quiet wide", type: "button", onclick: () => node.addInstances() });
  const element = el("section", { class: "stack repeat" }, heading, content.element, add);
  const refresh = () => {
    const label = node.currentState.label;
    element.hidden = !node.currentState.relevant;
    formatted(heading, label);
    if (add) add.textContent = `+ ${t("Add")}${label ? ` · ${label.asString}` : ""}`;
    content.refresh();
  };
  return { element, refresh, checkAll: () => (element.hidden ? [] : content.checkAll()) };
}

function repeated(node, filling) {
  const content = childrenOf(node, filling);
  const range = node.parent;
  const place = () => range.currentState.children.findIndex((each) => each.nodeId === node.nodeId);
  const title = el("legend", {});
  const remove = range.nodeType === "repeat-range:uncontrolled" &&
    el("button", { class: "button button-danger button-small", type: "button", onclick: () => range.removeInstances(place()) });
  const element = el("fieldset", { class: "part" }, title, content.element, remove);
  const refresh = () => {
    element.hidden = !node.currentState.relevant;
    title.textContent = String(place() + 1);
    if (remove) remove.textContent = `${t("Remove")} ${place() + 1}`;
    content.refresh();
  };
  return { element, refresh, checkAll: () => (element.hidden ? [] : content.checkAll()) };
}

function note(node) {
  const text = el("div", {}), hint = el("p", { class: "helptext" });
  const element = el("div", { class: "notice" }, text, hint);
  const refresh = () => {
    const { relevant, label, hint: said } = node.currentState;
    element.hidden = !relevant;
    formatted(text, label);
    hint.hidden = !said;
    formatted(hint, said);
  };
  return { element, refresh, checkAll: () => [] };
}

let last = 0;

/** One question: label, hint, control, and the sentence that says what is wrong. */
function question(node, filling) {
  const id = `q${(last += 1)}`;
  const problem = el("p", { class: "errorlist", id: `${id}-problem`, role: "alert", hidden: true });
  const hint = el("p", { class: "helptext", id: `${id}-hint` });
  const label = el("span", {}), needed = el("span", { class: "needed" });
  let shown = false;
  const control = controlFor(node, filling, { id, left: () => ((shown = true), refresh()) });
  const caption = control.many
    ? el("legend", { id: `${id}-label` }, label, " ", needed)
    : el("label", { id: `${id}-label`, for: id }, label, " ", needed);
  const element = el(control.many ? "fieldset" : "div", { class: "field", "data-reference": node.currentState.reference },
    caption, hint, control.element, problem);
  const refresh = () => {
    const state = node.currentState;
    element.hidden = !state.relevant;
    if (element.hidden) return;
    formatted(label, state.label, state.reference.split("/").pop());
    needed.textContent = state.required ? t("(needed)") : "";
    hint.hidden = !state.hint;
    formatted(hint, state.hint);
    control.refresh();
    const sentence = control.problem?.() || (shown ? sentenceOf(node) : "");
    problem.hidden = !sentence;
    if (problem.textContent !== sentence) problem.textContent = sentence;
    const described = [state.hint && hint.id, sentence && problem.id].filter(Boolean).join(" ");
    for (const input of control.inputs?.() ?? []) {
      if (described) input.setAttribute("aria-describedby", described);
      else input.removeAttribute("aria-describedby");
      if (input.type !== "radio" && input.type !== "checkbox") input.setAttribute("aria-invalid", String(Boolean(sentence)));
    }
  };
  const checkAll = () => {
    if (element.hidden) return [];
    shown = true;
    refresh();
    return sentenceOf(node) || control.stuck?.() ? [element] : [];
  };
  return { element, refresh, checkAll };
}

function sentenceOf(node) {
  const violation = node.validationState.violation;
  if (!violation) return "";
  return violation.message?.asString || (violation.condition === "required" ? t("Please answer this.") : t("This answer is not possible."));
}
