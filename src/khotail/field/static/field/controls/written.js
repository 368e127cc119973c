// Answers that are typed: text, numbers, days and times; a slider; a box to tick.

import { el, t } from "../page.js";

const PATTERNS = { int: /^-?\d{1,15}$/, decimal: /^-?\d{1,15}(\.\d{0,9})?$/ };

/** An input whose text is the answer. `accepted` says whether the text can be one at all; if not, the answer is empty. */
function typed(node, { left }, element, accepted, complaint, same = (one, other) => one === other) {
  let refused = false;
  const take = () => {
    const value = element.value.trim();
    refused = value !== "" && !accepted(value);
    node.setValue(refused || value === "" ? emptyOf(node) : value);
  };
  element.addEventListener("input", () => {
    take();
    if (refused) left();
  });
  element.addEventListener("change", left);
  const refresh = () => {
    element.readOnly = node.currentState.readonly;
    const value = node.currentState.instanceValue;
    if (!refused && !same(element.value.trim(), value)) element.value = value;
  };
  return { element, refresh, inputs: () => [element], problem: () => (refused ? complaint() : ""), stuck: () => refused };
}

const emptyOf = (node) => (node.valueType === "string" || node.valueType === "barcode" ? "" : null);

export function text(node, around) {
  const numeric = node.appearances?.numbers;
  const rows = node.appearances?.multiline || node.nodeOptions?.rows;
  const element = rows
    ? el("textarea", { id: around.id, rows: node.nodeOptions?.rows ?? 4 })
    : el("input", { id: around.id, type: "text", inputmode: numeric ? "decimal" : "text", autocomplete: "off" });
  return typed(node, around, element, () => true);
}

export function number(node, around) {
  const whole = node.valueType === "int";
  const element = el("input", { id: around.id, type: "text", inputmode: whole ? "numeric" : "decimal", autocomplete: "off" });
  const complaint = () => (whole ? t("Write a whole number in digits.") : t("Write a number in digits, such as 12.5."));
  return typed(node, around, element, (value) => PATTERNS[node.valueType].test(value), complaint, sameNumber);
}

/** The engine writes 12 as 12.0: not to be put under the fingers of whoever goes on typing. */
const sameNumber = (one, other) => one === other || (one !== "" && other !== "" && Number(one) === Number(other));

export const moment = (type) => (node, around) => {
  const element = el("input", { id: around.id, type });
  const control = typed(node, around, element, () => true);
  return { ...control, refresh: () => shownAs(node, element, type) };
};

function shownAs(node, element, type) {
  element.readOnly = node.currentState.readonly;
  const value = node.currentState.instanceValue.slice(0, type === "time" ? 5 : 10);
  if (element.value !== value && document.activeElement !== element) element.value = value;
}

export function dateTime(node, { id, left }) {
  const element = el("input", { id, type: "datetime-local" });
  element.addEventListener("change", () => {
    node.setValue(element.value ? withOffset(element.value) : null);
    left();
  });
  const refresh = () => {
    const value = node.currentState.instanceValue.slice(0, 16);
    if (element.value !== value && document.activeElement !== element) element.value = value;
  };
  return { element, refresh, inputs: () => [element] };
}

/** The moment with the device's offset from UTC, as forms expect it. */
function withOffset(local) {
  const minutes = -new Date(local).getTimezoneOffset();
  const two = (number) => String(Math.trunc(Math.abs(number))).padStart(2, "0");
  return `${local}:00.000${minutes < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
}

export function range(node, { id, left }) {
  const { min, max, step } = node.definition.bounds;
  const input = el("input", { id, type: "range", min: String(min), max: String(max), step: String(step) });
  const said = el("output", { for: id });
  input.addEventListener("change", () => (node.setValue(input.value), left()));
  const refresh = () => {
    const value = node.currentState.instanceValue;
    said.textContent = value || "—";
    if (value && input.value !== value) input.value = value;
  };
  return { element: el("div", { class: "row" }, input, said), refresh, inputs: () => [input] };
}

export function acknowledge(node, { id, left }) {
  const input = el("input", { id, type: "checkbox" });
  input.addEventListener("change", () => (node.setValue(input.checked), left()));
  const refresh = () => (input.checked = Boolean(node.currentState.value));
  return { element: el("span", { class: "choice" }, input), refresh, inputs: () => [input] };
}
