// What of the open group's log is on the screen, and how to change the log without moving that.

import { page } from "../app/positions.js";
import { messagesOf } from "./log.js";

// Scrolled up further than this, the newest message is not on the screen.
const NEAR_END = 80;
const HOLD = 2_000;
let release = () => {};

export const scroller = () => document.getElementById("scroller");

export const groupLog = () => document.querySelector("#scroller .log");

/** Whether the log goes on to the newest message, so that what arrives belongs to its end. */
export const isLive = () => "live" in page();

/** What a part of a log scrolls in. */
export const boxOf = (element) => element.closest(".scroller");

export const isNearEnd = (box) => box.scrollTop >= -NEAR_END;

/** Whether the newest message is on the screen. */
export const isAtEnd = () => isLive() && isNearEnd(scroller());

/** Whether somebody looks at the page. */
export const isLooking = () => !document.hidden && document.hasFocus();

/** The first message of which something is on the screen. */
export function firstShown() {
  const top = scroller().getBoundingClientRect().top;
  return search(messagesOf(groupLog()), (element) => element.getBoundingClientRect().bottom > top);
}

/** The last message of a log whose end is on the screen, or above it. */
export function lastSeen(log = groupLog()) {
  const bottom = boxOf(log).getBoundingClientRect().bottom + 1;
  const messages = messagesOf(log).filter((element) => element.dataset.seq);
  const after = search(messages, (element) => element.getBoundingClientRect().bottom > bottom);
  return messages[(after ? messages.indexOf(after) : messages.length) - 1];
}

/** The first of the elements that a test holds for, and for all after it; looks at few of them. */
function search(elements, test) {
  let [low, high] = [0, elements.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(elements[middle])) high = middle;
    else low = middle + 1;
  }
  return elements[low];
}

/** Change the log, and have what is on the screen stay where it is: not every browser does that by itself. */
export function keepPlace(change) {
  const anchor = firstShown();
  const before = anchor?.getBoundingClientRect().top;
  change();
  if (anchor?.isConnected) scrollBy(anchor.getBoundingClientRect().top - before);
}

/**
 * Put an element so many pixels below the upper edge, and hold it there for a moment: what comes near the screen by that
 * has its real height only then. Whoever scrolls meanwhile is not held.
 */
export function putAt(element, top) {
  release();
  const box = boxOf(element);
  const move = () => element.isConnected && scrollBy(element.getBoundingClientRect().top - box.getBoundingClientRect().top - top, box);
  move();
  const sizes = new ResizeObserver(move);
  sizes.observe(box.firstElementChild);
  const timer = setTimeout(() => release(), HOLD);
  release = () => (clearTimeout(timer), sizes.disconnect());
  for (const event of ["wheel", "touchstart", "keydown", "pointerdown"]) addEventListener(event, () => release(), { once: true, passive: true });
}

function scrollBy(pixels, box = scroller()) {
  if (Math.abs(pixels) >= 1) box.scrollTop += pixels;
}
