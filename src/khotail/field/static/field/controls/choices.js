// Answers that are chosen: one, several, or an order.

import { el, t } from "../page.js";
import { formatted } from "./texts.js";

/** More choices than these are a list to unfold: nobody scrolls past thirty buttons at a door. */
const MOST_BUTTONS = 15;

export function oneOf(node, around) {
  const unfolded = node.appearances.minimal || node.currentState.valueOptions.length > MOST_BUTTONS;
  return unfolded ? list(node, around) : buttons(node, around, "radio");
}

export const manyOf = (node, around) => buttons(node, around, "checkbox");

function buttons(node, { id, left }, type) {
  const element = el("div", { class: "choices" });
  let drawn = [], values = "";
  const choose = (value, input) => {
    if (type === "radio") node.selectValue(value);
    else node.selectValues(input.checked ? [...node.currentState.value, value] : node.currentState.value.filter((each) => each !== value));
    left();
  };
  const draw = (options) => {
    drawn = options.map((option) => {
      const input = el("input", { type, name: id, value: option.value });
      input.addEventListener("change", () => choose(option.value, input));
      const label = el("span", {});
      element.append(el("label", { class: "choice" }, input, label));
      return { option, input, label };
    });
  };
  const refresh = () => {
    const options = node.currentState.valueOptions;
    const now = options.map((option) => option.value).join("\n");
    if (now !== values) (element.replaceChildren(), draw(options), (values = now));
    drawn.forEach((each, place) => {
      formatted(each.label, options[place].label, each.option.value);
      each.input.checked = node.currentState.value.includes(each.option.value);
      each.input.disabled = node.currentState.readonly;
    });
  };
  return { element, refresh, many: true, inputs: () => drawn.map((each) => each.input) };
}

function list(node, { id, left }) {
  const element = el("select", { id });
  element.addEventListener("change", () => (node.selectValue(element.value || null), left()));
  let shown = "";
  const refresh = () => {
    const options = node.currentState.valueOptions;
    const now = options.map((option) => `${option.value}\t${option.label.asString}`).join("\n");
    if (now !== shown) {
      element.replaceChildren(el("option", { value: "" }, t("Choose …")), ...options.map((each) => el("option", { value: each.value }, each.label.asString)));
      shown = now;
    }
    element.value = node.currentState.value[0] ?? "";
    element.disabled = node.currentState.readonly;
  };
  return { element, refresh, inputs: () => [element] };
}

export function rank(node, { left }) {
  const element = el("ol", { class: "rank" });
  const ordered = () => (node.currentState.value.length ? [...node.currentState.value] : node.currentState.valueOptions.map((each) => each.value));
  const move = (place) => {
    const order = ordered();
    [order[place - 1], order[place]] = [order[place], order[place - 1]];
    node.setValues(order);
    left();
  };
  let shown = "";
  const refresh = () => {
    const rows = ordered().map((value) => node.getValueLabel(value)?.asString ?? value);
    const now = rows.join("\n");
    if (now === shown) return;
    shown = now;
    element.replaceChildren(
      ...rows.map((label, place) => el("li", {}, el("span", {}, label),
        place > 0 && el("button", { class: "button button-quiet", type: "button", "aria-label": t("Move up: {label}", { label }), onclick: () => move(place) }, "↑"))),
    );
  };
  return { element, refresh, many: true };
}
