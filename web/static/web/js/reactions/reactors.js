// Who has reacted: a pointer that rests shows it as a title, a finger by a long press.

const LONG = 450;
let timer = null;
let shownAt = 0;

const popover = () => document.getElementById("reactors");

// Not that of ui/template.js: what is loaded later shares nothing with what is loaded at once.
const part = (element, name) => element.querySelector(`[data-field="${name}"]`);

/** Begin with a finger that is down by now, if it still is. */
export function start(event) {
  document.addEventListener("pointerdown", onDown);
  for (const event of ["pointerup", "pointercancel", "pointermove"]) document.addEventListener(event, () => clearTimeout(timer));
  // The finger's own click, and the browser's menu, would come after it.
  document.addEventListener("click", onClick, true);
  document.addEventListener("contextmenu", (each) => chipAt(each) && timer !== null && each.preventDefault());
  onDown(event);
}

const chipAt = ({ target }) => target.closest?.(".chip");

function onDown(event) {
  clearTimeout(timer);
  timer = null;
  const chip = chipAt(event);
  if (chip && event.pointerType === "touch") timer = setTimeout(show, LONG, chip);
}

function onClick(event) {
  if (!shownAt || !chipAt(event)) return;
  shownAt = 0;
  event.preventDefault();
  event.stopPropagation();
}

function show(chip) {
  shownAt = Date.now();
  part(popover(), "emoji").textContent = part(chip, "emoji").textContent;
  part(popover(), "names").textContent = chip.title;
  popover().showPopover();
  const at = chip.getBoundingClientRect();
  const { width, height } = popover().getBoundingClientRect();
  popover().style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
  popover().style.top = `${Math.max(8, at.top - height - 6)}px`;
}
