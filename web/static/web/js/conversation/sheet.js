// On a touch screen, a long press on a message opens what can be done to it as a sheet at the foot of the screen.

import { loadStyle } from "../reactions/style.js";
import { onEscape } from "../ui/escape.js";
import { stopsIn } from "../ui/focusing.js";

const LONG = 450;
// In pixels: a finger that moves further scrolls.
const SLACK = 10;
// What has a long press of its own.
const OWN = "a, button, summary, input, textarea, select, img, .chip, .actions";
let timer = null;
let began = null;
let isSwallowing = false;

const open = () => document.querySelector(".actions.sheet");

export function start() {
  document.addEventListener("pointerdown", onDown, true);
  document.addEventListener("pointermove", onMove);
  for (const event of ["pointerup", "pointercancel"]) document.addEventListener(event, stop);
  document.addEventListener("contextmenu", onContextMenu);
  document.addEventListener("click", onClick, true);
  onEscape("sheet", () => Boolean(open()) && (close(), true));
}

function onDown(event) {
  stop();
  isSwallowing = false;
  const sheet = open();
  if (sheet) {
    // The tap that closes it does nothing else.
    if (!sheet.contains(event.target)) close(), (isSwallowing = true);
    return;
  }
  if (event.pointerType !== "touch" || event.target.closest?.(OWN)) return;
  const message = event.target.closest?.(".scroller[role=log] .message");
  const actions = message?.querySelector(":scope > .actions:not([hidden])");
  if (!actions || message.dataset.state) return;
  began = { x: event.clientX, y: event.clientY };
  loadStyle();
  timer = setTimeout(show, LONG, actions);
}

function onMove({ clientX, clientY }) {
  if (timer && Math.hypot(clientX - began.x, clientY - began.y) > SLACK) stop();
}

function stop() {
  clearTimeout(timer);
  timer = null;
}

/** A finger that is held is a context menu too, to some browsers. */
function onContextMenu(event) {
  if (timer || open()) event.preventDefault();
}

function onClick(event) {
  // A keyboard's click has no detail.
  if (isSwallowing && event.detail) return (isSwallowing = false), event.preventDefault(), event.stopPropagation();
  const sheet = open();
  // After whoever does what was chosen.
  if (sheet?.contains(event.target) && event.target.closest("a, button")) setTimeout(() => sheet.matches(".sheet") && close());
}

/** The toolbar stays where it is in the page, so that it still belongs to its message, and is drawn above all. */
async function show(actions) {
  timer = null;
  // Lifting the finger is a click to some browsers, of what has come under it.
  isSwallowing = true;
  getSelection().removeAllRanges();
  await loadStyle();
  actions.classList.add("sheet");
  actions.querySelector("details").open = true;
  actions.popover = "manual";
  actions.showPopover?.();
  stopsIn(actions)[0]?.focus({ preventScroll: true });
}

function close() {
  const sheet = open();
  sheet.hidePopover?.();
  sheet.removeAttribute("popover");
  sheet.classList.remove("sheet");
  sheet.querySelector("details").open = false;
  if (sheet.contains(document.activeElement) || document.activeElement === document.body) sheet.closest(".message").focus({ preventScroll: true });
}
