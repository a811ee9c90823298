// Where the reader is in a conversation: kept in this entry of the browser's history, so that going back to it, or loading it
// again, shows the same.

import { page } from "../app/positions.js";
import { messagesOf } from "./log.js";
import { boxOf, firstShown, groupLog, isAtEnd, isLive, putAt, scroller } from "./scrolling.js";
import { openLog } from "./thread_reading.js";

const AFTER = 250;
// The line 'New' is put so far below the upper edge, and some of what was read is above it.
const ABOVE_NEW = 90;
let timer = null;
let showAround = () => {};
// The part of the log where the reader was is being fetched: what is shown until then is not where they are.
let restoring = false;

/** `show(messageId)` replaces the log by the part around a message, and returns a promise. */
export function start(show) {
  showAround = show;
  document.addEventListener("scroll", keepSoon, true);
  addEventListener("pagehide", keep);
  addEventListener("popstate", () => clearTimeout(timer));
  settle();
  settleThread();
}

function keepSoon() {
  clearTimeout(timer);
  timer = setTimeout(keep, AFTER);
}

/** Note where the reader is; call before the page's address changes. */
export function keep() {
  clearTimeout(timer);
  const { groupId } = page();
  if (restoring || !groupId || !location.pathname.startsWith(`/groups/${encodeURIComponent(groupId)}`)) return;
  history.replaceState({ ...history.state, at: isAtEnd() ? null : place(groupId) }, "");
}

function place(groupId) {
  const element = firstShown();
  if (!element?.dataset.seq) return null;
  const top = element.getBoundingClientRect().top - scroller().getBoundingClientRect().top;
  return { groupId, messageId: element.dataset.messageId, top: Math.round(top) };
}

/** Go where the reader was, else to the line 'New'. */
export async function settle() {
  const { groupId } = page();
  const at = history.state?.at;
  if (!groupId) return;
  if (at?.groupId !== groupId) return showNew(groupLog());
  if (restore(at) || restoring) return;
  restoring = true;
  // Settles again.
  await showAround(at.messageId);
  restoring = false;
}

function restore({ messageId, top }) {
  const element = messagesOf(groupLog()).find(({ dataset }) => dataset.messageId === messageId);
  if (element) putAt(element, top);
  return Boolean(element);
}

/** A thread is opened where its unread replies begin, and one that goes on from others at its beginning. */
export function settleThread() {
  const log = openLog();
  if (!log) return;
  if (new URLSearchParams(location.search).has("after")) boxOf(log).scrollTop = -boxOf(log).scrollHeight;
  else showNew(log);
}

function showNew(log) {
  const line = log.querySelector(":scope > .unread-line");
  const isFound = log.querySelector(":scope > .found");
  if (!line || isFound) return;
  const hidden = line.getBoundingClientRect().top < boxOf(log).getBoundingClientRect().top + ABOVE_NEW;
  if (hidden || !(log === groupLog() ? isLive() : "parentId" in log.dataset)) putAt(line, ABOVE_NEW);
}
