// The tabs of one browser that show the same person's chat: each can tell the others something, and one works while others wait.

import { me } from "../people/names.js";
import { newId } from "../ui/ids.js";

/** The name of this page: another one after a reload. */
export const tab = newId();

const channel = new BroadcastChannel(`chat-of-${me()}`);
const lockOf = (id) => `tab ${me()} ${id}`;
// Until the page is gone. Pages that are served by plain http have no locks.
navigator.locks?.request(lockOf(tab), () => new Promise(() => {}));

/** Tell the other tabs; what arrives at them is {type, ...}. */
export const tell = (type, data) => channel.postMessage({ type, ...data });

export const onTold = (callback) => channel.addEventListener("message", ({ data }) => callback(data));

/** Run one task of this name at a time, in whatever tab. Without locks they run at the same time. */
export const alone = (name, task) => (navigator.locks ? navigator.locks.request(`${name} ${me()}`, task) : task());

/** Resolves to a function that says whether a tab is still open; without locks, all others count as closed. */
export async function findOpen() {
  const { held = [], pending = [] } = (await navigator.locks?.query()) ?? {};
  const names = new Set([...held, ...pending].map(({ name }) => name));
  return (id) => id === tab || names.has(lockOf(id));
}
