// Escape closes what is innermost: a menu before the sheet around it, and that before the panel.

const closers = new Map();
const LEVELS = ["menu", "sheet", "details", "log", "panel"];

/** Register what Escape closes on one of the levels: `close(target)` says whether there was something to close. */
export const onEscape = (level, close) => closers.set(level, close);

export function start() {
  document.addEventListener("keydown", onKey);
}

function onKey(event) {
  if (event.key !== "Escape" || event.defaultPrevented || event.isComposing || isOthers(event.target)) return;
  if (LEVELS.some((level) => closers.get(level)?.(event.target))) event.preventDefault();
}

/** The browser closes dialogs and popovers itself, and a form in which a message is edited has its own Escape. */
function isOthers(target) {
  return target.closest?.("form.edit, .notice") || document.querySelector("dialog:modal, [popover='auto']:popover-open, [popover='']:popover-open");
}
