// The unread count of the inbox in the sidebar, the pages of the inbox and of threads, and whether a thread is followed.

import { refresh } from "./router.js";

const PAUSE = 500;
let timer = null;
let isFirst = true;

/** What was told while there was no connection is read anew. */
export function onReady() {
  if (!isFirst) readSoon();
  isFirst = false;
}

export function onUserUpdate({ kind, parentId, following }) {
  if (kind === "thread") showFollowing(parentId, following);
  if (kind === "thread" && location.pathname !== "/threads") return;
  // A read mark may have passed what an item is about.
  readSoon();
}

/** A message of one's own moves one's read mark, which is told to nobody. */
export const onOwnMessage = () => document.getElementById("inbox-unread").hidden || readSoon();

function showFollowing(parentId, following) {
  const panel = document.getElementById("panel");
  panel.querySelectorAll("[data-follow]").forEach((button) => button.dataset.follow === parentId && (button.hidden = following));
  panel.querySelectorAll("[data-unfollow]").forEach((button) => button.dataset.unfollow === parentId && (button.hidden = !following));
}

/** Many changes at a time are one request. */
function readSoon() {
  timer ??= setTimeout(() => {
    timer = null;
    read();
  }, PAUSE);
}

async function read() {
  if (["/inbox", "/threads"].includes(location.pathname)) refresh();
  try {
    const response = await fetch("/api/inbox?limit=1");
    if (response.ok) show((await response.json()).unread);
  } catch {
    // The next change, or the next connection, reads it.
  }
}

/** Show the count that a page has brought. */
export const onPage = (page) => show(Number(page.querySelector("#inbox-unread [data-field=count]")?.textContent ?? 0));

function show(unread) {
  const badge = document.getElementById("inbox-unread");
  badge.hidden = unread === 0;
  badge.querySelector("[data-field=count]").textContent = unread;
}
