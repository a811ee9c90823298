// How text, people, times and sizes are written: the same as templatetags/web.py does on the server.

const LINK = /https?:\/\/[^\s<>"'`]+/gi;
const TONES = 8;
const timeOfDay = new Intl.DateTimeFormat([], { hour: "numeric", minute: "2-digit" });
const dayInFull = new Intl.DateTimeFormat([], { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const everything = new Intl.DateTimeFormat([], { dateStyle: "full", timeStyle: "medium" });

export const initials = (name) => {
  const words = name.split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [first(words[0]), first(words.at(-1))] : words.map((word) => [...word].slice(0, 2).join(""));
  return letters.join("").toUpperCase();
};

const first = (word) => [...word][0];

export const tone = (name) => [...name].reduce((sum, character) => sum + character.codePointAt(0), 0) % TONES;

/** Fill an element with text in which web addresses are links. Only text nodes and checked links are made. */
export function writeLinked(element, text) {
  element.replaceChildren();
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const url = withoutPunctuation(match[0]);
    if (!isLink(url)) continue;
    element.append(text.slice(end, match.index), link(url));
    end = match.index + url.length;
  }
  element.append(text.slice(end));
}

function withoutPunctuation(url) {
  while (url && (".,;:!?".includes(url.at(-1)) || (url.endsWith(")") && !url.includes("(")))) url = url.slice(0, -1);
  return url;
}

function isLink(url) {
  try {
    return ["http:", "https:"].includes(new URL(url).protocol);
  } catch {
    return false;
  }
}

function link(url) {
  const anchor = document.createElement("a");
  Object.assign(anchor, { href: url, target: "_blank", rel: "noopener noreferrer", textContent: url });
  return anchor;
}

/** Write an avatar anew for a name. */
export function writeAvatar(avatar, name) {
  avatar.className = `avatar tone-${tone(name)}`;
  avatar.textContent = initials(name);
}

/** Show a <time> in the reader's own zone. */
export function writeTime(element) {
  const at = new Date(element.dateTime);
  if (Number.isNaN(at.getTime())) return;
  element.textContent = element.hasAttribute("data-day") ? dayName(at) : timeOfDay.format(at);
  element.title = everything.format(at);
}

/** A day as people say it; `data-day` marks the times that are written so. */
export function dayName(at) {
  const days = Math.round((midnight(new Date()) - midnight(at)) / 86_400_000);
  return days === 0 ? "Today" : days === 1 ? "Yesterday" : dayInFull.format(at);
}

const midnight = (at) => new Date(at.getFullYear(), at.getMonth(), at.getDate());

export const sameDay = (one, other) => midnight(one).getTime() === midnight(other).getTime();

export function writeSize(bytes) {
  const units = ["bytes", "KB", "MB", "GB"];
  const step = bytes < 1024 ? 0 : Math.min(3, Math.floor(Math.log2(bytes) / 10));
  return `${step ? (bytes / 1024 ** step).toFixed(1) : bytes} ${units[step]}`;
}

/** An id that no other client makes; randomUUID is missing where the page is served by plain http. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
