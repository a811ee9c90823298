// What helps to write, for all boxes to write in: tools and keys, lists to choose from, the preview, commands, questions.

import { dismiss } from "./choice.js";
import { obey } from "./commands.js";
import * as completion from "./completion.js";
import { format, keyOf } from "./format.js";
import { kit } from "./kit.js";
import { onPasted } from "./pasting.js";
import { close } from "./preview.js";
import * as quoting from "./quoting.js";
import { equip } from "./toolbar.js";

const { narrowed } = quoting;
export { dismiss, narrowed, obey, onPasted };

export function start(box, given) {
  Object.assign(kit, given);
  completion.start(box);
  quoting.start();
  document.addEventListener("keydown", (event) => event.target.matches(box) && onKey(event));
  document.addEventListener("focusin", ({ target }) => target.matches(box) && equip(target.form));
  if (document.activeElement.matches(box)) equip(document.activeElement.form);
  // What is sent, or saved, is seen as a message.
  document.addEventListener("submit", ({ target }) => close(target));
}

function onKey(event) {
  const kind = keyOf(event);
  if (!kind || event.defaultPrevented) return;
  event.preventDefault();
  format(event.target, kind);
}
