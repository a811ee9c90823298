// Notifications of this browser: taken off the screen once they are read, and kept up while its user is signed in.

import { me } from "../people/names.js";
import { token } from "./csrf.js";

// As the page of notifications has written it.
const OWNER = "notifications-of";

const registered = async () => navigator.serviceWorker?.getRegistration("/");

export async function start(visit) {
  navigator.serviceWorker?.addEventListener("message", (event) => event.data?.type === "open" && open(event, visit));
  const subscription = await (await registered())?.pushManager?.getSubscription();
  if (localStorage.getItem(OWNER) !== me()) return forget(subscription);
  if (!subscription) return;
  // Under this session: the one that has subscribed may be over.
  const { endpoint, keys } = subscription.toJSON();
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token() };
  const body = JSON.stringify({ endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } });
  await fetch("/api/notifications/devices", { method: "POST", headers, body }).catch(() => {});
}

/** Show what a notification was clicked for, and say so: else the service worker opens a window. */
function open({ data, ports }, visit) {
  ports[0]?.postMessage("opens");
  visit(data.url);
}

/** Of somebody else who has used this browser before, it shows nothing, and gets nothing any more. */
async function forget(subscription) {
  await subscription?.unsubscribe();
  await closeAll();
  localStorage.removeItem(OWNER);
}

/** Take everything off the screen: whoever sits down here next does not see what was said. */
export async function closeAll() {
  const shown = (await (await registered())?.getNotifications()) ?? [];
  shown.forEach((notification) => notification.close());
}

/** What was read, perhaps on another device, is no news. */
export async function onUserUpdate({ kind, groupId, parentId, read }) {
  if (kind !== "read_mark") return;
  const shown = (await (await registered())?.getNotifications({ tag: parentId ?? groupId })) ?? [];
  shown.filter(({ data }) => data?.seq <= read).forEach((notification) => notification.close());
}
