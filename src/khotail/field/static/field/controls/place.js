// Where the officer stands, from the device's own receiver: it needs no signal.

import { el, t } from "../page.js";

const PATIENCE_MS = 60_000;

export function place(node, { id, left }) {
  let complaint = "", asking = false;
  const said = el("output", { for: id });
  const button = el("button", { id, class: "button button-quiet wide", type: "button", onclick: ask });
  const remove = el("button", { class: "button button-danger button-small", type: "button", onclick: () => node.setValue(null) }, t("Remove"));

  function ask() {
    if (!navigator.geolocation) return failed();
    asking = true;
    complaint = "";
    refresh();
    const wishes = { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 0 };
    navigator.geolocation.getCurrentPosition(({ coords }) => answered(coords), failed, wishes);
  }
  function answered({ latitude, longitude, altitude, accuracy }) {
    asking = false;
    node.setValue([latitude.toFixed(6), longitude.toFixed(6), (altitude ?? 0).toFixed(1), accuracy.toFixed(1)].join(" "));
    left();
  }
  function failed() {
    asking = false;
    complaint = t("The device does not know where it is. Switch location on, go outside, try again.");
    left();
  }
  function refresh() {
    const [north, east, , accuracy] = node.currentState.instanceValue.split(" ");
    button.textContent = asking ? t("Looking for the place …") : north ? t("Take the place again") : t("Take the place");
    button.disabled = asking;
    said.textContent = north ? `${north}, ${east} (± ${Math.round(Number(accuracy))} m)` : "";
    remove.hidden = !north;
  }
  const element = el("div", { class: "stack stack-tight" }, button, el("div", { class: "row" }, said, remove));
  return { element, refresh, inputs: () => [button], problem: () => complaint };
}
