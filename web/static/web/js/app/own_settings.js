// What the user has set of their groups: which are favourites, in which section they are, which are muted or say nothing.

import { page } from "./positions.js";
import * as sidebar from "./sidebar.js";

const MAX_DELAY = 2 ** 31 - 1;
// By group: {level, muted, mutedUntil?, favourite, sectionId?, version}.
const groups = new Map();
const timers = new Map();

export const clear = () => groups.clear();

/** Take over what the server says of a group, unless that is older than what is known. */
export function learn(groupId, own) {
  if ((groups.get(groupId)?.version ?? -1) > own.version) return;
  groups.set(groupId, own);
  show(groupId, own);
  unmuteInTime(groupId, own);
}

/** Put each group into its list anew: the sections have changed. */
export const placeAll = () => groups.forEach((own, groupId) => sidebar.place(groupId, own));

function show(groupId, own) {
  sidebar.place(groupId, own);
  sidebar.setQuiet(groupId, { muted: own.muted, quiet: own.muted || own.level === "nothing" });
  const star = groupId === page().groupId && document.querySelector("#head [data-star]");
  if (!star) return;
  star.setAttribute("aria-pressed", own.favourite);
  star.value = !own.favourite;
}

/** Nobody tells of a mute that is over. */
function unmuteInTime(groupId, own) {
  clearTimeout(timers.get(groupId));
  timers.delete(groupId);
  if (!own.muted || !own.mutedUntil) return;
  const end = () => {
    const rest = Date.parse(own.mutedUntil) - Date.now();
    if (rest > 0) timers.set(groupId, setTimeout(end, Math.min(rest, MAX_DELAY)));
    else learn(groupId, { ...own, muted: false, mutedUntil: undefined });
  };
  end();
}
