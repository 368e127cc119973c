"use strict";
/* What makes the portal easier; every page works without it. Photos are made smaller before they travel, a voice can be
   recorded in the page, and a form is sent once. */

const LONGEST_SIDE = 1600, LARGEST_BYTES = 1200000, LONGEST_SECONDS = 120;

async function smaller(file) {
  if (!file.type.startsWith("image/") || file.size < LARGEST_BYTES || !window.createImageBitmap) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    return blob && blob.size < file.size ? new File([blob], "photo.jpg", { type: "image/jpeg" }) : file;
  } catch {
    return file; // a picture that this browser cannot read goes as it is
  }
}

async function shrink(input) {
  const files = new DataTransfer();
  for (const file of input.files) files.items.add(await smaller(file));
  input.files = files.files;
}

function recorder(field) {
  const input = field.querySelector("input[type=file]");
  const button = field.querySelector("[data-record]");
  const said = field.querySelector("[data-said]");
  if (!window.MediaRecorder || !navigator.mediaDevices || !button) return;
  let running = null;
  button.hidden = false;
  const tell = (name, seconds = 0) => { said.textContent = said.dataset[name].replace("0", String(seconds)); };
  button.addEventListener("click", async () => {
    if (running) { running.stop(); return; }
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      tell("refused");
      return;
    }
    const parts = [], began = Date.now();
    const made = new MediaRecorder(stream);
    made.addEventListener("dataavailable", (event) => parts.push(event.data));
    made.addEventListener("stop", () => {
      stream.getTracks().forEach((track) => track.stop());
      clearTimeout(limit);
      running = null;
      button.setAttribute("aria-pressed", "false");
      const kind = (made.mimeType || "audio/webm").split(";")[0];
      const files = new DataTransfer();
      files.items.add(new File(parts, `voice.${kind.split("/")[1]}`, { type: kind }));
      input.files = files.files;
      tell("done", Math.round((Date.now() - began) / 1000));
    });
    const limit = setTimeout(() => made.stop(), LONGEST_SECONDS * 1000);
    made.start();
    running = made;
    button.setAttribute("aria-pressed", "true");
    tell("running");
  });
}

document.addEventListener("change", (event) => {
  const input = event.target;
  if (input.matches("input[type=file][data-shrink]")) input.shrinking = shrink(input).finally(() => { input.shrinking = null; });
});
document.querySelectorAll("[data-voice]").forEach(recorder);
document.querySelectorAll("[data-only-with]").forEach((part) => {
  const form = part.closest("form"), [name, value] = part.dataset.onlyWith.split("=");
  const show = () => { part.hidden = form.elements[name].value !== value; };
  form.addEventListener("change", show);
  show();
});
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  const waiting = [...form.querySelectorAll("input[type=file]")].map((input) => input.shrinking).filter(Boolean);
  if (waiting.length) {
    event.preventDefault();
    await Promise.all(waiting);
    form.requestSubmit(event.submitter);
    return;
  }
  if (form.method === "post" && !form.closest(".foot")) form.dataset.sent = "1";
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; }));
