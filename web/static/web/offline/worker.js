// The service worker's other half: keeps copies of the conversations that were opened last, and of what their pages consist of,
// and answers with them when the server does not.

const PAGES = "pages of ";
const ASSETS = "assets";
const MAX_PAGES = 20;
const OPENED_AT = "X-Opened-At";
// What pages vary by, cookies, no script sees.
const LOOSELY = { ignoreVary: true };
// Milliseconds after which a copy is shown though the server may still answer.
const PATIENCE = 4_000;
const CONVERSATION = /^\/groups\/[^/]+/;
const OWNER = /<body [^>]*data-user-id="([^"]+)"/;
// A script asks for the parts of a page by this header; both have them between these marks.
const FRAGMENT = "X-Fragment";
const PARTS = /<!--parts-->[^]*<!--\/parts-->/;
const TITLE = /<title>[^]*?<\/title>/;
const LANGUAGE = /<html [^>]*lang="([^"]+)"/;
// Counts up each time that all pages are forgotten: what was asked for before is not kept after it.
let wipes = 0;

const pathOf = (url) => CONVERSATION.exec(url.pathname)?.[0] ?? null;
const isConversation = (url) => pathOf(url) === url.pathname && !url.search;
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const pageCaches = async () => (await caches.keys()).filter((name) => name.startsWith(PAGES));

/** Forget what somebody has read: they have signed out, or their session is over. */
async function wipe() {
  wipes += 1;
  for (const name of await pageCaches()) await caches.delete(name);
}

async function forget(path) {
  for (const name of await pageCaches()) await (await caches.open(name)).delete(path);
}

/**
 * Keep the page of a conversation for whom it is: what somebody else has read before, or in another language, is forgotten. `asked`
 * is {at: when the user has opened it, if they have, wipes: as they were then, isFragment: whether the page's parts alone came}.
 */
async function notePage(url, response, asked) {
  if ([403, 404, 410].includes(response.status)) return forget(url.pathname);
  if (response.status !== 200 || response.redirected) return;
  const html = await response.text();
  const owner = OWNER.exec(html)?.[1];
  if (!owner) return;
  const own = `${PAGES}${owner} in ${LANGUAGE.exec(html)?.[1]}`;
  for (const name of await pageCaches()) if (name !== own) await caches.delete(name);
  if (asked.wipes !== wipes) return;
  const cache = await caches.open(own);
  const whole = asked.isFragment ? await completed(html, cache) : { html, headers: response.headers };
  if (!whole) return;
  const headers = new Headers(whole.headers);
  headers.set(OPENED_AT, asked.at ?? (await openedAt(cache, url.pathname)) ?? Date.now());
  await cache.put(url.pathname, new Response(whole.html, { headers }));
  for (const path of (await latest(cache)).slice(MAX_PAGES)) await cache.delete(path);
  if (asked.wipes !== wipes) await wipe();
}

/** Put the parts of a page into the copy of the one that was opened last; undefined without one. */
async function completed(fragment, cache) {
  const [path] = await latest(cache);
  const copy = path && (await cache.match(path, LOOSELY));
  if (!copy) return undefined;
  const put = (html, part) => html.replace(part, () => part.exec(fragment)?.[0] ?? "");
  return { html: put(put(await copy.text(), PARTS), TITLE), headers: copy.headers };
}

/** Return the addresses of all pages, the one that was opened last first. */
async function latest(cache) {
  const times = new Map();
  for (const { url } of await cache.keys()) times.set(url, Number(await openedAt(cache, url)));
  return [...times.keys()].sort((one, other) => times.get(other) - times.get(one));
}

const openedAt = async (cache, path) => (await cache.match(path, LOOSELY))?.headers.get(OPENED_AT);

async function noteAsset(request, response) {
  if (response.status !== 200) return;
  const cache = await caches.open(ASSETS);
  const known = await cache.match(request, LOOSELY);
  const version = (each) => each?.headers.get("ETag") ?? each?.headers.get("Last-Modified");
  if (!known || !version(known) || version(known) !== version(response)) await cache.put(request, response);
}

/** Return the copy of a conversation, the way to one, or undefined. */
async function findPage(url) {
  for (const name of await pageCaches()) {
    const cache = await caches.open(name);
    const path = pathOf(url) ?? (await latest(cache))[0];
    const copy = path && (await cache.match(path, LOOSELY));
    if (copy) return isConversation(url) ? copy : Response.redirect(path);
  }
  return undefined;
}

const isAway = (response) => [502, 503, 504].includes(response.status);

/** Answer with what the server says; if it says nothing for too long, or that it cannot, with the copy if there is one. */
async function answer(fetching, find) {
  const response = await Promise.race([fetching.catch(() => null), pause(PATIENCE)]);
  if (response && !isAway(response)) return response;
  return (await find()) ?? fetching;
}

function answerPage(event, url) {
  const asked = { at: Date.now(), wipes, isFragment: event.request.headers.has(FRAGMENT) };
  const fetching = fetch(event.request);
  if (isConversation(url)) event.waitUntil(fetching.then((response) => notePage(url, response.clone(), asked)).catch(() => {}));
  return answer(fetching, () => findPage(url));
}

function answerAsset(event) {
  const fetching = fetch(event.request);
  event.waitUntil(fetching.then((response) => noteAsset(event.request, response.clone())).catch(() => {}));
  return answer(fetching, async () => (await caches.open(ASSETS)).match(event.request, LOOSELY));
}

const wantsPage = ({ mode, headers }) => mode === "navigate" || headers.get("Accept") === "text/html";

function onFetch(event) {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (["/sign-in", "/sign-out"].includes(url.pathname)) return event.waitUntil(wipe());
  if (request.method !== "GET") return;
  if (isAsset(url)) event.respondWith(answerAsset(event));
  else if (wantsPage(request) && (pathOf(url) || url.pathname === "/")) event.respondWith(answerPage(event, url));
}

/** A page names what it consists of, and the conversation that it shows. */
function onKeep(event) {
  if (event.data?.type === "keep") event.waitUntil(keepAll(event.data.urls.map((address) => new URL(address, self.location.origin))));
}

async function keepAll(urls) {
  await Promise.all(urls.map((url) => keep(url).catch(() => {})));
  const assets = urls.filter(isAsset).map(({ href }) => href);
  if (!assets.length) return;
  // Those of a former version have other names.
  const cache = await caches.open(ASSETS);
  for (const { url } of await cache.keys()) if (!assets.includes(url)) await cache.delete(url);
}

const isAsset = ({ pathname }) => pathname.startsWith("/static/");

async function keep(url) {
  if (url.origin !== self.location.origin) return;
  const asked = { wipes };
  if (isAsset(url)) await noteAsset(new Request(url), await fetch(url));
  else if (isConversation(url)) await notePage(url, await fetch(url, { headers: { Accept: "text/html" } }), asked);
}

self.addEventListener("fetch", onFetch);
self.addEventListener("message", onKeep);
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
