// A signature: drawn with a finger, kept as a picture.

import { el, newId, t } from "../page.js";

const WIDTH = 640, HEIGHT = 280, STROKE = 4;

export function signature(node, { id, left }) {
  const canvas = el("canvas", { id, class: "signature", width: WIDTH, height: HEIGHT, tabindex: 0, role: "img", "aria-label": t("Field to sign in") });
  const drawing = canvas.getContext("2d");
  const clear = el("button", { class: "button button-quiet button-small", type: "button", onclick: () => node.setValue(null) }, t("Sign again"));
  let last = null, shown = null;

  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * WIDTH) / box.width, ((event.clientY - box.top) * HEIGHT) / box.height];
  };
  const blank = () => {
    drawing.fillStyle = "#fff";
    drawing.fillRect(0, 0, WIDTH, HEIGHT);
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = at(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last) return;
    const next = at(event);
    Object.assign(drawing, { lineWidth: STROKE, lineCap: "round", strokeStyle: "#111" });
    drawing.beginPath();
    drawing.moveTo(...last);
    drawing.lineTo(...next);
    drawing.stroke();
    last = next;
  });
  const done = async () => {
    if (!last) return;
    last = null;
    const blob = await new Promise((made) => canvas.toBlob(made, "image/png"));
    shown = new File([blob], `${newId()}.png`, { type: "image/png" });
    node.setValue(shown);
    left();
  };
  canvas.addEventListener("pointerup", done);
  canvas.addEventListener("pointercancel", done);

  const refresh = () => {
    const value = node.currentState.value;
    clear.hidden = !value;
    if (value === shown) return;
    shown = value;
    blank();
    if (value) createImageBitmap(value).then((picture) => drawing.drawImage(picture, 0, 0, WIDTH, HEIGHT), () => null);
  };
  blank();
  clear.hidden = true;
  return { element: el("div", { class: "stack stack-tight" }, canvas, clear), refresh };
}
