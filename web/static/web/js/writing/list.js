// A list beside a box to write in, of which one entry is current; the focus stays in the box (ARIA: combobox and listbox).

import { kit } from "./kit.js";

const ID = "completion";
const HIGHEST = 320;
let field = null;
let stopPlacing = () => {};

const list = () => document.getElementById(ID);

export const isOpen = () => Boolean(list());

export const current = () => list().querySelector("[aria-selected=true]");

/** Show {shown, hint} to choose from; `onChosen` is called with the one that is clicked. */
export async function open(box, choices, onChosen) {
  const element = list() ?? document.createElement("ul");
  Object.assign(element, { id: ID, className: "completion" });
  element.setAttribute("role", "listbox");
  element.setAttribute("aria-label", kit.t("Suggestions"));
  element.replaceChildren(...choices.map((choice, place) => entry(choice, place, onChosen)));
  const isNew = !element.isConnected;
  if (isNew) document.body.append(element);
  field = box;
  const state = { role: "combobox", "aria-expanded": "true", "aria-controls": ID, "aria-autocomplete": "list", "aria-haspopup": "listbox" };
  Object.entries(state).forEach(([name, value]) => field.setAttribute(name, value));
  choose(element.firstElementChild);
  if (isNew) await place(element);
}

function entry(choice, place, onChosen) {
  const element = Object.assign(document.createElement("li"), { id: `${ID}-${place}` });
  element.setAttribute("role", "option");
  element.append(span("shown", choice.shown));
  if (choice.hint) element.append(span("hint", choice.hint));
  // The focus stays in the box.
  element.addEventListener("pointerdown", (event) => event.preventDefault());
  element.addEventListener("mousedown", (event) => event.preventDefault());
  element.addEventListener("click", () => onChosen(choice));
  return element;
}

const span = (className, textContent) => Object.assign(document.createElement("span"), { className, textContent, dir: "auto" });

function choose(element) {
  list().querySelectorAll("[role=option]").forEach((each) => each.setAttribute("aria-selected", each === element));
  field.setAttribute("aria-activedescendant", element.id);
  element.scrollIntoView({ block: "nearest" });
}

/** Go on by one entry, from the last to the first. */
export function move(by) {
  const entries = [...list().children];
  choose(entries.at((entries.indexOf(current()) + by) % entries.length));
}

export function close() {
  stopPlacing();
  stopPlacing = () => {};
  list()?.remove();
  for (const name of ["role", "aria-expanded", "aria-controls", "aria-autocomplete", "aria-haspopup", "aria-activedescendant"]) field?.removeAttribute(name);
  field = null;
}

/** Above or below the box, wherever there is space, and no larger than that. */
async function place(element) {
  const anchor = field.closest(".composer-row") ?? field;
  const { placeBeside } = await import("../ui/floating.js");
  if (!element.isConnected) return;
  stopPlacing();
  stopPlacing = placeBeside(anchor, element, "top-start", HIGHEST);
}
