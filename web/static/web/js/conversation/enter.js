// Which key sends what is in a box to write in.

const isTouched = matchMedia("(pointer: coarse)");

/** Return whether this Enter sends; else it begins a new line. Ctrl+Enter always sends, Shift+Enter never. */
export function sends({ key, shiftKey, ctrlKey, metaKey, altKey, isComposing, keyCode }) {
  // isComposing, or 229 in older browsers: this Enter chooses a word of an input method.
  if (key !== "Enter" || shiftKey || altKey || isComposing || keyCode === 229) return false;
  const { enterKey } = document.body.dataset;
  return ctrlKey || metaKey || enterKey === "send" || (enterKey !== "newline" && !isTouched.matches);
}
