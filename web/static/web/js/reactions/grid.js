// A grid of emoji: rows of buttons of which one is in the order of tabs, and keys that move between them.

// By how many rows a page of the keyboard goes.
const PAGE = 5;

/** Return a section of a grid: a heading, and rows of so many columns. `drawn` gives the emoji as it is to be shown. */
export function section({ id, label, emoji }, columns, drawn) {
  const element = Object.assign(document.createElement("div"), { className: "emoji-section" });
  element.dataset.section = id;
  element.setAttribute("role", "rowgroup");
  element.setAttribute("aria-label", label);
  const heading = Object.assign(document.createElement("p"), { className: "emoji-heading", textContent: label });
  heading.setAttribute("aria-hidden", "true");
  element.append(heading);
  for (let from = 0; from < emoji.length; from += columns) element.append(row(emoji.slice(from, from + columns), drawn));
  // For what is not on the screen, and is not laid out.
  element.style.setProperty("--rows", Math.ceil(emoji.length / columns));
  return element;
}

function row(emoji, drawn) {
  const element = Object.assign(document.createElement("div"), { className: "emoji-row" });
  element.setAttribute("role", "row");
  element.append(...emoji.map((each) => cell(each, drawn(each))));
  return element;
}

function cell({ label }, unicode) {
  const element = Object.assign(document.createElement("button"), { type: "button", className: "emoji-button", tabIndex: -1, value: unicode, textContent: unicode, title: label });
  element.setAttribute("role", "gridcell");
  element.setAttribute("aria-label", label);
  return element;
}

const rowsOf = (grid) => [...grid.querySelectorAll(".emoji-row")];

/** Make one cell the one that Tab comes to: the first, or this. */
export function rest(grid, cell = grid.querySelector(".emoji-button")) {
  grid.querySelectorAll('[tabindex="0"]').forEach((each) => (each.tabIndex = -1));
  if (cell) cell.tabIndex = 0;
}

/** Return the cell to which a key moves, or null for other keys. */
export function target(grid, from, { key, ctrlKey }) {
  const rows = rowsOf(grid);
  const at = rows.indexOf(from.parentElement);
  const column = [...rows[at].children].indexOf(from);
  const cellOf = (number, index) => {
    const { children } = rows[Math.max(0, Math.min(rows.length - 1, number))];
    return children[Math.min(index, children.length - 1)];
  };
  const beside = { ArrowRight: [at, column + 1], ArrowLeft: [at, column - 1] }[key];
  if (beside) return beside[1] < 0 ? cellOf(at - 1, Infinity) : beside[1] >= rows[at].children.length ? cellOf(at + 1, at + 1 < rows.length ? 0 : column) : cellOf(...beside);
  const by = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE }[key];
  if (by) return cellOf(at + by, column);
  if (key === "Home") return cellOf(ctrlKey ? 0 : at, 0);
  if (key === "End") return cellOf(ctrlKey ? rows.length - 1 : at, Infinity);
  return null;
}
