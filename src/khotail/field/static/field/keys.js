// The key with which an officer's answers are sealed on this device: one of each, which no script can read out.
//
// Where the page came without encryption the browser has no ciphers; then there is no key, and answers lie as they are.

const NAME = "khotail-visits-keys", STORE = "keys";
const made = new Map(); // by officer, or their promises
const told = globalThis.BroadcastChannel ? new BroadcastChannel(NAME) : null; // another page of the app threw one away
told?.addEventListener("message", ({ data }) => made.delete(data));

/** The officer's key; null where there are no ciphers, or (unless `make`) where there is none. */
export function keyOf(officer, make) {
  if (!globalThis.crypto?.subtle) return Promise.resolve(null);
  if (!made.has(officer)) {
    const found = kept(officer, make);
    made.set(officer, found);
    const again = () => made.delete(officer);
    found.then((key) => key ?? again(), again);
  }
  return made.get(officer);
}

/** What was sealed with it is lost from now on. */
export async function throwAway(officer) {
  made.delete(officer);
  await within("readwrite", (store) => store.delete(officer));
  told?.postMessage(officer);
}

async function kept(officer, make) {
  const there = await within("readonly", (store) => store.get(officer));
  if (there || !make) return there ?? null;
  const fresh = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  await within("readwrite", (store) => {
    const asked = store.get(officer); // another page may have been quicker
    asked.onsuccess = () => asked.result ?? store.put(fresh, officer);
  });
  return within("readonly", (store) => store.get(officer));
}

let opened;

function open() {
  opened ??= new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  return opened;
}

async function within(mode, work) {
  const database = await open();
  return new Promise((done, failed) => {
    const transaction = database.transaction(STORE, mode);
    const asked = work(transaction.objectStore(STORE));
    transaction.oncomplete = () => done(asked?.result);
    transaction.onerror = transaction.onabort = () => failed(transaction.error);
  });
}
