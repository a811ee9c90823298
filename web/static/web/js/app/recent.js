// The latest changes of all groups, to be applied to what was fetched while they arrived.

const REMEMBERED = 1_000;
let changes = [];
// Of each group, the seq after which no change is lacking here.
const floors = new Map();

export function clear() {
  changes = [];
  floors.clear();
}

/** Every change of a group after the seq `head` arrives from now on. */
export const begin = (groupId, head) => floors.set(groupId, Math.max(floor(groupId), head));

export const floor = (groupId) => floors.get(groupId) ?? 0;

export function add(event, data) {
  changes.push({ event, data });
  if (changes.length <= 2 * REMEMBERED) return;
  changes.slice(0, -REMEMBERED).forEach((dropped) => begin(dropped.data.groupId, dropped.data.seq));
  changes = changes.slice(-REMEMBERED);
}

/** The changes of a group after the seq `head`. */
export const after = (groupId, head) => changes.filter(({ data }) => data.groupId === groupId && data.seq > head);
