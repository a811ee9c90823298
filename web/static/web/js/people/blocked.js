// Whom the user has blocked: what they write in shared groups is folded.

import { fetchPages } from "../ui/pages.js";

let blocked = new Set();
// By id, {revision, blocked}: what was told of each, which a list that is older must not undo.
const told = new Map();
// The revision of the list that is shown, and that of all that is known.
let listed = 0;
let revision = revisionOf(document);

/** Take over what a page brings along. */
export function readBlocked(page) {
  const data = page.getElementById("blocked");
  if (data) show(JSON.parse(data.textContent), revisionOf(page));
}

/** What was told while there was no connection is read anew. */
export const onReady = (current) => current > revision && read();

/** Read the list anew; where that fails, the next page brings it along. */
export async function read() {
  const pages = await fetchPages("/api/users/me/blocked").catch(() => null);
  if (!pages) return;
  const ids = pages.flatMap((page) => page.blocked).map(({ userId }) => userId);
  show(ids, pages[0].revision);
}

/** Somebody was blocked or unblocked, perhaps on another device: fold or unfold what the page has of them. */
export function onUserUpdate({ revision: next, kind, userId, blocked: now }) {
  revision = Math.max(revision, next);
  if (kind !== "blocked") return;
  told.set(userId, { revision: next, blocked: now });
  write(userId, now);
  document.querySelectorAll(`.message[data-user-id="${CSS.escape(userId)}"]`).forEach(writeFold);
}

/** Show a list as of a revision, unless a later one is shown. */
function show(ids, asOf) {
  if (asOf < listed) return;
  listed = asOf;
  revision = Math.max(revision, asOf);
  blocked = new Set(ids);
  told.forEach((each, id) => each.revision > asOf && write(id, each.blocked));
  document.querySelectorAll(".message").forEach(writeFold);
}

function write(id, isBlocked) {
  if (isBlocked) blocked.add(id);
  else blocked.delete(id);
}

/** A page reads the revision of what belongs to the user before it reads whom they have blocked. */
function revisionOf(page) {
  return Number(page.getElementById("inbox-unread").dataset.revision);
}

/** Fold a message whose author is blocked, and no other. */
export function writeFold(element) {
  const fold = element.querySelector(":scope > .said > .fold");
  if (fold) fold.hidden = !blocked.has(element.dataset.userId);
}
