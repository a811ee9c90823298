// Changes of a text as if they had been typed: Ctrl+Z takes them back, and whoever listens to `input` hears of them.

/** Put a text in the place of what is between `start` and `end`, and select `from` to `to` of the whole text after that. */
export function type(field, text, start, end, from = start + text.length, to = from) {
  field.focus();
  field.setSelectionRange(start, end);
  // Deprecated, but the one way that keeps what can be undone.
  if ((text || start !== end) && !document.execCommand(text ? "insertText" : "delete", false, text)) {
    field.setRangeText(text, start, end, "end");
    field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText", data: text }));
  }
  field.setSelectionRange(from, to);
}
