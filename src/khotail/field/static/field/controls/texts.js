// Labels as the form words them: the engine reads their Markdown; only harmless elements are made of it.

import { el } from "../page.js";

const ALLOWED = new Set(["em", "strong", "u", "span", "p", "ul", "ol", "li", "br", "div"]);

/** Fill an element with a label, unless it shows it already. */
export function formatted(element, label, instead = "") {
  const text = label?.asString ?? instead;
  if (element.shownText === text) return;
  element.shownText = text;
  element.replaceChildren(...(label ? label.formatted.map(made) : [instead]));
}

function made(node) {
  if (node.role === "line-break") return el("br");
  if (node.role === "html") return document.createTextNode(node.unsafeHtml.replace(/<[^>]*>/g, ""));
  if (node.role === "child") return document.createTextNode(node.value);
  const name = node.elementName === "p" ? "span" : node.elementName;
  return el(ALLOWED.has(name) ? name : "span", {}, node.children.map(made));
}
