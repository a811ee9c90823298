// The emoji that a person chooses most, beside the button for all of them: on the bar of a message, and in its menu.

import { favourites } from "./recents.js";
import { loadStyle } from "./style.js";

const ON_BAR = 3;
const IN_MENU = 6;

let isStarted = false;
// `t` of ui/texts.js: what is loaded later shares nothing with what is loaded at once.
let t = null;

/** Begin with where the user is: they are put in when they are to be seen, and are then those of that moment. */
export async function start(target, inLanguage) {
  t = inLanguage;
  await loadStyle();
  offerAt(target);
  if (isStarted) return;
  isStarted = true;
  document.addEventListener("pointerover", (event) => offerAt(event.target));
  document.addEventListener("focusin", (event) => offerAt(event.target));
  document.addEventListener("toggle", (event) => event.target.matches?.("details.more[open]") && offerIn(event.target.querySelector(".menu"), IN_MENU), true);
}

function offerAt(target) {
  const bar = target.closest?.(".message")?.querySelector(":scope > .actions");
  if (bar) offerIn(bar, ON_BAR);
}

function offerIn(place, count) {
  const offered = favourites(count);
  let list = place.querySelector(":scope > .quick");
  if (list?.dataset.offered === offered.join(" ") || list?.contains(document.activeElement)) return;
  list?.remove();
  list = Object.assign(document.createElement("div"), { className: "quick" });
  list.dataset.offered = offered.join(" ");
  list.append(...offered.map(button));
  place.prepend(list);
}

function button(emoji) {
  const made = Object.assign(document.createElement("button"), { type: "button", className: "emoji-button", value: emoji, textContent: emoji });
  made.dataset.action = "react-with";
  made.title = t("React with {emoji}", { emoji });
  made.setAttribute("aria-label", made.title);
  return made;
}
