// What becomes of a text that was typed in two places: nothing of it is lost.

/** The server keeps texts in Unicode's composed form; what is typed may not be. */
export const isSame = (one, other) => one.normalize("NFC") === other.normalize("NFC");

/** Return the two texts below each other, or the longer one if it has the other in it. */
export function joined(above, below) {
  const [first, second] = [above.normalize("NFC"), below.normalize("NFC")];
  if (second.includes(first)) return below;
  if (first.includes(second)) return above;
  return `${above.trimEnd()}\n\n${below}`;
}

/**
 * Return what a composer shows once the server has `content` instead of `saved`, with `text` typed here. What was `written` here is
 * no news, and what was cleared elsewhere is kept where it was changed since.
 */
export function merged({ text, saved, written, isDirty }, content) {
  if (isSame(content, saved) || written.some((own) => isSame(own, content))) return text;
  return isDirty ? joined(content, text) : content;
}
