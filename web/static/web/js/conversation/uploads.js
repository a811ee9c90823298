// The files of a message, shown in its composer. One that fails keeps its place, and the text waits for it. How they get to the
// server is in transfer.js, which is loaded with the first file.

import { renew, token } from "../app/csrf.js";
import { register } from "../ui/actions.js";
import { wordsOf } from "../ui/errors.js";
import { formatSize } from "../ui/text.js";
import { part, template } from "../ui/template.js";
import { t } from "../ui/texts.js";
import * as kept from "./kept_files.js";

export function start() {
  register({
    "remove-upload": (button) => remove(button.closest(".upload")),
    "retry-upload": (button) => send(button.closest(".upload")),
  });
  kept.start(() => document.querySelectorAll("[data-composer]").forEach(restore));
}

/** Upload files for a composer; each shows its progress and can be removed. */
export function add(form, files) {
  const list = form.querySelector(".uploads");
  const free = Number(document.body.dataset.maxAttachments) - list.children.length;
  [...files].slice(0, Math.max(0, free)).forEach((file) => upload(list, file));
  if (files.length > free) refuse(list, t("A message takes {count} files: the others were left out.", { count: document.body.dataset.maxAttachments }));
  list.hidden = !list.children.length;
}

/** Show files that are on the server already. */
export function attach(form, references) {
  const list = form.querySelector(".uploads");
  for (const reference of references) {
    const item = itemFor(reference);
    Object.assign(item, { reference });
    item.dataset.state = "done";
    list.append(item);
    const [smallest] = reference.metadata?.thumbnails ?? [reference];
    showPicture(item, reference.type, () => fetch(smallest.url).then((response) => response.blob()));
  }
  list.hidden = !list.children.length;
  keep(form);
}

/** Show what a page of before has left: files that have arrived, and that are still there. */
export async function restore(form) {
  const references = await kept.take(form);
  if (!references.length) return;
  attach(form, references);
  form.dispatchEvent(new Event("filesattached", { bubbles: true }));
}

/** The FileReferences of the uploads that have finished. */
export const finished = (form) => items(form).map((item) => item.reference).filter(Boolean);

export const any = (form) => items(form).length > 0;

const count = (form, state) => items(form).filter((item) => item.dataset.state === state).length;

export const busy = (form) => count(form, "busy") > 0;

export const failed = (form) => count(form, "failed") > 0;

export function clear(form) {
  form.querySelector(".uploads").replaceChildren();
  form.querySelector(".uploads").hidden = true;
  keep(form);
}

const keep = (form) => kept.keep(form, finished(form));

const items = (form) => [...form.querySelectorAll(".upload")];

function itemFor({ name, size }) {
  const item = template("upload");
  part(item, "name").textContent = name;
  part(item, "size").textContent = formatSize(size);
  item.querySelector("progress").setAttribute("aria-label", t("Upload of {name}", { name }));
  item.querySelector("[data-action=remove-upload]").setAttribute("aria-label", t("Remove {name}", { name }));
  return item;
}

function upload(list, file) {
  const item = Object.assign(itemFor(file), { file });
  list.append(item);
  showPicture(item, file.type, () => file);
  if (file.size > Number(document.body.dataset.maxFile)) {
    return fail(item, t("Too large: up to {size}.", { size: formatSize(Number(document.body.dataset.maxFile)) }));
  }
  send(item);
}

/** Show a small picture of an image; without one there is only its name. */
async function showPicture(item, type, source) {
  if (!type.startsWith("image/")) return;
  const { draw } = await import("./thumbnail.js").catch(() => ({}));
  await draw?.(part(item, "picture"), source);
}

/** Send a file, or what is missing of it. */
async function send(item) {
  item.dataset.state = "busy";
  part(item, "retry").hidden = true;
  say(item, "");
  item.job ??= { file: item.file, groupId: item.closest("form").dataset.groupId, renew, token, t, wordsOf, onProgress: (share) => show(item, share), onWait: (waits) => say(item, waits ? t("No connection: it goes on by itself.") : "") };
  item.job.stop = new AbortController();
  try {
    const { transfer } = await import("./transfer.js");
    const reference = await transfer(item.job);
    if (!item.removed) finish(item, reference);
  } catch (error) {
    // An error that is none of a transfer's is that transfer.js itself did not come.
    if (!item.removed) fail(item, error.sentence ?? t("The connection broke."), error.mayRetry ?? true);
  }
}

function show(item, share) {
  item.querySelector("progress").value = share;
  part(item, "percent").textContent = `${Math.floor(share * 100)} %`;
}

const say = (item, sentence) => (part(item, "problem").textContent = sentence);

function finish(item, reference) {
  item.dataset.state = "done";
  item.reference = reference;
  say(item, "");
  // Of one that was sent or whose page was left there is no form.
  if (item.closest("form")) keep(item.closest("form"));
  announce(item, "uploaded");
}

/** `mayRetry`: the same file may be taken later. */
function fail(item, sentence, mayRetry = false) {
  item.dataset.state = "failed";
  say(item, sentence);
  part(item, "retry").hidden = !mayRetry;
  announce(item, "uploadfailed");
}

const announce = (item, name) => item.closest("form")?.dispatchEvent(new Event(name, { bubbles: true }));

function refuse(list, sentence) {
  const item = template("upload");
  say(item, sentence);
  item.dataset.state = "note";
  list.append(item);
}

/** A file that has arrived is taken back, and so is what has come of one; if that fails, it expires. */
function remove(item) {
  const [form, list] = [item.closest("form"), item.parentElement];
  item.removed = true;
  item.job?.stop?.abort();
  const headers = { "X-CSRFToken": token() };
  if (item.reference) fetch(item.reference.url, { method: "DELETE", headers }).catch(() => {});
  else if (item.job?.url) fetch(item.job.url, { method: "DELETE", headers: { ...headers, "Tus-Resumable": "1.0.0" } }).catch(() => {});
  item.remove();
  list.hidden = !list.children.length;
  keep(form);
  form.dispatchEvent(new Event("uploadremoved", { bubbles: true }));
}
