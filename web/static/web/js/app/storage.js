// What was written and is not on the server yet, in this browser: a database for each person, so that it outlives the page,
// the tab and the session, and waits for whoever wrote it.

import { me } from "../people/names.js";

const VERSION = 1;
// By store: the field that is its key. IndexedDB counts those of the outbox up, so that they are in the order of writing.
const STORES = { outbox: { keyPath: "order", autoIncrement: true }, texts: { keyPath: "key" } };
// What the browser does not keep, since it has no storage or no space: for as long as this page is open. Its keys come last.
const memory = { outbox: new Map(), texts: new Map() };
let lastKey = 1e15;
let opened = null;

/** Resolves to the person's database, or null. */
function database() {
  opened ??= new Promise((done) => {
    const request = indexedDB.open(`written-by-${me()}`, VERSION);
    request.onupgradeneeded = () => Object.entries(STORES).forEach(([name, options]) => request.result.createObjectStore(name, options));
    request.onsuccess = () => done(request.result);
    request.onerror = () => done(null);
  }).catch(() => null);
  return opened;
}

/** Return whether all that is kept outlives this page. */
export const isLasting = () => !memory.outbox.size && !memory.texts.size;

/** Keep an object, new or changed; resolves to its key. */
export async function put(name, object) {
  try {
    return await act(name, "readwrite", (store) => store.put(object));
  } catch {
    const { keyPath } = STORES[name];
    object[keyPath] ??= ++lastKey;
    memory[name].set(object[keyPath], object);
    return object[keyPath];
  }
}

export async function remove(name, key) {
  memory[name].delete(key);
  await act(name, "readwrite", (store) => store.delete(key)).catch(() => {});
}

/** Resolves to all objects of a store, in the order of their keys. */
export async function all(name) {
  return [...(await act(name, "readonly", (store) => store.getAll()).catch(() => [])), ...memory[name].values()];
}

/** Run a request in a transaction of its own; those of a store are run in the order of the calls. */
async function act(name, mode, request) {
  const base = await database();
  return new Promise((done, fail) => {
    const transaction = base.transaction(name, mode);
    const asked = request(transaction.objectStore(name));
    transaction.oncomplete = () => done(asked.result);
    transaction.onabort = () => fail(transaction.error);
    // The page may be gone before the request is answered.
    transaction.commit?.();
  });
}
