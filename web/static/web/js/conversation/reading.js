// The read mark: moved on the server to what has been on the screen of a focused window, or back to before a message.

import { attempt } from "../app/attempt.js";
import { request } from "../app/connection.js";
import { learn } from "../app/groups.js";
import { page } from "../app/positions.js";
import { register } from "../ui/actions.js";
import { isShown } from "../ui/focusing.js";
import { readUpTo } from "../app/unread.js";
import { groupLog, isAtEnd, isLooking, lastSeen, scroller } from "./scrolling.js";
import * as threadReading from "./thread_reading.js";
import { drawAfter } from "./unread_line.js";

const AFTER = 400;
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
  if (parentId) {
    threadReading.hold(parentId, ack.read);
    if (threadReading.openLog()?.dataset.thread === parentId) drawAfter(ack.read, threadReading.openLog());
    return;
  }
  hold(groupId);
  if (page().groupId === groupId) drawAfter(ack.read);
  await learn(groupId, ack);
}

function read() {
  readGroup();
  threadReading.read();
}

async function readGroup() {
  const { groupId } = page();
  if (groupId === held) return;
  held = null;
  // Under a panel, nothing of it is seen.
  if (!groupId || !isLooking() || !isShown(scroller())) return;
  const seq = seen(groupId);
  if (seq <= (marks.get(groupId) ?? 0)) return;
  try {
    marks.set(groupId, seq);
    await learn(groupId, await request("thread_read", { groupId, seq }));
  } catch {
    // The next message, scroll or focus tries again.
    marks.delete(groupId);
  }
}

/** The seq up to which everything was seen: with the newest message on the screen all of the log, else what joins the mark. */
function seen(groupId) {
  if (isAtEnd()) return Number(page().head);
  const mark = readUpTo(groupId);
  const last = Number(lastSeen()?.dataset.seq ?? 0);
  return last > mark && joins(mark) ? last : 0;
}

/** Whether nothing is missing between the mark and what is shown. */
function joins(mark) {
  const first = groupLog().querySelector(":scope > .message[data-seq]");
  return Number(first.dataset.seq) <= mark + 1 || !document.querySelector("#older a");
}
