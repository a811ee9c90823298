// The boxes to write in: Enter sends, files are dropped, pasted or chosen, and drafts are kept for each group and thread.

import { onRewrite, onSettled, submit } from "../app/outbox.js";
import { position } from "../app/positions.js";
import { excess, showRoom } from "../ui/length.js";
import { notice } from "../ui/notices.js";
import { part } from "../ui/template.js";
import { type } from "../ui/typing.js";
import { n, t } from "../ui/texts.js";
import * as drafts from "./drafts.js";
import { sends } from "./enter.js";
import { shownOf, sourceOf } from "./source.js";
import { reportStopped, reportTyping } from "./typing.js";
import * as uploads from "./uploads.js";
import * as writing from "./writing.js";

// The forms that have files, which restore() puts in place of the empty ones of a new page.
const formsWithFiles = new Map();
let pasted = "";
const key = (form) => `${form.dataset.groupId} ${form.dataset.parentId}`;
const hasMouse = matchMedia("(pointer: fine)");

export function start() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("submit", onSubmit);
  document.addEventListener("input", onInput);
  document.addEventListener("change", onChoose);
  document.addEventListener("paste", onPaste);
  document.addEventListener("dragover", onDrag);
  document.addEventListener("dragleave", () => highlight(null));
  onSettled(drafts.release);
  onRewrite(takeBack);
  addEventListener("pagehide", drafts.keepNow);
  // A phone may end a page that is hidden without another event.
  document.addEventListener("visibilitychange", () => document.hidden && drafts.keepNow());
  document.addEventListener("drop", onDrop);
}

/** Put the drafts and files back into the composers of a new page. */
export function restore() {
  for (const fresh of document.querySelectorAll("[data-composer]")) {
    const form = restoreFiles(fresh);
    drafts.attach(form);
    // Always the same function: added again to a form that stayed, it is still one listener.
    form.addEventListener("uploaded", onUploaded);
    form.addEventListener("uploadfailed", onHalted);
    form.addEventListener("uploadremoved", onHalted);
    form.addEventListener("filesattached", onAttached);
    uploads.restore(form);
    showRoom(form);
  }
}

function restoreFiles(fresh) {
  const left = formsWithFiles.get(key(fresh));
  if (!left || left === fresh || !uploads.any(left)) return fresh;
  fresh.replaceWith(left);
  return left;
}

const onUploaded = ({ target: form }) => form.dataset.waiting !== undefined && send(form);

const onAttached = ({ target: form }) => formsWithFiles.set(key(form), form);

/** Nothing is sent by itself of which something was taken away: it may be half written. */
const onHalted = ({ target: form }) => setWaiting(form, false);

function setWaiting(form, waits) {
  if (waits) form.dataset.waiting = "";
  else delete form.dataset.waiting;
  part(form, "waits").hidden = !waits;
}

/** Focus the text, but not on a touch screen, whose keyboard would cover half of the page. */
export function focus(root = document) {
  if (hasMouse.matches) root.querySelector("[data-composer] textarea")?.focus();
}

function onKey(event) {
  const text = event.target;
  // Who has taken the key has chosen something from a list.
  if (event.defaultPrevented || !sends(event) || !text.matches("textarea") || !text.form) return;
  event.preventDefault();
  text.form.requestSubmit();
}

function onSubmit(event) {
  if (!event.target.matches("[data-composer]")) return;
  event.preventDefault();
  send(event.target);
}

function send(form) {
  const content = sourceOf(form.elements.content);
  setWaiting(form, false);
  writing.loaded()?.dismiss(form);
  if (excess(content)) return notice(n("This is too long by {count} character: shorten it, or send it in parts.", "This is too long by {count} characters: shorten it, or send it in parts.", excess(content)));
  if (uploads.failed(form)) return notice(t("A file has not arrived: try again or remove it. Your text waits."));
  if (uploads.busy(form)) {
    setWaiting(form, true);
    return notice(t("The message goes as soon as its files have arrived."));
  }
  // The server decides what that is.
  if (/^\/{1,2}[a-z]/.test(content)) return writing.use(({ obey }) => obey(form, content, uploads.any(form), (said) => say(form, said)));
  say(form, content);
}

