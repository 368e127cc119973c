// Photos, made small enough to be sent over a village's connection, and other files.

import { el, newId, t } from "../page.js";

/** Longest side of a photo whose form names none. */
const MOST_PIXELS = 1600;
const QUALITY = 0.85;

/** The picture with its longest side at most so long, as JPEG; what the camera noted about place and time is gone. */
export async function smaller(file, mostPixels) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, mostPixels / Math.max(picture.width, picture.height));
  const canvas = el("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const drawing = canvas.getContext("2d");
  drawing.fillStyle = "#fff"; // JPEG knows no transparency
  drawing.fillRect(0, 0, canvas.width, canvas.height);
  drawing.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  return new File([blob], `${newId()}.jpg`, { type: "image/jpeg" });
}

export function picture(node, around) {
  const made = (file) => smaller(file, node.maxPixels ?? MOST_PIXELS);
  return chosen(node, around, { accept: "image/*", capture: "environment" }, made, t("Take a photo or choose one"));
}

export function file(node, around) {
  const { accept } = node.nodeOptions.media;
  return chosen(node, around, { accept }, async (given) => given, t("Choose a file"));
}

function chosen(node, { id, left }, attributes, made, words) {
  let complaint = "", shown = null;
  const input = el("input", { id, type: "file", class: "unseen-input", ...attributes });
  const preview = el("img", { class: "preview", alt: t("The photo"), hidden: true });
  const name = el("span", { class: "muted" });
  const remove = el("button", { class: "button button-danger button-small", type: "button", onclick: () => node.setValue(null) }, t("Remove"));
  input.addEventListener("change", async () => {
    const [given] = input.files;
    input.value = "";
    if (!given) return;
    try {
      node.setValue(await made(given));
      complaint = "";
    } catch {
      complaint = t("This picture cannot be read. Take another one, as JPEG.");
    }
    left();
  });
  const refresh = () => {
    const value = node.currentState.value;
    if (value === shown) return;
    if (preview.src) URL.revokeObjectURL(preview.src);
    shown = value;
    const isPicture = value?.type.startsWith("image/");
    preview.hidden = !isPicture;
    if (isPicture) preview.src = URL.createObjectURL(value);
    name.textContent = value ? `${Math.max(1, Math.round(value.size / 1024))} KB` : "";
    remove.hidden = !value;
  };
  const button = el("span", { class: "button button-quiet wide", "aria-hidden": "true" }, words);
  const element = el("div", { class: "upload" }, el("span", { class: "upload-button" }, input, button), preview, el("div", { class: "row" }, name, remove));
  remove.hidden = true;
  return { element, refresh, inputs: () => [input], problem: () => complaint };
}
