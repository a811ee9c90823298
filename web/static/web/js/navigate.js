// Links and forms without losing the socket: the server's page is fetched, and its parts are put in place.

import { replay } from "./changes.js";
import * as composer from "./composer.js";
import { arrange, watchOlder } from "./log.js";
import { notice } from "./notices.js";
import * as outbox from "./outbox.js";
import { learnFrom, suggestIn } from "./people.js";
import { readSoon } from "./reading.js";
import * as sidebar from "./sidebar.js";
import { writeTime } from "./text.js";

const conversation = () => document.getElementById("conversation");
let visits = 0;
let refreshes = 0;
// The log has a hole that only a whole page fills, however many visits come between.
let stale = false;

export function start() {
  document.addEventListener("click", onClick);
  document.addEventListener("submit", onSubmit);
  document.addEventListener("change", (event) => event.target.matches("[data-submits]") && event.target.form.requestSubmit());
  addEventListener("popstate", () => visit(location.href, { replace: true }));
  prepare();
}

/** Go to a page of the chat; whatever is not one is left to the browser. */
export async function visit(url, { replace = false, send = {} } = {}) {
  const number = ++visits;
  const fetched = await fetchChat(url, send);
  if (!fetched || number !== visits) return;
  const { page, response } = fetched;
  // A refused form is answered in place: its own address has nothing to show to a later GET.
  if (response.redirected || send.method !== "POST") history[replace ? "replaceState" : "pushState"](null, "", response.url);
  replacePart(page, "problem");
  swap(page);
}

/** Show the group as the server has it now. */
export function refresh() {
  stale = true;
  return fetchAgain();
}

/** The same for the panel, if it is the one that is open. */
export function refreshPanel(key) {
  if (document.getElementById("panel").dataset.key === key) fetchAgain();
}

/** A refresh that could not be made is made up for. */
export const refreshIfStale = () => stale && fetchAgain();

/** Going somewhere meanwhile comes first, and so does a later fetch. */
async function fetchAgain() {
  const [visit, number] = [visits, ++refreshes];
  const fetched = await fetchChat(location.href, {});
  if (fetched && visit === visits && number === refreshes) swap(fetched.page);
}

async function fetchChat(url, send) {
  let response, page;
  try {
    response = await fetch(url, { ...send, headers: { Accept: "text/html" } });
    page = await parsed(response);
  } catch {
    notice("The server cannot be reached just now. Try again in a moment.");
    return null;
  }
  if (page.querySelector(".shell")) return { response, page };
  // Signed out, or an error page.
  if (send.method === "POST" && !response.redirected) notice("That did not work. Reload the page and try again.");
  else location.assign(response.url);
  return null;
}

/** A page of this server in a document of its own, where nothing of it runs. */
const parsed = async (response) => new DOMParser().parseFromString(await response.text(), "text/html");

function swap(page) {
  learnFrom(page);
  const fresh = page.getElementById("conversation");
  const before = conversation().dataset;
  const other = fresh.dataset.groupId !== before.groupId || fresh.hasAttribute("data-live") !== "live" in before;
  document.querySelector(".shell").dataset.view = page.querySelector(".shell").dataset.view;
  const whole = other || stale || !fresh.dataset.groupId;
  const head = Number(fresh.dataset.head);
  if (whole) swapConversation(fresh, other);
  stale &&= !whole;
  const panelChanged = swapPanel(page);
  takeNewGroups(page);
  prepare();
  replay(head, whole);
  if (other) composer.focus();
  else if (panelChanged) composer.focus(document.getElementById("panel"));
}

/** A refresh of the same group leaves the box to write in alone; the banner belongs to the connection. */
function swapConversation(fresh, other) {
  const here = conversation();
  const kept = ["offline", "problem", ...(other ? [] : ["foot"])];
  [...here.children].forEach((child) => kept.includes(child.id) || child.remove());
  [...fresh.children].forEach((child) => kept.includes(child.id) || insertBeforeFoot(here, document.adoptNode(child)));
  for (const name of ["groupId", "head", "role", "live"]) {
    if (name in fresh.dataset) here.dataset[name] = fresh.dataset[name];
    else delete here.dataset[name];
  }
}

const insertBeforeFoot = (here, child) => here.insertBefore(child, here.querySelector(":scope > #foot"));

function replacePart(page, id) {
  document.getElementById(id).replaceWith(document.adoptNode(page.getElementById(id)));
}

/** The same panel anew keeps what was being typed in it. */
function swapPanel(page) {
  const before = document.getElementById("panel");
  const { id, value } = before.contains(document.activeElement) ? document.activeElement : {};
  replacePart(page, "panel");
  const changed = document.getElementById("panel").dataset.key !== before.dataset.key;
  const field = !changed && id && document.getElementById(id);
  if (field) Object.assign(field, { value }).focus();
  return changed;
}

/** The list is kept by events; a page only adds what they have not told yet. */
function takeNewGroups(page) {
  for (const row of page.querySelectorAll("#sidebar .group")) {
    const { groupId: id, kind } = row.dataset;
    if (!sidebar.has(id)) sidebar.put({ id, kind, name: row.querySelector("[data-field=name]").textContent });
  }
}

/** Everything a page needs once it stands. */
function prepare() {
  learnFrom(document);
  document.querySelectorAll("time[data-time], time[data-day]").forEach(writeTime);
  document.querySelectorAll(".log").forEach(arrange);
  document.querySelectorAll("input[data-people]:not([data-suggests])").forEach((input) => (suggestIn(input), (input.dataset.suggests = "")));
  watchOlder(async (url) => parsed(await fetch(url)));
  sidebar.mark();
  composer.restore();
  outbox.redraw();
  readSoon();
}

function onClick(event) {
  const link = event.target.closest("a[data-visit]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  visit(link.href);
}

function onSubmit(event) {
  const { target: form, submitter } = event;
  const soft = form.matches("[data-soft]") || submitter?.matches("[data-soft-action]");
  if (!soft || event.defaultPrevented) return;
  event.preventDefault();
  if (submitter?.dataset.confirm && !confirm(submitter.dataset.confirm)) return;
  const action = submitter?.getAttribute("formaction") ?? form.getAttribute("action");
  visit(action, { send: { method: "POST", body: new FormData(form, submitter) } });
  form.closest("details")?.removeAttribute("open");
  if (form.matches("[data-soft]")) form.reset();
}
