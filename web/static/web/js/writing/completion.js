// The list of what may be meant by what somebody types: arrows choose, Enter and Tab take, Escape closes it and does nothing else.

import { find } from "./finding.js";
import { kit } from "./kit.js";
import { close, isOpen, move, current, open } from "./list.js";

const AFTER = 120;
// A sign at the beginning of a word, and what begins after it. Names have spaces: one is taken.
const ASKED = [
  /(?<=^|[\s(\[{"'*_~])(?<sign>[@#])(?<asked>[^\s@#:\/<>`]{1,30}(?: [^\s@#:<>`]{1,30})?)?$/u,
  /(?<=^|[\s(\[{"'*_~])(?<sign>:)(?<asked>[a-zA-Z0-9_+-]{2,38})$/,
  /^(?<sign>\/)(?<asked>[a-z-]{0,30})$/,
];
let box = "";
let timer = null;
// Counts what was asked: a later answer to an earlier question is none.
let questions = 0;
// What was given up by Escape: the list stays closed until something else is asked.
let refused = null;

export function start(selector) {
  box = selector;
  document.addEventListener("input", ({ target }) => target.matches?.(box) && onInput(target));
  // Before those who send, close or edit by the same keys.
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("focusout", ({ target }) => target.matches?.(box) && shut());
  document.addEventListener("selectionchange", () => isOpen() && !questionIn(document.activeElement) && shut());
}

/** Return what is asked for before the caret: {sign, asked, start}, or null. */
function questionIn(field) {
  if (!field?.matches?.(box) || field.selectionStart !== field.selectionEnd) return null;
  const before = field.value.slice(0, field.selectionStart);
  if (isInCode(before)) return null;
  // In an edit, a slash is a slash.
  const asks = field.form.matches("[data-composer]") ? ASKED : ASKED.slice(0, 2);
  for (const ask of asks) {
    const { sign, asked = "" } = ask.exec(before)?.groups ?? {};
    if (sign) return { sign, asked, start: field.selectionStart - asked.length - 1 };
  }
  return null;
}

const isInCode = (before) => before.split("```").length % 2 === 0 || before.slice(before.lastIndexOf("\n") + 1).split("`").length % 2 === 0;

function onInput(field) {
  clearTimeout(timer);
  const question = questionIn(field);
  if (!question || (refused && question.start === refused.start && question.sign === refused.sign)) return shut();
  refused = null;
  timer = setTimeout(answer, AFTER, field, question);
}

async function answer(field, { sign, asked, start }) {
  const number = ++questions;
  const groupId = field.closest("[data-group-id]")?.dataset.groupId;
  const choices = await find(sign, asked, groupId).catch(() => []);
  const still = questionIn(field);
  if (number !== questions || document.activeElement !== field || still?.start !== start || still.asked !== asked) return;
  if (!choices.length) return shut();
  await open(field, choices, (choice) => take(field, choice, start));
}

function take(field, { text }, start) {
  shut();
  const end = field.selectionStart;
  const next = field.value[end];
  const space = next !== undefined && /\s/.test(next) ? "" : " ";
  kit.type(field, text + space, start, end, start + text.length + 1);
  // What was written is what was asked for: not asked again.
  clearTimeout(timer);
}

function shut() {
  clearTimeout(timer);
  questions += 1;
  close();
}

function onKey(event) {
  if (!isOpen() || event.isComposing || !event.target.matches?.(box)) return;
  const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
  if (ctrlKey || metaKey || altKey) return;
  const by = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (by) move(by);
  else if (key === "Escape") (refused = questionIn(event.target)), shut();
  else if ((key === "Enter" || key === "Tab") && !shiftKey) current().click();
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}
