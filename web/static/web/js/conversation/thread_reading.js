// The read mark of the thread in the panel, moved as that of the group is.

import { request } from "../app/connection.js";
import { page } from "../app/positions.js";
import { isShown } from "../ui/focusing.js";
import { messagesOf } from "./log.js";
import { boxOf, isLooking, isNearEnd, lastSeen } from "./scrolling.js";

// The mark that each thread has on the server, where that is known better than the page says.
const marks = new Map();
// The thread in which replies were marked as unread, until it is opened again.
let held = null;

export const openLog = () => document.querySelector("#panel .log[data-thread]");

/** Whether the thread goes on to its newest reply, and that is on the screen. */
export const isAtEnd = (log) => "parentId" in log.dataset && isNearEnd(boxOf(log));

/** The seq up to which a thread is read. */
export const readUpTo = ({ dataset }) => Math.max(marks.get(dataset.thread) ?? 0, Number(dataset.read));

/** Read nothing of a thread while it stays open: its mark is moved back, to this seq where that is known. */
export function hold(parentId, seq = null) {
  const log = openLog();
  held = log?.dataset.thread === parentId ? parentId : held;
  if (held === parentId && seq !== null) log.dataset.read = seq;
  marks.delete(parentId);
}

/** Read it again: its mark was not moved back. */
export function release(parentId) {
  held = held === parentId ? null : held;
}

/** The user has written in it, which moves the mark. */
export function resume(parentId, seq) {
  release(parentId);
  marks.set(parentId, seq);
}

/** Move the mark to what was seen. */
export async function read() {
  const log = openLog();
  const parentId = log?.dataset.thread;
  if (held && parentId === held) return;
  held = null;
  if (!log || !isLooking() || !isShown(boxOf(log))) return;
  const seq = seen(log);
  if (seq <= readUpTo(log)) return;
  try {
    marks.set(parentId, seq);
    await request("thread_read", { groupId: page().groupId, parentId, seq });
  } catch {
    // The next reply, scroll or focus tries again.
    marks.delete(parentId);
  }
}

/** At its end all of the thread is; elsewhere what joins the mark. */
function seen(log) {
  const last = isAtEnd(log) ? messagesOf(log).findLast(({ dataset }) => dataset.seq) : "joins" in log.dataset && lastSeen(log);
  return Number((last || undefined)?.dataset.seq ?? 0);
}
