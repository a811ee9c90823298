// How long a text may be: counted as the server counts, in characters of Unicode's composed form.

import { part } from "./template.js";
import { t } from "./texts.js";

// From how many characters before the end on they are counted down.
const SHOWN_FROM = 500;

const most = () => Number(document.body.dataset.maxContent);
const lengthOf = (text) => [...text.normalize("NFC")].length;

/** Return by how many characters a text is too long, 0 if it is not. */
export const excess = (text) => Math.max(0, roomIn(text) * -1);

function roomIn(text) {
  // No text has more characters than units of UTF-16: most texts need not be counted.
  return text.length <= most() - SHOWN_FROM ? SHOWN_FROM : most() - lengthOf(text);
}

/** Show in a form how many characters there is still room for, once they become few. */
export function showRoom(form) {
  const room = roomIn(form.elements.content.value);
  const counter = part(form, "room");
  counter.hidden = room >= SHOWN_FROM;
  counter.classList.toggle("over", room < 0);
  counter.textContent = room < 0 ? t("Too long by {count}", { count: -room }) : t("{count} left", { count: room });
}
