// The buttons that lead to the newest message, with how many are unread, and to the newest reply, while that is not on the screen.

import { page } from "../app/positions.js";
import { visit } from "../app/router.js";
import { unreadIn } from "../app/unread.js";
import { register } from "../ui/actions.js";
import { part } from "../ui/template.js";
import { locales, t } from "../ui/texts.js";
import { isAtEnd, isLive, scroller } from "./scrolling.js";
import * as thread from "./thread_reading.js";

let frame = null;

const button = () => document.getElementById("jump");
const threadButton = () => document.querySelector("#panel .jump");

export function start() {
  register({ jump });
  document.addEventListener("scroll", writeSoon, true);
  document.addEventListener("submit", onSubmit);
}

/** At most once a frame. */
export function writeSoon() {
  frame ??= requestAnimationFrame(() => {
    frame = null;
    write();
  });
}

function write() {
  const ofThread = threadButton();
  if (ofThread) ofThread.hidden = thread.isAtEnd(thread.openLog());
  const link = button();
  if (!link) return;
  link.hidden = isAtEnd();
  const unread = unreadIn(page().groupId);
  part(link, "count").hidden = !unread;
  part(link, "count").textContent = t("{count} unread", { count: unread.toLocaleString(locales) });
}

function jump(link) {
  const box = link === button() ? scroller() : document.querySelector("#panel .scroller");
  if (goesOn(link)) visit(link.href);
  else box.scrollTop = 0;
}

/** Whether there are newer ones than those that are shown. */
const goesOn = (link) => (link === button() ? !isLive() : !("parentId" in thread.openLog().dataset));

/** What one writes is shown at the end, wherever one has read. */
function onSubmit({ target }) {
  if (!target.matches("[data-composer]")) return;
  const link = target.dataset.parentId ? threadButton() : button();
  if (link && goesOn(link)) jump(link);
}
