// The reactions under a message.

import { distinctNames, me } from "../people/names.js";
import { part, template } from "../ui/template.js";
import { t } from "../ui/texts.js";

const NAMES_IN_TITLE = 12;

export function writeReactions(element, reactions) {
  const list = part(element, "reactions");
  list.hidden = !reactions.length;
  const focused = list.contains(document.activeElement) && document.activeElement.value;
  list.replaceChildren(...reactions.map(chip));
  if (focused) list.querySelector(`[value="${CSS.escape(focused)}"]`)?.focus();
}

function chip({ emoji, userIds, count }) {
  const element = template("reaction");
  const button = element.querySelector("button");
  button.value = emoji;
  button.setAttribute("aria-pressed", userIds.includes(me()));
  const named = distinctNames(userIds.slice(0, NAMES_IN_TITLE));
  button.title = count > named.length ? t("{names} and {count} more", { names: named.join(", "), count: count - named.length }) : named.join(", ");
  part(element, "emoji").textContent = emoji;
  part(element, "count").textContent = count;
  return element;
}
