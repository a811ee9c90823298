// Markdown around what is selected: once more takes it away again.

import { kit } from "./kit.js";

const MARKS = { bold: "**", italic: "_", strike: "~~", code: "`" };
const PREFIXES = { list: "- ", quote: "> " };
const KEYS = { b: "bold", i: "italic", e: "code", k: "link" };
const SHIFTED = { KeyX: "strike", KeyE: "block", Digit8: "list", Digit9: "quote" };
const ADDRESS = /^(?:https?:\/\/|\/groups\/)\S+$/;

/** Return what a key does to the text, or undefined. */
export function keyOf({ key, code, ctrlKey, metaKey, shiftKey, altKey }) {
  if (altKey || !(ctrlKey || metaKey)) return undefined;
  return shiftKey ? SHIFTED[code] : KEYS[key.toLowerCase()];
}

export function format(field, kind) {
  const [start, end] = [field.selectionStart, field.selectionEnd];
  if (MARKS[kind]) mark(field, MARKS[kind], start, end);
  else if (PREFIXES[kind]) prefix(field, PREFIXES[kind], start, end);
  else if (kind === "block") block(field, start, end);
  else link(field, start, end);
}

function mark(field, sign, start, end) {
  const { value } = field;
  const size = sign.length;
  if (value.slice(start - size, start) === sign && value.slice(end, end + size) === sign) {
    return kit.type(field, value.slice(start, end), start - size, end + size, start - size, end - size);
  }
  // White space at an end would keep the mark from being one.
  const chosen = value.slice(start, end);
  const from = start + chosen.length - chosen.trimStart().length;
  const to = Math.max(from, end - (chosen.length - chosen.trimEnd().length));
  kit.type(field, `${sign}${value.slice(from, to)}${sign}`, from, to, from + size, to + size);
}

function prefix(field, sign, start, end) {
  const { value } = field;
  const from = value.lastIndexOf("\n", start - 1) + 1;
  const to = value.indexOf("\n", Math.max(from, end)) < 0 ? value.length : value.indexOf("\n", Math.max(from, end));
  const lines = value.slice(from, to).split("\n");
  const text = (lines.every((line) => line.startsWith(sign)) ? lines.map((line) => line.slice(sign.length)) : lines.map((line) => sign + line)).join("\n");
  if (start === end) kit.type(field, text, from, to, Math.max(from, start + text.length - (to - from)));
  else kit.type(field, text, from, to, from, from + text.length);
}

function block(field, start, end) {
  const { value } = field;
  const before = start && value[start - 1] !== "\n" ? "\n```\n" : "```\n";
  const after = end < value.length && value[end] !== "\n" ? "\n```\n" : "\n```";
  const from = start + before.length;
  kit.type(field, before + value.slice(start, end) + after, start, end, from, from + end - start);
}

function link(field, start, end) {
  const chosen = field.value.slice(start, end);
  const isAddress = ADDRESS.test(chosen.trim());
  const [text, address] = isAddress ? ["text", chosen.trim()] : [chosen || "text", "https://"];
  // What is missing is selected, to be typed next.
  const from = start + (isAddress || !chosen ? 1 : text.length + 3);
  kit.type(field, `[${text}](${address})`, start, end, from, from + (isAddress || !chosen ? text.length : address.length));
}
