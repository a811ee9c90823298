// What helps to write, for all boxes to write in: keys, lists to choose from, the preview.

import * as completion from "./completion.js";
import { format as change, keyOf } from "./format.js";
import { kit } from "./kit.js";
import { close, toggle } from "./preview.js";

export function start(box, given) {
  Object.assign(kit, given);
  completion.start(box);
  document.addEventListener("keydown", (event) => event.target.matches(box) && onKey(event));
  // What is sent, or saved, is seen as a message.
  document.addEventListener("submit", ({ target }) => close(target));
}

export function format(button) {
  close(button.form);
  change(button.form.elements.content, button.value);
}

export const preview = (button) => toggle(button);

function onKey(event) {
  const kind = keyOf(event);
  if (!kind || event.defaultPrevented) return;
  event.preventDefault();
  change(event.target, kind);
}
