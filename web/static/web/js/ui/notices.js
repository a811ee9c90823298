// Short notices over the head of the page. Each goes after some seconds, which stand still while somebody points at it or is in it,
// or when it is dismissed. None takes the focus; where one goes that has it, the focus returns to where it came from.

import { t } from "./texts.js";

const SHOWN_FOR = 6_000;
const MOST = 4;
const region = () => document.getElementById("notices");
// By element, what ends its notice.
const ends = new WeakMap();

/**
 * Show a sentence. `act` is {label, run, keys}: a button that does something and ends the notice, and its shortcut if it has one.
 * `onEnd` is called when the notice goes without it. Returns a function that ends it.
 */
export function notice(sentence, { act = null, onEnd = () => {} } = {}) {
  const element = Object.assign(document.createElement("div"), { className: "notice" });
  element.append(Object.assign(document.createElement("span"), { textContent: sentence }));
  let returnTo = null;
  const end = (isActed = false) => {
    if (!ends.delete(element)) return;
    clock.stop();
    const hadFocus = element.contains(document.activeElement);
    element.remove();
    if (hadFocus && returnTo?.isConnected) returnTo.focus();
    if (!isActed) onEnd();
  };
  if (act) element.append(button(act.label, "notice-act", () => (end(true), act.run()), act.keys));
  element.append(button("×", "", () => end(), "", t("Dismiss")));
  const clock = countdown(element, () => end());
  ends.set(element, end);
  element.addEventListener("focusin", ({ relatedTarget }) => relatedTarget && !element.contains(relatedTarget) && (returnTo = relatedTarget));
  element.addEventListener("keydown", ({ key }) => key === "Escape" && end());
  region().append(element);
  // Those that are too many end as if their time were over.
  [...region().children].slice(0, -MOST).forEach((each) => ends.get(each)?.());
  return end;
}

function button(text, className, run, keys, label = "") {
  const element = Object.assign(document.createElement("button"), { type: "button", className, textContent: text, title: label });
  if (label) element.setAttribute("aria-label", label);
  if (keys) element.setAttribute("aria-keyshortcuts", keys);
  element.addEventListener("click", run);
  return element;
}

/** Call back after the time of a notice; it stands still while the pointer or the focus is in its element. */
function countdown(element, callback) {
  let left = SHOWN_FOR;
  let since = 0;
  let timer = null;
  const stop = () => {
    if (timer === null) return;
    clearTimeout(timer);
    timer = null;
    left -= Date.now() - since;
  };
  const go = () => {
    if (timer !== null || element.matches(":hover, :focus-within")) return;
    since = Date.now();
    timer = setTimeout(callback, Math.max(0, left));
  };
  for (const name of ["pointerenter", "focusin"]) element.addEventListener(name, stop);
  for (const name of ["pointerleave", "focusout"]) element.addEventListener(name, () => setTimeout(go));
  go();
  return { stop };
}
