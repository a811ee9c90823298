// The button that leads to the newest message, with how many are unread, while that is not on the screen.

import { page } from "../app/positions.js";
import { visit } from "../app/router.js";
import { unreadIn } from "../app/unread.js";
import { register } from "../ui/actions.js";
import { part } from "../ui/template.js";
import { locales, t } from "../ui/texts.js";
import { isAtEnd, isLive, scroller } from "./scrolling.js";

let frame = null;

const button = () => document.getElementById("jump");

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
  const link = button();
  if (!link) return;
  link.hidden = isAtEnd();
  const unread = unreadIn(page().groupId);
  part(link, "count").hidden = !unread;
  part(link, "count").textContent = t("{count} unread", { count: unread.toLocaleString(locales) });
}

function jump() {
  if (isLive()) scroller().scrollTop = 0;
  else visit(button().href);
}

/** What one writes is shown at the end, wherever one has read. */
function onSubmit({ target }) {
  if (target.matches("#foot [data-composer]") && !isLive()) jump();
}
