// Where the officer stands, from the device's own receiver: it needs no signal.

import { el, t } from "../page.js";

const PATIENCE_MS = 60_000;

/** Ask the device where it is. done gets the answer as forms write it: latitude, longitude, altitude, accuracy. */
export function whereAmI(done, failed) {
  if (!navigator.geolocation) return failed();
  const wishes = { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 0 };
  const answered = ({ coords: { latitude, longitude, altitude, accuracy } }) =>
    done([latitude.toFixed(6), longitude.toFixed(6), (altitude ?? 0).toFixed(1), accuracy.toFixed(1)].join(" "));
  navigator.geolocation.getCurrentPosition(answered, failed, wishes);
}

/** A point as people read it. */
export function pointWords(point) {
  const [north, east, , accuracy] = point.split(" ");
  return north ? `${north}, ${east} (± ${Math.round(Number(accuracy))} m)` : "";
}

export function place(node, { id, left }) {
  let complaint = "", asking = false;
  const said = el("output", { for: id });
  const button = el("button", { id, class: "button button-quiet wide", type: "button", onclick: ask });
  const remove = el("button", { class: "button button-danger button-small", type: "button", onclick: () => node.setValue(null) }, t("Remove"));

  function ask() {
    asking = true;
    complaint = "";
    refresh();
    whereAmI(answered, failed);
  }
  function answered(point) {
    asking = false;
    node.setValue(point);
    left();
  }
  function failed() {
    asking = false;
    complaint = t("The device does not know where it is. Switch location on, go outside, try again.");
    left();
  }
  function refresh() {
    const point = node.currentState.instanceValue;
    button.textContent = asking ? t("Looking for the place …") : point ? t("Take the place again") : t("Take the place");
    button.disabled = asking;
    said.textContent = pointWords(point);
    remove.hidden = !point;
  }
  const element = el("div", { class: "stack stack-tight" }, button, el("div", { class: "row" }, said, remove));
  return { element, refresh, inputs: () => [button], problem: () => complaint };
}
