// The read mark of the thread in the panel, moved as that of the group is.

import { request } from "../app/connection.js";
import { page } from "../app/positions.js";

// The mark that each thread has on the server, where that is known better than the page says.
const marks = new Map();
// The thread in which replies were marked as unread, until it is opened again.
let held = null;

const openLog = () => document.querySelector("#panel .log[data-parent-id]");

/** Read nothing of a thread while it stays open: its mark is moved back, to this seq where that is known. */
export function hold(parentId, seq = null) {
  const log = openLog();
  held = log?.dataset.parentId === parentId ? parentId : held;
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

/** Move the mark to the last reply, if `isAtEnd` says that the end of what scrolls is on the screen. */
export async function readThread(isAtEnd) {
  const log = openLog();
  const parentId = log?.dataset.parentId;
  if (held && parentId === held) return;
  held = null;
  if (!log || !isAtEnd(log.closest(".scroller"))) return;
  const seq = Number([...log.querySelectorAll(":scope > .message[data-seq]")].at(-1)?.dataset.seq ?? 0);
  if (seq <= Math.max(marks.get(parentId) ?? 0, Number(log.dataset.read))) return;
  try {
    marks.set(parentId, seq);
    await request("thread_read", { groupId: page().groupId, parentId, seq });
  } catch {
    // The next reply, scroll or focus tries again.
    marks.delete(parentId);
  }
}
