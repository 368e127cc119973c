// Drafts and finished visits as they lie on the device: what was answered is sealed, and so is each photo.
//
// Which form it is, the household's number and how far it has come stay readable: the list of households does too.

import { keyOf } from "./keys.js";
import { all, change } from "./store.js";

const HIDDEN = ["xml", "points"];
const IV_BYTES = 12;
const unchanged = new WeakMap(); // a file, by its opened contents: a photo is not sealed anew at every letter that is typed

/** The row as it is to be stored. */
export async function sealed(row) {
  const key = await keyOf(row.officer, true);
  if (!key) return row;
  const stored = { ...row }, hidden = {};
  for (const name of HIDDEN) {
    if (name in stored) hidden[name] = stored[name];
    delete stored[name];
  }
  stored.files = await Promise.all(row.files.map((file) => sealedFile(key, row.officer, file)));
  stored.secret = await encrypted(key, row.officer, new TextEncoder().encode(JSON.stringify(hidden)));
  return stored;
}

/** The row with its answers and files. Throws Unreadable when its key is gone. */
export async function opened(row) {
  if (!row?.secret) return row; // not sealed: from before, or from a device without ciphers
  const { secret, ...rest } = row;
  try {
    const key = await keyOf(row.officer, false);
    const hidden = JSON.parse(new TextDecoder().decode(await decrypted(key, row.officer, secret)));
    return { ...rest, ...hidden, files: await Promise.all(row.files.map((file) => openedFile(key, row.officer, file))) };
  } catch (error) {
    throw new Unreadable(String(error));
  }
}

export class Unreadable extends Error {}

/** Seal what an earlier version of the app stored as it was. */
export async function sealOld() {
  for (const name of ["drafts", "queue"]) {
    for (const row of (await all(name)).filter((each) => each.xml && !each.secret)) {
      const after = await sealed(row);
      if (!after.secret) return;
      await change([name], (stores) => {
        const asked = stores[name].get(row.id); // it may have changed or gone meanwhile
        asked.onsuccess = () => asked.result?.xml === row.xml && stores[name].put(after);
      });
    }
  }
}

async function sealedFile(key, officer, { name, blob }) {
  if (!unchanged.has(blob)) {
    const { iv, data } = await encrypted(key, officer, await blob.arrayBuffer());
    unchanged.set(blob, { name, type: blob.type, iv, blob: new Blob([data]) });
  }
  return { ...unchanged.get(blob), name };
}

async function openedFile(key, officer, stored) {
  const data = await decrypted(key, officer, { iv: stored.iv, data: await stored.blob.arrayBuffer() });
  const blob = new Blob([data], { type: stored.type });
  unchanged.set(blob, stored);
  return { name: stored.name, blob };
}

const cipher = (officer, iv) => ({ name: "AES-GCM", iv, additionalData: new TextEncoder().encode(String(officer)) });

async function encrypted(key, officer, data) {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  return { iv, data: await crypto.subtle.encrypt(cipher(officer, iv), key, data) };
}

const decrypted = (key, officer, { iv, data }) => crypto.subtle.decrypt(cipher(officer, iv), key, data);
