// The read mark: moved on the server once the end of the log has been on the screen of a focused window.

import { request } from "../app/connection.js";
import { page } from "../app/positions.js";
import * as sidebar from "../app/sidebar.js";

const AFTER = 400;
// Scrolled up further than this, the newest message is not on the screen.
const NEAR_END = 80;
let timer = null;
// The mark that each group has on the server.
const marks = new Map();

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
  const { groupId, head, live } = page();
  const scroller = document.getElementById("scroller");
  if (!groupId || live === undefined || document.hidden || !document.hasFocus() || scroller.scrollTop < -NEAR_END) return;
  const seq = Number(head);
  if (!seq || marks.get(groupId) === seq) return;
  try {
    marks.set(groupId, seq);
    const { unread } = await request("thread_read", { groupId, seq });
    sidebar.setUnread(groupId, unread);
  } catch {
    // The next message, scroll or focus tries again.
    marks.delete(groupId);
  }
}