function say(form, content) {
  const attachments = uploads.finished(form);
  if (!content.trim() && !attachments.length) return;
  const { groupId, parentId } = form.dataset;
  const also = form.elements.alsoToGroup;
  submit({ groupId, parentId: parentId || undefined, content, attachments, after: position(groupId), also: also?.checked });
  if (also) also.checked = false;
  form.elements.content.value = "";
  showRoom(form);
  drafts.hold(form);
  uploads.clear(form);
  formsWithFiles.delete(key(form));
  reportStopped(groupId, parentId || undefined);
  scrollToNewest(form);
}

function scrollToNewest(form) {
  const scroller = form.closest(".foot").parentElement?.querySelector(":scope > .scroller");
  // There is none when the form was sent by the end of an upload, after another page had replaced it.
  if (scroller) scroller.scrollTop = 0;
}

/** Add a text to a composer, to go on below it; what is written there stays. */
export function insert(form, text) {
  const field = form.elements.content;
  const end = field.value.length;
  const space = end ? "\n\n".slice(/\n*$/.exec(field.value)[0].length) : "";
  type(field, space + shownOf(text), end, end);
  field.scrollTop = field.scrollHeight;
}

/** Put a message that was not taken back into its box. */
function takeBack({ groupId, parentId, content, attachments }) {
  const place = `[data-group-id="${CSS.escape(groupId)}"][data-parent-id="${CSS.escape(parentId ?? "")}"]`;
  const form = document.querySelector(`[data-composer]${place}`);
  insert(form, content);
  if (attachments.length) {
    formsWithFiles.set(key(form), form);
    uploads.attach(form, attachments);
  }
}

function onInput(event) {
  const form = event.target.closest?.("[data-composer]");
  if (!form) return;
  const text = form.elements.content.value;
  // It is being written again.
  setWaiting(form, false);
  writing.loaded()?.dismiss(form);
  if (event.inputType === "insertFromPaste") writing.loaded()?.onPasted(form, pasted, (file) => attach(form, [file]));
  showRoom(form);
  drafts.typed(form);
  if (text.trim()) reportTyping(form.dataset.groupId, form.dataset.parentId || undefined);
  else reportStopped(form.dataset.groupId, form.dataset.parentId || undefined);
}

function onChoose(event) {
  const form = event.target.closest("[data-composer]");
  if (!form || event.target.type !== "file") return;
  attach(form, event.target.files);
  event.target.value = "";
}

const OPEN = "[data-composer]:not([hidden])";
const formAt = (event) => event.target.closest?.("#panel")?.querySelector(OPEN) ?? document.querySelector(`#foot ${OPEN}`);

function onPaste(event) {
  pasted = event.clipboardData?.getData("text/plain") ?? "";
  if (event.clipboardData && !hasText(event.clipboardData)) attachFrom(event, event.clipboardData);
}

/** Cells of a table come as text and as a picture: they are text. A file comes with its name as text, and is a file. */
function hasText(data) {
  const text = data.getData("text/plain").trim();
  return text !== "" && ![...data.files].some(({ name }) => text.includes(name));
}

function onDrop(event) {
  highlight(null);
  // A field of its own takes them.
  if (!event.target.closest?.("input[type=file]")) attachFrom(event, event.dataTransfer);
}

function attachFrom(event, data) {
  const form = formAt(event);
  if (!form || !data?.files.length) return;
  event.preventDefault();
  attach(form, data.files);
}

function attach(form, files) {
  formsWithFiles.set(key(form), form);
  uploads.add(form, files);
}

function onDrag(event) {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  highlight(formAt(event));
}

const highlight = (target) => document.querySelectorAll("[data-composer]").forEach((form) => form.classList.toggle("dragging", form === target));
