// The read mark: moved on the server once the end of the log has been on the screen of a focused window, or back to
// before a message.

import { attempt } from "../app/attempt.js";
import { request } from "../app/connection.js";
import { learn } from "../app/groups.js";
import { page } from "../app/positions.js";
import { refresh } from "../app/router.js";
import { register } from "../ui/actions.js";
import * as threadReading from "./thread_reading.js";

const AFTER = 400;
// Scrolled up further than this, the newest message is not on the screen.
const NEAR_END = 80;
let timer = null;
// The mark that each group has on the server.
const marks = new Map();
// The group that was marked as unread, until it is opened again: it is on the screen.
let held = null;

/** Read nothing of a group while it stays open. */
export function hold(groupId) {
  held = page().groupId === groupId ? groupId : held;
  marks.delete(groupId);
}

/** Read it again: the user has sent this message there. */
export function resume({ groupId, parentId, seq }) {
  release(groupId);
  if (parentId) threadReading.resume(parentId, seq);
}

function release(groupId, parentId) {
  if (parentId) threadReading.release(parentId);
  else held = held === groupId ? null : held;
}

export function readSoon() {
  clearTimeout(timer);
  timer = setTimeout(read, AFTER);
}

export function start() {
  register({ "mark-unread": (button) => markUnread(button.closest(".message").dataset) });
  document.addEventListener("visibilitychange", readSoon);
  addEventListener("focus", readSoon);
  document.addEventListener("scroll", readSoon, true);
}

async function markUnread({ messageId, groupId, parentId }) {
  // Before the server knows it: to read what came just before would undo it.
  if (parentId) threadReading.hold(parentId);
  else hold(groupId);
  const ack = await attempt("mark_unread", { messageId });
  if (!ack) return release(groupId, parentId);
  if (parentId) return threadReading.hold(parentId, ack.read);
  hold(groupId);
  await learn(groupId, ack);
  // With the line above what is unread.
  refresh();
}

const isAtEnd = (scroller) => !document.hidden && document.hasFocus() && scroller.scrollTop >= -NEAR_END;

function read() {
  readGroup();
  threadReading.readThread(isAtEnd);
}

async function readGroup() {
  const { groupId, head, live } = page();
  if (groupId === held) return;
  held = null;
  if (!groupId || live === undefined || !isAtEnd(document.getElementById("scroller"))) return;
  const seq = Number(head);
  if (!seq || marks.get(groupId) === seq) return;
  try {
    marks.set(groupId, seq);
    await learn(groupId, await request("thread_read", { groupId, seq }));
  } catch {
    // The next message, scroll or focus tries again.
    marks.delete(groupId);
  }
}
