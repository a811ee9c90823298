// A long text that was pasted is in the box as any other; whoever wants it sends it as a file instead.

import { ask } from "./choice.js";
import { kit } from "./kit.js";

const LONG = { characters: 4_000, lines: 40 };
/** A text was pasted into a form's box: ask about it if it is long; `attach` is called with the file. */
export function onPasted(form, pasted, attach) {
  const text = pasted.replace(/\r\n?/g, "\n");
  if (text.length <= LONG.characters && text.split("\n").length <= LONG.lines) return;
  ask(form, kit.t("That is long for a message."), [kit.t("Send it as a file"), () => asFile(form, text, attach)], [kit.t("Keep it as text"), () => {}]);
}

function asFile(form, text, attach) {
  const field = form.elements.content;
  const start = field.value.lastIndexOf(text);
  // It was changed since: both stay, for nobody knows what is to go.
  if (start >= 0) kit.type(field, "", start, start + text.length, start);
  attach(new File([text], "pasted.txt", { type: "text/plain" }));
}
