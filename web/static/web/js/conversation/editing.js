// Editing a message. What is typed in the form is kept in this browser until it is saved or given up: it outlives
// a visit elsewhere, the page, and the message.

import { attempt } from "../app/attempt.js";
import * as storage from "../app/storage.js";
import { findOpen, tab } from "../app/tabs.js";
import { me } from "../people/names.js";
import { register } from "../ui/actions.js";
import { showRoom } from "../ui/length.js";
import { notice } from "../ui/notices.js";
import { part, template } from "../ui/template.js";
import { t } from "../ui/texts.js";
import { insert } from "./composer.js";
import { update } from "./log.js";
import { elementsOf } from "./message.js";
import { isSame } from "./merging.js";
import { learn, sourceOf, write } from "./source.js";

// By form, the box from which it was opened: it has the focus again after that.
const origins = new WeakMap();
// By message, what is typed and not saved: {key, messageId, text, version: of the message when it was last read}.
const edits = new Map();
// The message whose form has the focus, or had it before the log was replaced.
let focused = null;

const messageOf = (element) => element.closest(".message");
const idOf = (element) => messageOf(element).dataset.messageId;

export function start() {
  register({
    edit: (button) => openForm(messageOf(button)),
    cancel: (button) => giveUp(messageOf(button)),
    "use-leftover": useLeftover,
    "discard-leftover": (button) => endOffer(messageOf(button)),
  });
  document.addEventListener("keydown", onKey);
  document.addEventListener("submit", onSubmit);
  document.addEventListener("input", onInput);
  document.addEventListener("rewritten", onRewritten);
  document.addEventListener("focusin", ({ target }) => (focused = target.closest("form.edit") ? idOf(target) : null));
  read();
}

/** Go on with what was typed in tabs that are closed: also this one, before it was loaded anew. */
async function read() {
  const isOpen = await findOpen();
  for (const edit of await storage.all("texts")) {
    if (edit.kind !== "edit" || isOpen(edit.tab)) continue;
    keep(edit.messageId, edit.text, edit.version);
    storage.remove("texts", edit.key);
  }
  restore();
}

/** Open the forms of a new page in which something was typed. */
export function restore() {
  for (const { messageId } of edits.values()) {
    const [element] = elementsOf(messageId);
    if (!element) continue;
    if (element.matches(".deleted")) offer(element);
    else openForm(element, { focus: focused === messageId });
  }
}

function keep(messageId, text, version) {
  const edit = { key: `edit ${tab} ${messageId}`, kind: "edit", tab, messageId, text, version };
  edits.set(messageId, edit);
  storage.put("texts", edit);
}

function forget(messageId) {
  const edit = edits.get(messageId);
  if (edit) storage.remove("texts", edit.key);
  edits.delete(messageId);
}

/** The form has what was typed: a message of one's own brings it along. */
function openForm(element, { focus = true } = {}) {
  if (!element || element.querySelector("form.edit")) return;
  const form = template("edit");
  const content = part(element, "content");
  const { messageId, version } = element.dataset;
  const edit = edits.get(messageId);
  learn(content);
  write(form.elements.content, edit?.text ?? element.dataset.content ?? "");
  form.elements.ifVersion.value = version;
  content.hidden = true;
  content.after(form);
  if (edit && String(edit.version) !== version) warn(element, form);
  showRoom(form);
  if (focus) form.elements.content.focus();
}

/** Somebody who edits must see what they would replace: another device of theirs has changed the message. */
function warn(element, form) {
  part(form, "changed").hidden = false;
  part(element, "content").hidden = false;
}

function giveUp(element) {
  forget(element.dataset.messageId);
  closeForm(element);
}

function closeForm(element) {
  const form = element.querySelector("form.edit");
  const hadFocus = form.contains(document.activeElement);
  const origin = origins.get(form);
  form.remove();
  if (hadFocus) (origin?.isConnected ? origin : element).focus();
  const content = part(element, "content");
  if (content) content.hidden = false;
  else location.reload();
}

function onInput({ target }) {
  const form = target.closest?.("[data-edit]");
  if (!form) return;
  showRoom(form);
  keep(idOf(form), sourceOf(form.elements.content), form.elements.ifVersion.value);
}

/** The message was changed while its form is open. */
function onRewritten({ target: form, detail: message }) {
  const element = messageOf(form);
  const { content, ifVersion } = form.elements;
  if (message.deleted) {
    closeForm(element);
    return edits.has(message.id) && offer(element);
  }
  if (isSame(message.content ?? "", sourceOf(content))) return giveUp(element);
  if (Number(ifVersion.value) === message.version) return;
  ifVersion.value = message.version;
  warn(element, form);
}

async function onSubmit(event) {
  const form = event.target.closest("[data-edit]");
  if (!form) return;
  event.preventDefault();
  const { messageId } = messageOf(form).dataset;
  const ack = await attempt("edit_message", {
    messageId,
    content: sourceOf(form.elements.content),
    ifVersion: Number(form.elements.ifVersion.value),
  });
  if (!ack) return;
  forget(messageId);
  if (form.isConnected) closeForm(messageOf(form));
  update(ack.message);
}

// --- what was typed in the form of a message that was deleted --------------------------------------------------------------
function offer(element) {
  if (part(element, "leftover")) return;
  const left = template("leftover");
  part(left, "leftover-text").textContent = edits.get(element.dataset.messageId).text;
  part(element, "content").after(left);
}

function useLeftover(button) {
  const element = messageOf(button);
  const form = element.closest(".conversation, .panel").querySelector("[data-composer]:not([hidden])");
  if (!form) return notice(t("You cannot write here now. The text stays."));
  insert(form, edits.get(element.dataset.messageId).text);
  endOffer(element);
}

function endOffer(element) {
  forget(element.dataset.messageId);
  part(element, "leftover").remove();
}

/** Escape closes the form; the up arrow in an empty composer edits the user's last message. */
function onKey(event) {
  if (event.defaultPrevented) return;
  if (event.key === "Escape" && event.target.closest("form.edit")) return giveUp(messageOf(event.target));
  if (event.key !== "ArrowUp" || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.isComposing || !event.target.matches("[data-composer] textarea") || event.target.value) return;
  const list = event.target.closest(".conversation, .panel").querySelector(".log");
  const own = [...list.querySelectorAll(`:scope > .own[data-user-id="${CSS.escape(me())}"]:not([data-state], .deleted)`)].at(-1);
  if (!own) return;
  openForm(own);
  const form = own.querySelector("form.edit");
  origins.set(form, event.target);
  form.elements.content.focus();
  event.preventDefault();
}
