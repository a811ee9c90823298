// Who is writing just now, oneself and the others.

import { tell } from "./connection.js";

const TELL_EVERY = 3_000;
const SHOWN_FOR = 6_000;
const writers = new Map();
const told = new Map();

const key = (groupId, parentId) => `${groupId} ${parentId ?? ""}`;

/** Tell the others, no more often than the server takes it. */
export function typing(groupId, parentId) {
  const where = key(groupId, parentId);
  if (Date.now() - (told.get(where) ?? 0) < TELL_EVERY) return;
  told.set(where, Date.now());
  tell("thread_typing", { groupId, ...(parentId && { parentId }), typing: true });
}

export function stopped(groupId, parentId) {
  if (told.delete(key(groupId, parentId))) tell("thread_typing", { groupId, ...(parentId && { parentId }), typing: false });
}

export function onTyping({ groupId, parentId, userId, name, typing: isTyping }) {
  if (userId === document.body.dataset.userId) return;
  const where = key(groupId, parentId);
  if (!writers.has(where)) writers.set(where, new Map());
  const here = writers.get(where);
  clearTimeout(here.get(userId)?.timer);
  here.delete(userId);
  if (isTyping) here.set(userId, { name, timer: setTimeout(() => (here.delete(userId), write(groupId, parentId)), SHOWN_FOR) });
  write(groupId, parentId);
}

/** What someone has sent they are no longer writing. */
export const onSent = ({ groupId, parentId, userId }) => onTyping({ groupId, parentId, userId, typing: false });

function write(groupId, parentId) {
  const form = document.querySelector(`[data-composer][data-group-id="${CSS.escape(groupId)}"][data-parent-id="${CSS.escape(parentId ?? "")}"]`);
  if (!form) return;
  const names = [...(writers.get(key(groupId, parentId))?.values() ?? [])].map((writer) => writer.name);
  form.querySelector("[data-field=typing]").textContent = sentence(names);
}

function sentence(names) {
  if (!names.length) return "";
  if (names.length > 3) return "Several people are typing…";
  return `${new Intl.ListFormat("en").format(names)} ${names.length > 1 ? "are" : "is"} typing…`;
}
