// What only a script gives to the text of a message: a direction for each of its paragraphs, a button that copies code,
// and one that unfolds a long text.

import { register } from "../ui/actions.js";
import { copy } from "../ui/copying.js";
import { part, template } from "../ui/template.js";
import { t } from "../ui/texts.js";

export function start() {
  register({ "copy-code": copyCode, unfold });
}

/** Dress the text of a message: an element that the server has filled, or that has just been written; idempotent. */
export function dress(content) {
  for (const block of content.children) if (!block.matches("pre, [dir]")) block.dir = "auto";
  for (const code of content.querySelectorAll("pre")) if (!code.parentElement.matches(".code")) addCopy(code);
}

/** The button is beside the code, not in it: the code scrolls. */
function addCopy(code) {
  // It scrolls by keyboard too.
  code.tabIndex = 0;
  const box = template("code");
  code.replaceWith(box);
  box.prepend(code);
}

function copyCode(button) {
  const text = button.closest(".code").querySelector("pre").textContent.replace(/\n$/, "");
  return copy(text, t("The code is copied."));
}

/** Whether a text is so long that it is folded; the limits are the server's, which folds those of its pages. */
export function isLong(source) {
  const { foldCharacters, foldLines } = document.body.dataset;
  return source.length > Number(foldCharacters) || source.split("\n").length > Number(foldLines);
}

/** Fold a text that is long, unless its reader has unfolded it. */
export function writeLength(element, source) {
  const long = isLong(source);
  element.classList.toggle("long", long);
  const button = part(element, "unfold");
  button.hidden = !long;
  if (!long) unfolded(element, button, false);
}

function unfold(button) {
  const element = button.closest(".message");
  unfolded(element, button, !element.classList.contains("unfolded"));
}

function unfolded(element, button, is) {
  element.classList.toggle("unfolded", is);
  button.setAttribute("aria-expanded", is);
  button.textContent = is ? t("Show less") : t("Show all of it");
}

const BLOCKS = "p, li, pre, blockquote, td, th, h1, h2, h3, h4, h5, h6, br";

/** The text of a message without its buttons; `gap` separates its paragraphs, lines and cells. */
export function textOf(content, gap) {
  const copy = content.cloneNode(true);
  copy.querySelectorAll("button").forEach((button) => button.remove());
  copy.querySelectorAll(BLOCKS).forEach((block) => block.after(gap));
  return copy.textContent.trim();
}
