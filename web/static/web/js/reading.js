// Tells the server how far one has read: what is on the screen, at its end, in a window that is looked at.

import { ask } from "./connection.js";
import * as sidebar from "./sidebar.js";

const AFTER = 400;
// Scrolled further up than this, the newest message is not what is being read.
const AT_END = 80;
let timer = null;
const told = new Map();

export function readSoon() {
  clearTimeout(timer);
  timer = setTimeout(read, AFTER);
}

export function start() {
  document.addEventListener("visibilitychange", readSoon);
  addEventListener("focus", readSoon);
  document.addEventListener("scroll", readSoon, true);
}

async function read() {
  const { groupId, head, live } = document.getElementById("conversation").dataset;
  const scroller = document.getElementById("scroller");
  if (!groupId || live === undefined || document.hidden || !document.hasFocus() || scroller.scrollTop < -AT_END) return;
  const seq = Number(head);
  if (!seq || told.get(groupId) === seq) return;
  try {
    told.set(groupId, seq);
    const { unread } = await ask("thread_read", { groupId, seq });
    sidebar.setUnread(groupId, unread);
  } catch {
    // The mark only moves forward: the next message, or the next look, tells it again.
    told.delete(groupId);
  }
}
