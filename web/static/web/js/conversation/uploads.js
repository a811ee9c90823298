// Uploads of the files of a message, shown in its composer. One that fails keeps its place, and the text waits for it.

import { renew, token } from "../app/csrf.js";
import { register } from "../ui/actions.js";
import { wordsOf } from "../ui/errors.js";
import { formatSize } from "../ui/text.js";
import { part, template } from "../ui/template.js";
import { t } from "../ui/texts.js";

export function start() {
  register({
    "remove-upload": (button) => remove(button.closest(".upload")),
    "retry-upload": (button) => send(button.closest(".upload")),
  });
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
  }
  list.hidden = !list.children.length;
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
}

const items = (form) => [...form.querySelectorAll(".upload")];

function itemFor({ name, size }) {
  const item = template("upload");
  part(item, "name").textContent = name;
  part(item, "size").textContent = formatSize(size);
  return item;
}

function upload(list, file) {
  const item = Object.assign(itemFor(file), { file });
  list.append(item);
  if (file.size > Number(document.body.dataset.maxFile)) {
    return fail(item, t("Too large: up to {size}.", { size: formatSize(Number(document.body.dataset.maxFile)) }));
  }
  send(item);
}

// The server bounds how many uploads of a user are under way; the others wait here.
const AT_ONCE = 3;
const waiting = [];
let running = 0;

function startNext() {
  if (running < AT_ONCE && waiting.length) waiting.shift()();
}

/** Send a file, perhaps again. */
function send(item) {
  item.dataset.state = "busy";
  part(item, "problem").textContent = "";
  part(item, "retry").hidden = true;
  waiting.push(() => (item.removed ? startNext() : post(item)));
  startNext();
}

/** Uses XMLHttpRequest, because fetch reports no progress of an upload. */
async function post(item) {
  running += 1;
  await renew();
  if (item.removed) return (running -= 1), startNext();
  const request = new XMLHttpRequest();
  item.stop = () => request.abort();
  request.open("POST", "/api/upload");
  request.setRequestHeader("X-CSRFToken", token());
  request.responseType = "json";
  const progress = item.querySelector("progress");
  request.upload.addEventListener("progress", (event) => (progress.value = event.loaded / event.total));
  request.addEventListener("load", () => finish(item, request));
  request.addEventListener("error", () => fail(item, t("The connection broke."), true));
  request.addEventListener("loadend", () => ((running -= 1), startNext()));
  request.send(body(item));
}

function body(item) {
  const data = new FormData();
  data.append("groupId", item.closest("form").dataset.groupId);
  data.append("file", item.file);
  return data;
}

function finish(item, request) {
  const { files, error } = request.response ?? {};
  if (request.status !== 201 || !files) return fail(item, error ? wordsOf(error) : t("The server did not take it."), true);
  item.dataset.state = "done";
  item.reference = files[0];
  announce(item, "uploaded");
}

/** `mayRetry`: the same file may be taken later. */
function fail(item, sentence, mayRetry = false) {
  item.dataset.state = "failed";
  part(item, "problem").textContent = sentence;
  part(item, "retry").hidden = !mayRetry;
  announce(item, "uploadfailed");
}

const announce = (item, name) => item.closest("form")?.dispatchEvent(new Event(name, { bubbles: true }));

function refuse(list, sentence) {
  const item = template("upload");
  part(item, "problem").textContent = sentence;
  item.dataset.state = "note";
  list.append(item);
}

/** A file that has arrived is taken back; if that fails, it expires. */
function remove(item) {
  const [form, list] = [item.closest("form"), item.parentElement];
  item.removed = true;
  item.stop?.();
  if (item.reference) fetch(item.reference.url, { method: "DELETE", headers: { "X-CSRFToken": token() } }).catch(() => {});
  item.remove();
  list.hidden = !list.children.length;
  form.dispatchEvent(new Event("uploadremoved", { bubbles: true }));
}
