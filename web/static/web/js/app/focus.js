// The focus is always somewhere: where a visit has led, and, when what had it goes away, beside where that was.

import * as composer from "../conversation/composer.js";
import { focusHeading, isShown } from "../ui/focusing.js";

const main = () => document.getElementById("conversation");
const panel = () => document.getElementById("panel");
// What had the focus last: {element, message: the one around it, messageId, inPanel}; null where somebody clicked on nothing.
let last = null;
let frame = null;
// What had it before the panel was opened.
let opener = null;
let isPanelOpen = false;

export function start() {
  isPanelOpen = !panel().hidden;
  document.addEventListener("pointerdown", () => (last = null));
  document.addEventListener("focusin", ({ target }) => (last = describe(target)));
  const changes = new MutationObserver(lookSoon);
  changes.observe(document.body, { subtree: true, childList: true, attributeFilter: ["hidden", "open", "disabled"] });
}

function describe(element) {
  const message = element.closest(".message");
  return { element, message, messageId: message?.dataset.messageId, inPanel: Boolean(element.closest("#panel")) };
}

/** A visit has shown another page in the place of the conversation, or has opened, changed or closed the panel. */
export function arrive({ other, panelChanged }) {
  const wasOpen = isPanelOpen;
  isPanelOpen = !panel().hidden;
  if (!wasOpen && isPanelOpen) opener = last;
  if (panelChanged && isPanelOpen) return enter(panel());
  if (other) return enter(main());
  if (panelChanged) return backTo(opener) || enter(main());
}

/** Focus the box to write in, where there is one and a keyboard; else the heading. */
function enter(root) {
  composer.focus(root);
  if (!root.contains(document.activeElement) || !isShown(document.activeElement)) focusHeading(root);
}

/** What goes away takes the focus with it, which only the next frame shows. */
function lookSoon() {
  if (last) frame ??= requestAnimationFrame(look);
}

function look() {
  frame = null;
  const here = document.activeElement;
  if (!last || isShown(last.element) || (here && here !== document.body && isShown(here))) return;
  backTo(last) || enter(last.inPanel && !panel().hidden ? panel() : main());
}

/** Focus what had it before, or the message that it was in; returns whether there is one. */
function backTo(former) {
  return Boolean(former) && [former.message, sameMessage(former), former.element].some(takes);
}

function sameMessage({ messageId, inPanel }) {
  return messageId && document.querySelector(`${inPanel ? "#panel" : "#scroller"} .message[data-message-id="${CSS.escape(messageId)}"]`);
}

function takes(element) {
  if (!element || element === document.body || !isShown(element)) return false;
  element.focus({ preventScroll: true });
  return document.activeElement === element;
}
