// A way that was walked or the edge of an area: points taken one by one, each where the officer stands.
//
// The engine knows only whole answers, so points wait in the draft until there are enough of them.

import { el, t } from "../page.js";
import { pointWords, whereAmI } from "./place.js";

const LEAST = { geotrace: 2, geoshape: 3 };
const METRES_OF_A_DEGREE = 111_320;

export const way = (type) => (node, { id, left }, filling) => {
  const closed = type === "geoshape", reference = node.currentState.reference, least = LEAST[type];
  let complaint = "", asking = false, points = filling.pointsOf(reference) ?? read(node.currentState.instanceValue, closed);
  const list = el("ol", { class: "points" }), said = el("output", { for: id });
  const button = el("button", { id, class: "button button-quiet wide", type: "button", onclick: ask });
  const back = el("button", { class: "button button-danger button-small", type: "button", onclick: () => take(points.slice(0, -1)) }, t("Remove the last point"));

  function ask() {
    asking = true;
    complaint = "";
    refresh();
    whereAmI((point) => {
      asking = false;
      if (same(point, points.at(-1)) || same(point, points[0])) complaint = t("You have not moved since that point. Go on to the next one.");
      else return take([...points, point]);
      left();
    }, () => {
      asking = false;
      complaint = t("The device does not know where it is. Switch location on, go outside, try again.");
      left();
    });
  }
  function take(taken) {
    points = taken;
    complaint = "";
    filling.keepPoints(reference, points);
    const whole = points.length >= least;
    node.setValue(whole ? [...points, ...(closed ? [points[0]] : [])].join("; ") : null);
    left();
  }
  const few = () => (points.length > 0 && points.length < least ? t("At least {number} points are needed.", { number: least }) : "");
  function refresh() {
    button.textContent = asking ? t("Looking for the place …") : points.length ? t("Take the next point here") : t("Take the first point here");
    button.disabled = asking;
    list.replaceChildren(...points.map((point) => el("li", {}, pointWords(point))));
    said.textContent = points.length > 1 ? t("{number} points, about {metres} m", { number: points.length, metres: length(points, closed) }) : "";
    back.hidden = !points.length;
  }
  const element = el("div", { class: "stack stack-tight" }, list, button, el("div", { class: "row" }, said, back));
  return { element, refresh, inputs: () => [button], problem: () => complaint || few(), stuck: () => Boolean(few()) };
};

/** The points of an answer; the edge of an area ends where it began, which is not a point of its own. */
function read(value, closed) {
  const points = value.split(";").map((point) => point.trim()).filter(Boolean);
  return closed ? points.slice(0, -1) : points;
}

const ofPoint = (point) => point.split(" ", 2).map(Number);
const same = (one, other) => Boolean(other) && ofPoint(one).join() === ofPoint(other).join();

/** Metres along the points, all around if it is closed; over so short a way the ground is flat. */
function length(points, closed) {
  const all = closed ? [...points, points[0]] : points;
  let metres = 0;
  for (let at = 1; at < all.length; at += 1) {
    const [[north, east], [north2, east2]] = [ofPoint(all[at - 1]), ofPoint(all[at])];
    metres += Math.hypot(north2 - north, (east2 - east) * Math.cos((north * Math.PI) / 180)) * METRES_OF_A_DEGREE;
  }
  return Math.round(metres);
}
