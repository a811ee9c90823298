// What is sent, and what a box shows of it: people, teams and groups by name, `@Ada Lovelace` for `<@user_1>`, `#Harbour` for a link.
// Such a name stands for somebody once they were chosen from the list; in code it is text.

import { nameOf } from "../people/names.js";

/** The boxes to write in. */
export const BOX = "[data-composer] textarea, [data-edit] textarea";
// By what is shown, what is sent, and the other way round.
const sources = new Map([
  ["@all", "<!all>"],
  ["@here", "<!here>"],
]);
const labels = new Map();
// The first two stand for somebody once they are in a text.
const given = new Set();
const CODE = /(```[\s\S]*?(?:```|$)|`[^`\n]+`)/;
const MENTION = /<(?:@[A-Za-z0-9_.:|@+-]{1,128}|!all|!here)>/g;
const GROUP = /\[#((?:[^\[\]\\]|\\.){1,200})\]\((\/groups\/[\w.:~-]{1,128})\)/g;
let pattern = null;

/** Have a name stand for what is sent, and return how it is shown: who shares a name has the end of their id beside it. */
export function remember(label, source) {
  if (labels.has(source)) return labels.get(source);
  const shown = sources.has(label) && sources.get(label) !== source ? `${label} (${source.replace(/\W+$/, "").slice(-4)})` : label;
  sources.set(shown, source);
  labels.set(source, shown);
  given.add(shown);
  pattern = null;
  return shown;
}

/** Return what a box sends. */
export function sourceOf({ value }) {
  if (!given.size) return value;
  pattern ??= new RegExp(`(?<![\\p{L}\\p{N}_@#])(?:${[...given].sort((one, other) => other.length - one.length).map(escaped).join("|")})(?![\\p{L}\\p{N}_])`, "gu");
  return outsideOfCode(value, (text) => text.replace(pattern, (label) => sources.get(label)));
}

/** Show in a box what it is to send. */
export function write(field, source) {
  const shown = shownOf(source);
  if (field.value !== shown) field.value = shown;
}

export const shownOf = (source) => outsideOfCode(source, (text) => text.replace(MENTION, labelOf).replace(GROUP, (link, name, path) => remember(`#${name.replace(/\\(.)/g, "$1")}`, link)));

function labelOf(mention) {
  if (labels.has(mention)) return labels.get(mention);
  if (mention.startsWith("<!")) return remember(`@${mention.slice(2, -1)}`, mention);
  // Of teams the page has no names.
  const name = mention.startsWith("<@team:") ? "…" : nameOf(mention.slice(2, -1));
  return name === "…" ? mention : remember(`@${name}`, mention);
}

/** Learn how those are called whom a message names. */
export function learn(content) {
  for (const { dataset, textContent } of content?.querySelectorAll("[data-mention]") ?? []) remember(textContent, `<${dataset.mention}>`);
}

/** A name has come: boxes that show the id show the name. */
export function onName(id) {
  const mention = `<@${id}>`;
  for (const field of document.querySelectorAll(BOX)) {
    for (let at = field.value.indexOf(mention); at >= 0; at = field.value.indexOf(mention, at + 1)) field.setRangeText(labelOf(mention), at, at + mention.length, "preserve");
  }
}

const escaped = (text) => text.replace(/[\\^$.*+?()[\]{}|\/-]/g, "\\$&");

/** Parts at odd places are code. */
const outsideOfCode = (text, change) => (text.includes("`") ? text.split(CODE).map((part, place) => (place % 2 ? part : change(part))).join("") : change(text));
