// A long text that was pasted is in the box as any other; whoever wants it sends it as a file instead.

import { t } from "../ui/texts.js";
import { type } from "../ui/typing.js";
import { ask } from "./choice.js";

const LONG = { characters: 4_000, lines: 40 };
let pasted = "";

/** Note what is being pasted. */
export const note = ({ clipboardData }) => (pasted = (clipboardData?.getData("text/plain") ?? "").replace(/\r\n?/g, "\n"));

/** It has come into a form's box: ask about it if it is long; `attach` is called with the file. */
export function onPasted(form, attach) {
  const text = pasted;
  pasted = "";
  if (text.length <= LONG.characters && text.split("\n").length <= LONG.lines) return;
  ask(form, t("That is long for a message."), [t("Send it as a file"), () => asFile(form, text, attach)], [t("Keep it as text"), () => {}]);
}

function asFile(form, text, attach) {
  const field = form.elements.content;
  const start = field.value.lastIndexOf(text);
  // It was changed since: both stay, for nobody knows what is to go.
  if (start >= 0) type(field, "", start, start + text.length, start);
  attach(new File([text], "pasted.txt", { type: "text/plain" }));
}
