// What the page was served with, and the elements that everything is drawn with.

const given = (id) => JSON.parse(document.getElementById(id).textContent);

export const addresses = given("addresses");
const words = given("words");
let language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";

export const spoken = () => language;

export function speak(chosen) {
  language = chosen.startsWith("zh") ? "zh" : "en";
  document.documentElement.lang = language === "zh" ? "zh-hans" : "en";
}

/** The sentence in the reader's language, with {names} filled in. Its source is English and stands in words.py too. */
export function t(source, values = {}) {
  const text = (language === "zh" && words[source]) || source;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

/** An element. Attributes: `on…` are listeners, `true` stands without a value, null and false are left out. */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "value") made.value = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${addresses.icons}#${name}`);
  svg.append(use);
  return svg;
}

export function show(...content) {
  const main = document.getElementById("main");
  main.replaceChildren(...content.flat().filter(Boolean));
}

/** Say something for a few seconds, aloud to whoever listens to the page. */
export function tell(sentence) {
  const told = document.getElementById("told");
  told.textContent = sentence;
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => (told.textContent = ""), 6000);
}

/** A number of one's own that nothing else has, also where the page came without encryption. */
export const newId = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
