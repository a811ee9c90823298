// Uploads of the files of a message, shown in its composer.

import { register } from "../ui/actions.js";
import { formatSize } from "../ui/text.js";
import { part, template } from "../ui/template.js";

export function start() {
  register({ "remove-upload": (button) => remove(button.closest(".upload")) });
}

/** Upload files for a composer; each shows its progress and can be removed. */
export function add(form, files) {
  const list = form.querySelector(".uploads");
  const free = Number(document.body.dataset.maxAttachments) - list.children.length;
  [...files].slice(0, Math.max(0, free)).forEach((file) => upload(form, list, file));
  if (files.length > free) refuse(list, `A message takes ${document.body.dataset.maxAttachments} files: the others were left out.`);
  list.hidden = !list.children.length;
}

/** The FileReferences of the uploads that have finished. */
export const finished = (form) => items(form).map((item) => item.file).filter(Boolean);

export const any = (form) => items(form).length > 0;

export const busy = (form) => items(form).some((item) => item.dataset.state === "busy");

export function clear(form) {
  form.querySelector(".uploads").replaceChildren();
  form.querySelector(".uploads").hidden = true;
}

const items = (form) => [...form.querySelectorAll(".upload")];

function upload(form, list, file) {
  const item = template("upload");
  part(item, "name").textContent = file.name;
  part(item, "size").textContent = formatSize(file.size);
  list.append(item);
  if (file.size > Number(document.body.dataset.maxFile)) {
    return fail(item, `Too large: up to ${formatSize(Number(document.body.dataset.maxFile))}.`);
  }
  send(form, item, file);
}

// The server bounds how many uploads of a user are under way; the others wait here.
const AT_ONCE = 3;
const waiting = [];
let running = 0;

function startNext() {
  if (running < AT_ONCE && waiting.length) waiting.shift()();
}

/** Uses XMLHttpRequest, because fetch reports no progress of an upload. */
function send(form, item, file) {
  const request = new XMLHttpRequest();
  const progress = item.querySelector("progress");
  item.dataset.state = "busy";
  item.stop = () => request.abort();
  request.open("POST", "/api/upload");
  request.setRequestHeader("X-CSRFToken", form.elements.csrfmiddlewaretoken.value);
  request.responseType = "json";
  request.upload.addEventListener("progress", (event) => (progress.value = event.loaded / event.total));
  request.addEventListener("load", () => finish(form, item, request));
  request.addEventListener("error", () => fail(item, "The connection broke: remove it and attach it again."));
  request.addEventListener("loadend", () => ((running -= 1), startNext()));
  waiting.push(() => {
    if (item.removed) return startNext();
    running += 1;
    request.send(body(form, file));
  });
  startNext();
}

function body(form, file) {
  const data = new FormData();
  data.append("groupId", form.dataset.groupId);
  data.append("file", file);
  return data;
}

function finish(form, item, request) {
  const { files, error } = request.response ?? {};
  if (request.status !== 201 || !files) return fail(item, error?.message ?? "The server did not take it.");
  item.dataset.state = "done";
  item.file = files[0];
  form.dispatchEvent(new Event("uploaded"));
}

function fail(item, sentence) {
  item.dataset.state = "failed";
  part(item, "problem").textContent = sentence;
}

function refuse(list, sentence) {
  const item = template("upload");
  fail(item, sentence);
  list.append(item);
}

/** A file that has arrived is taken back; if that fails, it expires. */
function remove(item) {
  item.removed = true;
  item.stop?.();
  const list = item.parentElement;
  const headers = { "X-CSRFToken": item.closest("form").elements.csrfmiddlewaretoken.value };
  if (item.file) fetch(item.file.url, { method: "DELETE", headers }).catch(() => {});
  item.remove();
  list.hidden = !list.children.length;
}
