// Draws every <div data-chart="ID"> from <script type="application/json" id="ID">. The table below it says the same.
"use strict";

(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const drawn = [];
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const DASHES = ["solid", "dashed", "dotted", [8, 3, 2, 3], [2, 4]];

  function options(data) {
    const ink = colour("--soft"), line = colour("--line");
    const palette = [1, 2, 3, 4, 5].map((place) => colour(`--chart-${place}`));
    const axis = { axisLabel: { color: ink }, axisLine: { lineStyle: { color: line } }, axisTick: { show: false } };
    return {
      animation: false,
      color: palette,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { left: 4, right: 24, top: 12, bottom: 4, containLabel: true },
      tooltip: {
        trigger: "axis", confine: true, backgroundColor: colour("--card"), borderColor: line,
        textStyle: { color: colour("--ink") },
        valueFormatter: (value) => (value == null ? "—" : value.toLocaleString() + (data.unit ? ` ${data.unit}` : "")),
      },
      xAxis: { type: "category", data: data.labels, boundaryGap: data.kind !== "line", ...axis },
      yAxis: { type: "value", minInterval: 1, splitLine: { lineStyle: { color: line } }, ...axis },
      series: data.series.map((series, place) => ({
        name: series.name,
        type: data.kind === "line" ? "line" : "bar",
        stack: data.kind === "stacked" ? "all" : undefined,
        data: series.values,
        barMaxWidth: 28,
        symbol: ["circle", "rect", "triangle", "diamond", "pin"][place % 5],
        symbolSize: 7,
        lineStyle: { width: 2.5, type: DASHES[place % DASHES.length] },
      })),
    };
  }

  function legend(figure, data) {
    const list = figure.querySelector(".legend");
    if (!list || data.series.length < 2) return;
    list.replaceChildren(...data.series.map((series, place) => {
      const item = document.createElement("li"), swatch = document.createElement("span");
      swatch.className = "swatch";
      swatch.style.background = `var(--chart-${(place % 5) + 1})`;
      item.append(swatch, series.name);
      return item;
    }));
    list.hidden = false;
  }

  function draw(place) {
    const source = document.getElementById(place.dataset.chart);
    if (!source || place.dataset.drawn) return;
    const data = JSON.parse(source.textContent);
    place.dataset.drawn = "1";
    place.append(document.createElement("div"));
    place.firstChild.style.cssText = "width:100%;height:100%";
    const chart = echarts.init(place.firstChild, null, { renderer: "canvas" });
    chart.setOption(options(data));
    legend(place.closest("figure"), data);
    drawn.push({ chart, data });
    new ResizeObserver(() => chart.resize()).observe(place);
  }

  const drawAll = (root) => root.querySelectorAll("[data-chart]").forEach(draw);
  document.addEventListener("DOMContentLoaded", () => drawAll(document));
  document.addEventListener("htmx:load", (event) => drawAll(event.target));
  dark.addEventListener("change", () => drawn.forEach(({ chart, data }) => chart.setOption(options(data))));
})();
