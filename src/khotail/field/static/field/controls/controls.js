// Which control a question gets. A control is {element, refresh(), problem?(), stuck?(), inputs?(), many?}.
//
// problem is a sentence to show; stuck says that the form cannot be finished with it. many says that the control consists
// of several inputs, so that its label is a legend. `left` is to be called when an answer was
// given or the control was left: from then on the question shows what is wrong.

import { el, t } from "../page.js";
import { manyOf, oneOf, rank } from "./choices.js";
import { file, picture } from "./pictures.js";
import { place } from "./place.js";
import { signature } from "./signature.js";
import { way } from "./way.js";
import { acknowledge, dateTime, moment, number, range, text } from "./written.js";

const BY_VALUE_TYPE = {
  string: text, barcode: text, int: number, decimal: number, date: moment("date"), time: moment("time"), dateTime,
  geopoint: place, geotrace: way("geotrace"), geoshape: way("geoshape"),
};
const DRAWN = ["signature", "draw", "annotate"];

export function controlFor(node, filling, around) {
  if (filling.isGiven(node)) return given(node, around);
  if (node.nodeType === "select") return node.selectType === "select" ? manyOf(node, around) : oneOf(node, around);
  if (node.nodeType === "rank") return rank(node, around);
  if (node.nodeType === "range") return range(node, around);
  if (node.nodeType === "trigger") return acknowledge(node, around);
  if (node.nodeType === "upload") return upload(node, around);
  return (BY_VALUE_TYPE[node.valueType] ?? unsupported)(node, around, filling);
}

function upload(node, around) {
  if (node.nodeOptions.media.type !== "image") return file(node, around);
  return DRAWN.some((name) => node.appearances[name]) ? signature(node, around) : picture(node, around);
}

/** What the system filled in: shown, not asked. */
function given(node, { id }) {
  const element = el("output", { id, class: "given" });
  return { element, refresh: () => (element.textContent = node.currentState.instanceValue) };
}

function unsupported() {
  return { element: el("p", { class: "notice" }, t("This kind of question cannot be answered here yet; leave it out.")), refresh() {} };
}
