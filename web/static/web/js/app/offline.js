// Copies of conversations, with which the service worker answers while there is no connection: when they are renewed, and which
// of them go at once.

import { pageLoaded } from "../ui/loaded.js";
import { page } from "./positions.js";
import * as sidebar from "./sidebar.js";

const WORKER = "/service-worker.js";
const PAGES = "pages of ";
// Milliseconds: a copy of an open conversation is renewed no more often, when the page is hidden or else.
const AT_REST = 60_000;
const AT_MOST = 10 * 60_000;
// By path, up to which seq the copy is complete, and when it was made.
const copies = new Map();
let registration = null;
// Of how many assets the worker knows.
let asked = 0;

const pathOf = (groupId) => `/groups/${encodeURIComponent(groupId)}`;

/** Begin once the page has all that it needs; where the browser has no service workers, there are no copies. */
export async function start() {
  if (!navigator.serviceWorker) return;
  await pageLoaded();
  registration = (await navigator.serviceWorker.register(WORKER, { scope: "/" }).catch(() => null)) ?? null;
  if (!registration) return;
  await navigator.serviceWorker.ready;
  keepAssets();
  // Some of the script comes late.
  new PerformanceObserver(keepAssets).observe({ type: "resource" });
  keepOpen();
  document.addEventListener("visibilitychange", () => document.hidden && renew(AT_REST));
  setInterval(renew, AT_REST, AT_MOST);
}

function keepAssets() {
  const names = performance.getEntriesByType("resource").map(({ name }) => name.split("#")[0]);
  const assets = [...new Set(names)].filter((name) => new URL(name).pathname.startsWith("/static/"));
  if (assets.length > asked) ask(assets);
  asked = Math.max(asked, assets.length);
}

const ask = (urls) => registration.active?.postMessage({ type: "keep", urls });

/** Keep the conversation that is open, unless the worker has done that when its page was fetched. */
export async function keepOpen() {
  const { groupId } = page();
  if (!registration || !groupId) return;
  if (await caches.match(pathOf(groupId), { ignoreVary: true })) copies.set(groupId, { head: page().head, at: Date.now() });
  else keep(groupId);
}

function keep(groupId) {
  copies.set(groupId, { head: page().head, at: Date.now() });
  ask([pathOf(groupId)]);
}

/** Renew the copy of the open conversation if something was said since, and it is older than this. */
function renew(age) {
  const { groupId, head } = page();
  if (!groupId) return;
  const copy = copies.get(groupId) ?? { at: 0 };
  if (copy.head !== head && Date.now() - copy.at >= age) keep(groupId);
}

/** A message was deleted: its text goes from the copy too. */
export async function onDeleted(groupId) {
  await forget((path) => path === pathOf(groupId));
  if (registration && page().groupId === groupId) keep(groupId);
}

export const onRemoved = (groupId) => forget((path) => path === pathOf(groupId));

/** All groups of the user are in the sidebar: what is left of others goes. */
export const onAllGroups = () => forget((path) => !sidebar.has(decodeURIComponent(path.split("/")[2])));

async function forget(isGone) {
  for (const name of (await self.caches?.keys()) ?? []) {
    if (!name.startsWith(PAGES)) continue;
    const cache = await caches.open(name);
    for (const { url } of await cache.keys()) if (isGone(new URL(url).pathname)) await cache.delete(url);
  }
}
