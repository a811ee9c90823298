// Who is typing: reported for this user, shown for the others.

import { emitVolatile } from "../app/connection.js";
import { me } from "../people/names.js";
import { language, n, t } from "../ui/texts.js";

const REPORT_EVERY = 3_000;
const SHOWN_FOR = 6_000;
// By place, a group or a thread: the others who are typing there, and when this user was last reported.
const typists = new Map();
const reported = new Map();

const placeOf = (groupId, parentId) => `${groupId} ${parentId ?? ""}`;

/** Report that this user types, no more often than the server accepts it. */
export function reportTyping(groupId, parentId) {
  const place = placeOf(groupId, parentId);
  if (Date.now() - (reported.get(place) ?? 0) < REPORT_EVERY) return;
  reported.set(place, Date.now());
  emitVolatile("thread_typing", { groupId, ...(parentId && { parentId }), typing: true });
}

export function reportStopped(groupId, parentId) {
  if (reported.delete(placeOf(groupId, parentId))) emitVolatile("thread_typing", { groupId, ...(parentId && { parentId }), typing: false });
}

export function onTyping({ groupId, parentId, userId, name, typing: isTyping }) {
  if (userId === me()) return;
  const place = placeOf(groupId, parentId);
  if (!typists.has(place)) typists.set(place, new Map());
  const here = typists.get(place);
  clearTimeout(here.get(userId)?.timer);
  here.delete(userId);
  if (isTyping) here.set(userId, { name, timer: setTimeout(() => (here.delete(userId), write(groupId, parentId)), SHOWN_FOR) });
  write(groupId, parentId);
}

/** The author of a new message has stopped typing it. */
export const onSent = ({ groupId, parentId, userId }) => onTyping({ groupId, parentId, userId, typing: false });

function write(groupId, parentId) {
  const form = document.querySelector(`[data-composer][data-group-id="${CSS.escape(groupId)}"][data-parent-id="${CSS.escape(parentId ?? "")}"]`);
  if (!form) return;
  const names = [...(typists.get(placeOf(groupId, parentId))?.values() ?? [])].map(({ name }) => name);
  form.querySelector("[data-field=typing]").textContent = sentence(names);
}

function sentence(names) {
  if (!names.length) return "";
  if (names.length > 3) return t("Several people are typing…");
  return n("{names} is typing…", "{names} are typing…", names.length, { names: new Intl.ListFormat(language).format(names) });
}
