// Files that have arrived and are not sent yet: what the server calls them is kept in this browser, beside the draft, so that they
// outlive the page. They belong to a tab while it is open, as drafts do.

import * as storage from "../app/storage.js";
import { findOpen, tab } from "../app/tabs.js";

// By group and thread, the FileReferences of tabs that are closed.
const left = new Map();
let read = null;

const placeOf = ({ dataset }) => `${dataset.groupId} ${dataset.parentId}`;
const keyOf = (place) => `files ${tab} ${place}`;

/** Read what closed tabs have left, and call back once it is known: also this one, before it was loaded anew. */
export function start(callback) {
  read = takeOver();
  read.then(callback);
}

async function takeOver() {
  const isOpen = await findOpen();
  for (const { kind, key, tab: other, place, references } of await storage.all("texts")) {
    if (kind !== "files" || isOpen(other)) continue;
    left.set(place, [...(left.get(place) ?? []), ...references]);
    write(place, left.get(place));
    storage.remove("texts", key);
  }
}

function write(place, references) {
  const key = keyOf(place);
  if (references.length) storage.put("texts", { key, kind: "files", tab, place, references });
  else storage.remove("texts", key);
}

/** Keep the files that a composer has now, and what is still left for it. */
export const keep = (form, references) => write(placeOf(form), [...references, ...(left.get(placeOf(form)) ?? [])]);

/** Resolves to the files that were left for a composer and that the server still has. */
export async function take(form) {
  await read;
  const references = left.get(placeOf(form)) ?? [];
  left.delete(placeOf(form));
  const found = await Promise.all(references.map(isThere));
  return references.filter((_, index) => found[index]);
}

/** Whether the server still has a file: one that nobody has sent expires. Who cannot ask supposes that it has. */
async function isThere({ id }) {
  const response = await fetch(`/api/files/metadata/${encodeURIComponent(id)}`).catch(() => null);
  return response?.status !== 404;
}
