// A quote of what is selected of a message, where something is; else of all of it.

// What was selected when the menu was pressed, which may take the selection away.
let pressed = { text: "", element: null };

export const start = () => document.addEventListener("pointerdown", onPress, true);

function onPress({ target }) {
  const now = selected();
  // The second press, of the entry, finds nothing selected any more.
  if (now.text || !target.closest?.(".actions")) pressed = now;
}

function selected() {
  const selection = getSelection();
  const element = selection.anchorNode?.parentElement?.closest(".message");
  const isWithin = element && !selection.isCollapsed && selection.focusNode?.parentElement?.closest(".message .content")?.closest(".message") === element;
  return isWithin ? { text: selection.toString().trim(), element } : { text: "", element: null };
}

/** Return the quote that the server has made of a message, or one of what is selected of it, under the same head. */
export function narrowed(quote, message) {
  const { text, element } = selected().text ? selected() : pressed;
  pressed = { text: "", element: null };
  if (element !== message || !text) return quote;
  const lines = text.split("\n").map((line) => `> ${line.replace(/[\\`*_~[\]<>#&|:@!+-]/g, "\\$&")}`);
  return `${quote.split("\n", 1)[0]}\n${lines.join("\n")}\n\n`;
}
