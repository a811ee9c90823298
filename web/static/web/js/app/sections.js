// The user's own sections of the list: what is told of them, and which are collapsed.

import { notice } from "../ui/notices.js";
import { part, template } from "../ui/template.js";
import { t } from "../ui/texts.js";
import { renew, token } from "./csrf.js";
import * as ownSettings from "./own_settings.js";

// The status of a version conflict, and how many of them in a row are answered by another attempt.
const CONFLICT = 409;
const MAX_LOST = 5;

const holder = () => document.getElementById("own-sections");
const elements = () => [...holder().querySelectorAll(".own-section")];
// The revision of the last `user_update`, or that of what is shown.
let revision = Number(holder().dataset.revision);
// The last that is known: [{id, name, collapsed}].
let sections = elements().map((element) => ({
  id: element.dataset.sectionId,
  name: part(element, "section-name").textContent,
  collapsed: !element.firstElementChild.open,
}));
// By id, what the user has opened (false) or collapsed (true) and the server has not stored yet.
const toggled = new Map();
let sending = null;

export const start = () => holder().addEventListener("toggle", onToggle, true);

/** What was told while there was no connection is read anew. */
export function onReady(current) {
  if (current > revision) read();
  revision = Math.max(revision, current);
}

export function onUserUpdate({ revision: next, kind, ...state }) {
  revision = Math.max(revision, next);
  if (kind === "sections") show(state);
}

export async function read() {
  const response = await fetch("/api/users/me/sections").catch(() => null);
  if (response?.ok) show(await response.json());
}

function show({ sections: fresh, version }) {
  if (version <= Number(holder().dataset.version)) return;
  holder().dataset.version = version;
  sections = fresh.map((section) => ({ ...section, collapsed: toggled.get(section.id) ?? section.collapsed }));
  const known = new Map(elements().map((element) => [element.dataset.sectionId, element]));
  const shown = sections.map((section) => write(known.get(section.id) ?? template("section"), section));
  const gone = [...known.values()].filter((element) => !shown.includes(element));
  holder().append(...shown);
  // Their groups go elsewhere before they do.
  gone.forEach((element) => delete element.dataset.sectionId);
  ownSettings.placeAll();
  gone.forEach((element) => element.remove());
}

function write(element, { id, name, collapsed }) {
  element.dataset.sectionId = id;
  part(element, "section-name").textContent = name;
  element.firstElementChild.open = !collapsed;
  return element;
}

/** The user has opened or collapsed a section: the other devices learn of it. */
function onToggle({ target }) {
  const { sectionId } = target.closest(".own-section").dataset;
  const section = sections.find(({ id }) => id === sectionId);
  if (!section || section.collapsed === !target.open) return;
  section.collapsed = !target.open;
  toggled.set(sectionId, section.collapsed);
  sending ??= send().finally(() => (sending = null));
}

/**
 * One request at a time: each replaces the version that the one before has made. Where another device was faster, what
 * the user has toggled goes into its version.
 */
async function send() {
  for (let lost = 0; toggled.size; ) {
    const sent = [...toggled];
    const response = await put();
    if (response?.status === CONFLICT && ++lost < MAX_LOST) {
      await read();
      forgetGone();
      continue;
    }
    for (const [id, collapsed] of sent) if (toggled.get(id) === collapsed) toggled.delete(id);
    if (response?.ok) show(await response.json());
    else await read().then(() => notice(t("Your sections could not be saved just now: they are as before elsewhere.")));
  }
}

/** Of a section that another device has deleted, nothing is to be stored. */
function forgetGone() {
  const ids = new Set(sections.map(({ id }) => id));
  for (const id of toggled.keys()) if (!ids.has(id)) toggled.delete(id);
}

async function put() {
  await renew();
  const body = JSON.stringify({ sections, ifVersion: Number(holder().dataset.version) });
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token() };
  return fetch("/api/users/me/sections", { method: "PUT", headers, body }).catch(() => null);
}
