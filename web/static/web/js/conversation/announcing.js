// What arrives in the conversation that is open is said once, by author and text. The log itself is silent: in it the text of a
// message is written again when it is stored, edited or reacted to, and older pages come above what was read.

import { isKnown, me } from "../people/names.js";
import { say } from "../ui/saying.js";
import { part } from "../ui/template.js";
import { textOf } from "./content.js";

// Whoever wants to hear all of a long text goes to the message.
const MOST = 500;
const KEPT = 200;
// A page that was fetched meanwhile has the message already, and it arrives again.
const said = new Set();
// Of authors whose names are being loaded.
const unnamed = new Set();

/** Say a message of somebody else that has just come. */
export function announce(element) {
  const { messageId, userId } = element.dataset;
  if (userId === me() || said.has(messageId) || !part(element, "fold").hidden) return;
  said.add(messageId);
  if (said.size > KEPT) said.delete(said.values().next().value);
  if (isKnown(userId)) say(spoken(element));
  else unnamed.add(element);
}

/** Say what has waited for the name of its author, once that is written. */
export function sayNamed(userId) {
  for (const element of unnamed) {
    if (element.dataset.userId !== userId) continue;
    unnamed.delete(element);
    if (element.isConnected) say(spoken(element));
  }
}

/** A message in words: who has written it, and what, without what can be done to it. */
export function spoken(element) {
  // Of one that is about to be deleted, that.
  const content = element.querySelector(":scope > .said > .going") ?? part(element, "content");
  const text = [textOf(content, " ").replace(/\s+/g, " "), ...filesOf(element)].filter(Boolean).join(", ");
  return `${part(element, "author").textContent}: ${text.length > MOST ? `${text.slice(0, MOST)}…` : text}`;
}

const filesOf = (element) =>
  [...element.querySelectorAll(":scope > .said > .attachments .attachment")].map((file) => part(file, "name")?.textContent ?? part(file, "image").alt);
