// Links and forms with data-visit: the page is fetched and its parts replace those of this one, so the socket stays open.

import { me } from "../people/names.js";
import { ask } from "../ui/asking.js";
import { newId } from "../ui/ids.js";
import { notice } from "../ui/notices.js";
import { language, t } from "../ui/texts.js";

const FRAGMENT = "X-Fragment";
// As in panel.css.
const BESIDE = "(min-width: 1021px)";
const conversation = () => document.getElementById("conversation");
let visits = 0;
let refreshes = 0;
// Pages that a visit has shown.
let arrivals = 0;
// The log has a gap: the next page fetched for this group replaces the log too.
let stale = false;
let onSwap = () => {};
let onLeave = () => {};

/**
 * Start with a callback for each time that parts of the page were replaced. It gets
 * {page: the fetched document, head, logReplaced, other: logReplaced by that of another group, panelChanged}.
 * `leave` is called before a page is left for another address, or fetched again.
 */
export function start(callback, leave) {
  onSwap = callback;
  onLeave = leave;
  document.addEventListener("click", onClick);
  document.addEventListener("submit", onSubmit);
  addEventListener("popstate", () => visit(location.href, { replace: true, state: history.state }));
}

/**
 * Go to a page of the chat; any other page is left to the browser. Resolves to what became of what was sent:
 * {isDecided: by the server, isAccepted}. `keepsLog`: what has been scrolled to in this group stays, whatever part of it the page has.
 */
export async function visit(url, { replace = false, send = {}, state = null, keepsLog = send.method === "POST" } = {}) {
  const number = ++visits;
  const fetched = await fetchChat(url, send, partOf(url, keepsLog));
  if (!fetched) return { isDecided: false, isAccepted: false };
  const { page, response, isRedirected = response.redirected } = fetched;
  const isAccepted = isRedirected || send.method !== "POST";
  const outcome = { isDecided: response.status !== 503, isAccepted };
  if (number !== visits) return outcome;
  if (!replace) onLeave();
  // The address of a refused form stays out of the history: a GET of it would show nothing.
  if (isAccepted) history[replace || isBeside(page) ? "replaceState" : "pushState"](state ?? kept(page), "", response.url);
  replacePart(page, "problem");
  // What is wrong with a form, or whom it may mean, is no reason to leave the conversation.
  if (!isAccepted && isElsewhere(page)) showMain();
  else {
    arrivals += 1;
    swap(page, keepsLog);
  }
  return outcome;
}

/**
 * Whether what a page brings stands beside the log that stays: then the step back leads to where one was before this group. Where
 * it covers the log, the step back closes it.
 */
function isBeside(page) {
  const { place } = page.getElementById("conversation").dataset;
  return !isElsewhere(page) && place === undefined && matchMedia(BESIDE).matches;
}

/** The place in a log that stays. */
const kept = (page) => (isBeside(page) ? history.state : null);

const isElsewhere = (page) => page.getElementById("conversation").dataset.groupId !== conversation().dataset.groupId;

/** On a phone, show what is in the place of the conversation. */
const showMain = () => (document.querySelector(".shell").dataset.view = "group");

/** Fetch the page again and replace the log. */
export function refresh() {
  stale = true;
  return fetchAgain();
}

/** Fetch the page again for its panel, if this is the panel that is open. */
export function refreshPanel(key) {
  if (document.getElementById("panel").dataset.key === key) fetchAgain();
}

/** Make up for a refresh that has failed. */
export const refreshIfStale = () => stale && fetchAgain();

/** A visit that starts meanwhile takes precedence, and so does a later fetch. */
async function fetchAgain() {
  const [visit, number, arrived] = [visits, ++refreshes, arrivals];
  const fetched = await fetchChat(location.href, {}, partOf(location.href));
  if (!fetched || visit !== visits || number !== refreshes) return;
  // Of a visit under way, this is the page that it has left.
  if (arrived !== arrivals) return fetchAgain();
  onLeave();
  swap(fetched.page);
}

/** Replace the log alone, by that of another page of the same group. */
export async function replaceLog(url) {
  const visit = visits;
  const page = await fetchPage(url).catch(() => null);
  const fresh = page?.getElementById("conversation");
  if (visit !== visits || fresh?.dataset.groupId !== conversation().dataset.groupId) return;
  swapConversation(fresh, false);
  onSwap({ page, head: Number(fresh.dataset.head), logReplaced: true, other: false, panelChanged: false });
}

/** Ask for the parts of a page that differ, and for the panel alone where the log stays. */
async function fetchChat(url, send, part) {
  let response, page;
  try {
    response = await fetch(url, { ...send, headers: { Accept: "text/html", [FRAGMENT]: part } });
    page = await parse(response);
    const { panelAlone, groupId } = page.getElementById("conversation")?.dataset ?? {};
    // Meanwhile the log has got a gap, or is that of another group.
    if (panelAlone !== undefined && (stale || groupId !== conversation().dataset.groupId)) {
      const whole = await fetchChat(response.url, {}, "page");
      return whole && { ...whole, isRedirected: response.redirected };
    }
  } catch {
    notice(t("The server cannot be reached just now. Try again in a moment."));
    return null;
  }
  // Another language was chosen: no page has two.
  if (page.querySelector(".shell") && isOtherLanguage(page)) return location.assign(response.url), null;
  // Somebody else has signed in: nothing of theirs comes into this page.
  if (page.querySelector(".shell") && page.body.dataset.userId !== me()) return location.reload(), null;
  if (page.querySelector(".shell")) return { response, page };
  // The user is signed out, or this is an error page.
  if (send.method === "POST" && !response.redirected) notice(t("That did not work. Reload the page and try again."));
  else location.assign(response.url);
  return null;
}

