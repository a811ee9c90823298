// Questions before what cannot be taken back: a dialog, out of which neither the Tab key nor a screen reader leads.

import { part } from "./template.js";

const dialog = () => document.getElementById("asking");

/** Ask, and resolve to whether the answer is yes: the button with the words `yes`. */
export function ask(sentence, yes) {
  part(dialog(), "question").textContent = sentence;
  part(dialog(), "yes").textContent = yes;
  dialog().returnValue = "";
  dialog().showModal();
  return new Promise((resolve) => dialog().addEventListener("close", () => resolve(dialog().returnValue === "yes"), { once: true }));
}
