// Days and times, in the reader's own time zone.

import { locales, t } from "./texts.js";

const timeOfDay = new Intl.DateTimeFormat(locales, { hour: "numeric", minute: "2-digit" });
const dayInFull = new Intl.DateTimeFormat(locales, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const dateAndTime = new Intl.DateTimeFormat(locales, { dateStyle: "full", timeStyle: "medium" });

/** Write a <time> element: its day if it has `data-day`, else its time of day. */
export function writeTime(element) {
  const at = new Date(element.dateTime);
  if (Number.isNaN(at.getTime())) return;
  element.textContent = element.hasAttribute("data-day") ? dayName(at) : timeOfDay.format(at);
  element.title = dateAndTime.format(at);
}

/** "Today", "Yesterday", or the date. */
export function dayName(at) {
  const days = Math.round((midnight(new Date()) - midnight(at)) / 86_400_000);
  return days === 0 ? t("Today") : days === 1 ? t("Yesterday") : dayInFull.format(at);
}

export const sameDay = (one, other) => midnight(one).getTime() === midnight(other).getTime();

const midnight = (at) => new Date(at.getFullYear(), at.getMonth(), at.getDate());