/** Below the address of the open group are its panels; what `keepsLog` needs the log no more than they do. */
function partOf(url, keepsLog = false) {
  const { groupId } = conversation().dataset;
  const path = new URL(url, location.href).pathname;
  const group = groupId && `/groups/${encodeURIComponent(groupId)}`;
  return group && !stale && (path.startsWith(`${group}/`) || (keepsLog && path === group)) ? "panel" : "page";
}

/** Fetch the parts of a page of the chat as a document of its own, in which no script runs; throws when there is none. */
export async function fetchPage(url) {
  const response = await fetch(url, { headers: { [FRAGMENT]: "page" } });
  if (!response.ok) throw new Error(response.statusText);
  const page = await parse(response);
  if (isOtherLanguage(page)) throw new Error("The page is in another language.");
  return page;
}

const isOtherLanguage = (page) => page.documentElement.lang !== language;

const parse = async (response) => new DOMParser().parseFromString(await response.text(), "text/html");

function swap(page, keepsLog = false) {
  const fresh = page.getElementById("conversation");
  const before = conversation().dataset;
  // A page that is about what stands beside the log has no place of its own.
  const elsewhere = !keepsLog && "place" in fresh.dataset && fresh.dataset.place !== (before.place ?? "");
  const other = fresh.dataset.groupId !== before.groupId || elsewhere;
  document.querySelector(".shell").dataset.view = page.querySelector(".shell").dataset.view;
  const logReplaced = other || stale || !fresh.dataset.groupId;
  const head = Number(fresh.dataset.head);
  if (logReplaced) swapConversation(fresh, other);
  stale &&= !logReplaced;
  const panelChanged = swapPanel(page);
  onSwap({ page, head, logReplaced, other, panelChanged });
}

/** The same group keeps its composer; the connection's banner is always kept. */
function swapConversation(fresh, other) {
  const here = conversation();
  const kept = ["offline", "problem", ...(other ? [] : ["foot"])];
  [...here.children].forEach((child) => kept.includes(child.id) || child.remove());
  [...fresh.children].forEach((child) => kept.includes(child.id) || insertBeforeFoot(here, document.adoptNode(child)));
  for (const name of ["groupId", "head", "role", "live", "place", "post", "archived"]) {
    if (name in fresh.dataset) here.dataset[name] = fresh.dataset[name];
    else delete here.dataset[name];
  }
}

const insertBeforeFoot = (here, child) => here.insertBefore(child, here.querySelector(":scope > #foot"));

function replacePart(page, id) {
  document.getElementById(id).replaceWith(document.adoptNode(page.getElementById(id)));
}

/** Replace the panel; the same panel keeps the focus and what was typed in its focused field. */
function swapPanel(page) {
  const before = document.getElementById("panel");
  const { id, value } = before.contains(document.activeElement) ? document.activeElement : {};
  replacePart(page, "panel");
  const changed = document.getElementById("panel").dataset.key !== before.dataset.key;
  const also = !changed && before.querySelector("[name=alsoToGroup]:checked");
  if (also) document.querySelector("#panel [name=alsoToGroup]").checked = true;
  const field = !changed && id && document.getElementById(id);
  if (field) Object.assign(field, { value }).focus();
  return changed;
}

function onClick(event) {
  const link = event.target.closest("a[data-visit], .content a[href^='/groups/']");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  visit(link.href, { keepsLog: link.dataset.visit === "panel" });
}

async function onSubmit(event) {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || !(form.matches("[data-visit]") || submitter?.matches("[data-visit]"))) return;
  event.preventDefault();
  if (submitter?.dataset.confirm && !(await ask(submitter.dataset.confirm, submitter.textContent.trim()))) return;
  const action = submitter?.getAttribute("formaction") ?? form.getAttribute("action");
  const body = new FormData(form, submitter);
  visit(action, { send: { method: "POST", body } }).then(({ isDecided, isAccepted }) => {
    if (isDecided) renew(body.get("clientId"));
    if (isAccepted) clear(action);
  });
}

/** Empty the forms with this address: what was typed there is done, perhaps by a choice among what it may mean. */
function clear(action) {
  for (const form of document.querySelectorAll("form[data-visit]")) {
    if (form.getAttribute("action") !== action) continue;
    form.reset();
    form.closest("details")?.removeAttribute("open");
  }
}

/** Until the server has decided, another try must be known as such; what is sent next is something else. */
function renew(clientId) {
  const inputs = [...document.querySelectorAll("input[data-renew]")].filter((input) => input.value === clientId);
  const fresh = newId();
  inputs.forEach((input) => (input.value = fresh));
}
