// What lies on the device. Drafts and the queue are people's work: only their owners and the server's word remove them.

const NAME = "khotail-visits";
const STORES = { about: "key", forms: "digest", work: "id", drafts: "id", queue: "id" };
let opened;

function open() {
  opened ??= new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(STORES)) asked.result.createObjectStore(name, { keyPath });
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  return opened;
}

/** Run `change` with the named stores, all or nothing, and wait until it is on the disk. */
export async function change(names, work) {
  const database = await open();
  return new Promise((done, failed) => {
    const transaction = database.transaction(names, "readwrite", { durability: "strict" });
    const stores = Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)]));
    const result = work(stores);
    transaction.oncomplete = () => done(result);
    transaction.onerror = transaction.onabort = () => failed(transaction.error);
  });
}

async function read(name, ask) {
  const database = await open();
  return new Promise((done, failed) => {
    const asked = ask(database.transaction(name).objectStore(name));
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

export const all = (name) => read(name, (store) => store.getAll());
export const one = (name, key) => read(name, (store) => store.get(key));
export const put = (name, value) => change([name], (stores) => void stores[name].put(value));
export const remove = (name, key) => change([name], (stores) => void stores[name].delete(key));

/** Something that is known once: who is signed in, the language, whether somebody is leaving. */
export const known = async (key) => (await one("about", key))?.value;
export const know = (key, value) => put("about", { key, value });

/** Ask the browser not to throw the visits away when the device runs short of room. */
export const keepForGood = async () => (await navigator.storage?.persist?.()) ?? false;
