// The service worker: shows pushes, takes them back once they are read elsewhere, and opens the chat from them.

// Milliseconds that a page has to answer: a click lets a window be opened for some seconds, of all pages together.
const ANSWER_WITHIN = 500;
const MAX_ASKED = 4;

// Of two pushes of one conversation, the later message is shown, whichever comes first.
async function showMessage({ title, body, tag, seq, url }) {
  const shown = await self.registration.getNotifications({ tag });
  if (shown.some(({ data }) => data?.seq > seq)) return;
  const renotify = !shown.some(({ data }) => data?.seq === seq);
  await self.registration.showNotification(title, { body, tag, renotify, data: { seq, url } });
}

async function close({ tag, seq }) {
  const shown = await self.registration.getNotifications({ tag });
  shown.filter(({ data }) => data?.seq <= seq).forEach((notification) => notification.close());
}

function onPush(event) {
  const push = event.data?.json() ?? {};
  if (push.type === "close") return event.waitUntil(close(push));
  event.waitUntil(showMessage({ seq: 0, ...push }));
}

async function open(path) {
  const url = new URL(path, self.location.origin);
  if (url.origin !== self.location.origin) return;
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  // Pages of settings, and those that the browser has put to sleep, do not answer.
  for (const page of pages.filter((each) => new URL(each.url).origin === url.origin).slice(0, MAX_ASKED)) {
    if (await visits(page, url.pathname)) return page.focus();
  }
  await self.clients.openWindow(url.href);
}

/** Have a page show an address; resolves to whether it has said that it does. */
function visits(page, path) {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => resolve(true);
    setTimeout(resolve, ANSWER_WITHIN, false);
    page.postMessage({ type: "open", url: path }, [port2]);
  });
}

function onClick(event) {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.url ?? "/"));
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("push", onPush);
self.addEventListener("notificationclick", onClick);
