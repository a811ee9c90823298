// The unread count of the inbox in the sidebar, the pages of the inbox and of threads, and whether a thread is followed.

import { writeCount } from "../ui/text.js";
import { refresh } from "./router.js";

const PAUSE = 500;
let timer = null;
// The revision of the last `user_update`, or `ready`; and that of what is shown: what was told up to it is counted.
let revision = 0;
let shown = Number(badge().dataset.revision);

/** What was told while there was no connection, or before it, is read anew. */
export function onReady(current) {
  revision = current;
  if (revision > shown) readSoon();
}

export function onUserUpdate({ revision: next, kind, parentId, following }) {
  if (next <= revision) return;
  revision = next;
  if (kind === "thread") showFollowing(parentId, following);
  if (concerns(kind, following)) readSoon();
  else if (shown === next - 1) shown = next;
}

/** A read mark may have passed what an item is about; the replies of a thread that is followed no longer are no items. */
function concerns(kind, following) {
  if (kind === "thread") return !following || location.pathname === "/threads";
  return kind === "inbox" || kind === "read_mark";
}

/** A message of one's own moves one's read mark; this page may be the only one, which is told nothing of it. */
export const onOwnMessage = () => badge().hidden || readSoon();

function showFollowing(parentId, following) {
  const panel = document.getElementById("panel");
  panel.querySelectorAll("[data-follow]").forEach((button) => button.dataset.follow === parentId && (button.hidden = following));
  panel.querySelectorAll("[data-unfollow]").forEach((button) => button.dataset.unfollow === parentId && (button.hidden = !following));
}

/** Many changes at a time are one request. */
export function readSoon() {
  timer ??= setTimeout(() => {
    timer = null;
    read();
  }, PAUSE);
}

async function read() {
  const asOf = revision;
  if (["/inbox", "/threads", "/unread"].includes(location.pathname)) refresh();
  try {
    const response = await fetch("/api/inbox?limit=1");
    if (response.ok) show((await response.json()).unread, asOf);
  } catch {
    // The next change, or the next connection, reads it.
  }
}

/** Show the count that a page has brought. */
export function onPage(page) {
  const element = page.getElementById("inbox-unread");
  show(Number(element.querySelector("[data-count]").dataset.count), Number(element.dataset.revision));
}

function badge() {
  return document.getElementById("inbox-unread");
}

/** Show a count as of a revision, unless a later one is shown. */
function show(unread, asOf) {
  if (asOf < shown) return;
  shown = asOf;
  badge().hidden = unread === 0;
  writeCount(badge().querySelector("[data-field=count]"), unread);
}
