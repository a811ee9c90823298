// The service worker: shows pushes, takes them back once they are read elsewhere, and opens the chat from them.

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
  const page = pages.find((each) => new URL(each.url).origin === url.origin);
  if (!page) return self.clients.openWindow(url.href);
  await page.focus();
  page.postMessage({ type: "open", url: url.pathname });
}

function onClick(event) {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.url ?? "/"));
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("push", onPush);
self.addEventListener("notificationclick", onClick);
