// A count beside an entry of the sidebar; an entry that is there only while there is any comes and goes with it.

import { writeCount } from "../ui/text.js";

const field = (id) => document.querySelector(`#${id} [data-field=count]`);

export const count = (id) => Number(field(id)?.dataset.count ?? 0);

export function write(id, number) {
  const element = document.getElementById(id);
  if (!element) return;
  writeCount(field(id), Math.max(0, number));
  element.hidden = number <= 0;
  const entry = element.closest("[data-when-any]");
  if (entry) entry.hidden = number <= 0;
}
