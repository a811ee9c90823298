// The names of days, which are others after midnight: 'Today' has become 'Yesterday'.

import { sameDay, writeTime } from "../ui/time.js";

// A timer stands still while a computer sleeps, and a day may have 25 hours: so it is looked at again and again.
const LOOK_EVERY = 30_000;
let written = new Date();

export function start() {
  setInterval(look, LOOK_EVERY);
  document.addEventListener("visibilitychange", look);
}

function look() {
  if (sameDay(written, new Date())) return;
  written = new Date();
  document.querySelectorAll("time[data-day]").forEach(writeTime);
}
