// A count beside an entry of the sidebar; an entry that is there only while there is any comes and goes with it.

const field = (id) => document.querySelector(`#${id} [data-field=count]`);

export const count = (id) => Number(field(id)?.textContent ?? 0);

export function write(id, number) {
  const element = document.getElementById(id);
  if (!element) return;
  field(id).textContent = Math.max(0, number);
  element.hidden = number <= 0;
  const entry = element.closest("[data-when-any]");
  if (entry) entry.hidden = number <= 0;
}
