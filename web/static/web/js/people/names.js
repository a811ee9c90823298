// Users' names: from the page, from events, and else from the server.

import { t } from "../ui/texts.js";

const RETRY_AFTER = 1_000;
const MAX_WAIT = 60_000;
const names = new Map();
const requested = new Set();
let onName = () => {};

/** Call back with a user's id and name when a request that `nameOf` made has loaded it. */
export const onNameLoaded = (callback) => (onName = callback);

export const me = () => document.body.dataset.userId;

/** Read the names that a page brings along. */
export function readNames(page) {
  const data = page.getElementById("people");
  if (data) for (const [id, name] of Object.entries(JSON.parse(data.textContent))) names.set(id, name);
}

export const setName = (id, name) => names.set(id, name);

/** Somebody is called otherwise from now on: write it wherever the page has the name. */
export function onProfileUpdate({ user }) {
  if (names.get(user.id) === user.name) return;
  names.set(user.id, user.name);
  onName(user.id, user.name);
}

export const isKnown = (id) => id === me() || names.has(id);

/** The user's name, or "…" while it is being loaded. */
export function nameOf(id) {
  if (id === me()) return document.body.dataset.userName;
  if (!names.has(id) && !requested.has(id)) loadName(id);
  return names.get(id) ?? "…";
}

/** The users' names in their order; who shares a name has the end of their id beside it, as on the server. */
export function distinctNames(ids, name = nameOf) {
  const key = (id) => name(id).normalize("NFC").toLowerCase();
  return ids.map((id) => (ids.some((other) => other !== id && key(other) === key(id)) ? `${name(id)} (${id.slice(-4)})` : name(id)));
}

/** Ask until there is an answer: a server that is busy, or away, says nothing of the name. */
async function loadName(id, wait = RETRY_AFTER) {
  requested.add(id);
  const response = await fetch(`/api/users/${encodeURIComponent(id)}`).catch(() => null);
  const isGone = response?.status === 404;
  const user = response?.ok ? await response.json().catch(() => null) : null;
  if (!user && !isGone) return setTimeout(loadName, wait, id, Math.min(2 * wait, MAX_WAIT));
  requested.delete(id);
  // An event may have told it meanwhile.
  if (!names.has(id)) names.set(id, user?.name ?? t("Someone who has left"));
  onName(id, names.get(id));
}
