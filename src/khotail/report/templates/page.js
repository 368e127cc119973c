"use strict";
(() => {
  const root = document.documentElement;
  const FIRST_ROWS = 100;
  let unpacked;

  function speak(language) {
    root.dataset.language = language;
    root.lang = language === "zh" ? "zh-CN" : "en";
    for (const button of document.querySelectorAll(".switch button")) {
      button.setAttribute("aria-pressed", String(button.dataset.to === language));
    }
  }
  for (const button of document.querySelectorAll(".switch button")) {
    button.addEventListener("click", () => speak(button.dataset.to));
  }

  // The lists are packed: base64, gzip, JSON. They are unpacked once, when the first village is opened.
  function lists() {
    unpacked ??= (async () => {
      const packed = Uint8Array.from(atob(document.getElementById("packed-lists").textContent), (c) => c.charCodeAt(0));
      const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
      return new Response(stream).json();
    })();
    return unpacked;
  }

  function element(name, className, ...children) {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...children);
    return made;
  }

  function both(zh, en) {
    const spans = [element("span", "", zh), element("span", "", en)];
    spans[0].lang = "zh-CN";
    spans[1].lang = "en";
    return spans;
  }

  function filled(pattern, figures) {
    const parts = pattern.split("\u0001");
    const values = figures ? figures.split("|") : [];
    return parts.map((part, place) => part + (place < parts.length - 1 ? values[place] : "")).join("");
  }

  function kindOf({ kind, label: [zh, en] }) {
    return kind === "signal" ? both(`预警 · ${zh}`, `Warning · ${en}`) : both(`数据 · ${zh}`, `Data · ${en}`);
  }

  // The same reason given for several members is shown once, with how often.
  function counted(rows) {
    const seen = new Map();
    for (const row of rows) {
      const key = JSON.stringify(row);
      seen.set(key, { row, times: (seen.get(key)?.times || 0) + 1 });
    }
    return [...seen.values()];
  }

  function household([number, rows], data) {
    const reasons = counted(rows).map(({ row: [rule, pattern, zhFigures, enFigures = zhFigures], times }) => {
      const about = data.rules[rule];
      const [zh, en] = data.patterns[pattern];
      const item = element("li", "", ...both(filled(zh, zhFigures), filled(en, enFigures)));
      if (about.label) item.prepend(element("span", `tag severity-${about.severity}`, ...kindOf(about)), " ");
      const code = element("code", "", about.id);
      if (about.name) code.title = root.dataset.language === "zh" ? about.name[0] : about.name[1];
      if (times > 1) item.append(` × ${times}`);
      item.append(" ", code);
      return item;
    });
    const title = number ? [number] : both("关于本村", "About the village");
    const made = element("div", "household", element("h4", "", ...title), element("ul", "", ...reasons));
    made.dataset.household = number;
    return made;
  }

  async function fill(village) {
    const box = village.querySelector(":scope > .households");
    if (!box || box.dataset.filled) return;
    box.dataset.filled = "yes";
    let data;
    try {
      data = await lists();
    } catch (problem) {
      box.append(...both("此浏览器版本过旧，无法展开名单，请换用较新的浏览器。", "This browser is too old to show the list; please use a newer one."));
      return;
    }
    const homes = data.villages[village.dataset.village] || [];
    if (!homes.length) box.append(element("p", "note", ...both("没有预警和数据问题。", "Nothing to show here.")));
    more(box, homes, data, 0);
  }

  function more(box, homes, data, from) {
    box.append(...homes.slice(from, from + FIRST_ROWS).map((home) => household(home, data)));
    const left = homes.length - from - FIRST_ROWS;
    if (left <= 0) return;
    const button = element("button", "more-rows", ...both(`再显示（还有 ${left} 户）`, `Show more (${left} households left)`));
    button.type = "button";
    button.addEventListener("click", () => {
      button.remove();
      more(box, homes, data, from + FIRST_ROWS);
    });
    box.append(button);
  }

  document.addEventListener("toggle", (event) => {
    if (event.target.open && event.target.dataset.village !== undefined) fill(event.target);
  }, true);

  async function open(place) {
    for (let each = place; each; each = each.parentElement.closest("details")) each.open = true;
    if (place.dataset.village !== undefined) await fill(place);
  }

  // A tile's link opens its place too.
  async function follow() {
    const place = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (place && place.matches("details")) {
      await open(place);
      place.scrollIntoView();
    }
  }
  addEventListener("hashchange", follow);
  follow();

  const search = document.querySelector(".search");
  search.addEventListener("submit", async (event) => {
    event.preventDefault();
    const status = search.querySelector("[role=status]");
    const wanted = search.elements.household.value.trim();
    status.replaceChildren();
    if (!wanted) return;
    const data = await lists();
    for (const [code, homes] of Object.entries(data.villages)) {
      const at = homes.findIndex(([number]) => number === wanted);
      const place = at >= 0 && document.querySelector(`[data-village="${CSS.escape(code)}"]`);
      if (!place) continue;
      await open(place);
      const box = place.querySelector(":scope > .households");
      for (let button; !find(box, wanted) && (button = box.querySelector(".more-rows")); ) button.click();
      const found = find(box, wanted);
      found.classList.add("found");
      found.tabIndex = -1;
      found.focus();
      return;
    }
    status.append(...both("没有找到：该户没有预警或数据问题，或不在本报告范围内。", "Not found: the household has no warning or problem, or is outside this report."));
  });

  function find(box, number) {
    return box.querySelector(`[data-household="${CSS.escape(number)}"]`);
  }
})();
