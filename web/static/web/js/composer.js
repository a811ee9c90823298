// The boxes to write in: Enter sends, files are dropped or chosen, what was begun is kept per conversation.

import { position } from "./changes.js";
import { notice } from "./notices.js";
import { submit } from "./outbox.js";
import * as typing from "./typing.js";
import * as uploads from "./uploads.js";

const drafts = new Map();
const withFiles = new Map();
const key = (form) => `${form.dataset.groupId} ${form.dataset.parentId}`;
const wide = matchMedia("(pointer: fine)");

export function start() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("submit", onSubmit);
  document.addEventListener("input", onInput);
  document.addEventListener("change", onChoose);
  document.addEventListener("paste", (event) => take(event, event.clipboardData));
  document.addEventListener("dragover", onDrag);
  document.addEventListener("dragleave", () => mark(null));
  document.addEventListener("drop", (event) => (take(event, event.dataTransfer), mark(null)));
}

/** Take up what was begun here before; called for every new page. */
export function restore() {
  for (const fresh of document.querySelectorAll("[data-composer]")) {
    const form = keepFiles(fresh);
    const text = form.elements.content;
    text.value ||= drafts.get(key(form)) ?? "";
    drafts.set(key(form), text.value);
    // The very same listener, so that a form which stays has it once.
    form.addEventListener("uploaded", onUploaded);
  }
}

/** Files stay with their form, sent up or under way: it comes back in place of the one that a new page has brought. */
function keepFiles(fresh) {
  const left = withFiles.get(key(fresh));
  if (!left || left === fresh || !uploads.any(left)) return fresh;
  fresh.replaceWith(left);
  return left;
}

const onUploaded = ({ target: form }) => form.dataset.waiting !== undefined && send(form);

/** Put the cursor where one writes, unless that brings up a keyboard over half of the screen. */
export function focus(root = document) {
  if (wide.matches) root.querySelector("[data-composer] textarea")?.focus();
}

function onKey(event) {
  const text = event.target;
  // 229 and isComposing: Enter then chooses a word of an input method.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  if (!text.matches("textarea") || !text.form) return;
  event.preventDefault();
  text.form.requestSubmit();
}

function onSubmit(event) {
  if (!event.target.matches("[data-composer]")) return;
  event.preventDefault();
  send(event.target);
}

function send(form) {
  const content = form.elements.content.value;
  const attachments = uploads.arrived(form);
  delete form.dataset.waiting;
  if (uploads.busy(form)) {
    form.dataset.waiting = "";
    return notice("The message goes as soon as its files have arrived.");
  }
  if (!content.trim() && !attachments.length) return;
  const { groupId, parentId } = form.dataset;
  submit({ groupId, parentId: parentId || undefined, content, attachments, after: position(groupId) });
  form.elements.content.value = "";
  drafts.delete(key(form));
  uploads.clear(form);
  withFiles.delete(key(form));
  typing.stopped(groupId, parentId || undefined);
  toNewest(form);
}

function toNewest(form) {
  const scroller = form.closest(".foot").previousElementSibling;
  // None when the reader has gone elsewhere while the files were under way.
  if (scroller) scroller.scrollTop = form.dataset.parentId ? scroller.scrollHeight : 0;
}

function onInput(event) {
  const form = event.target.closest?.("[data-composer]");
  if (!form) return;
  const text = form.elements.content.value;
  drafts.set(key(form), text);
  if (text.trim()) typing.typing(form.dataset.groupId, form.dataset.parentId || undefined);
  else typing.stopped(form.dataset.groupId, form.dataset.parentId || undefined);
}

function onChoose(event) {
  const form = event.target.closest("[data-composer]");
  if (!form || event.target.type !== "file") return;
  attach(form, event.target.files);
  event.target.value = "";
}

const formAt = (event) => event.target.closest?.("#panel")?.querySelector("[data-composer]") ?? document.querySelector("#foot [data-composer]");

function take(event, data) {
  const form = formAt(event);
  if (!form || !data?.files.length) return;
  event.preventDefault();
  attach(form, data.files);
}

function attach(form, files) {
  withFiles.set(key(form), form);
  uploads.add(form, files);
}

function onDrag(event) {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  mark(formAt(event));
}

const mark = (target) => document.querySelectorAll("[data-composer]").forEach((form) => form.classList.toggle("dragging", form === target));
