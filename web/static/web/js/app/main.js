// Starts the script's parts; without it the pages work by links and forms alone.

import { sayNamed } from "../conversation/announcing.js";
import * as composer from "../conversation/composer.js";
import * as content from "../conversation/content.js";
import * as days from "../conversation/days.js";
import * as deletions from "../conversation/deletions.js";
import * as drafts from "../conversation/drafts.js";
import * as editing from "../conversation/editing.js";
import { arrange } from "../conversation/log.js";
import { writeName, writePinnedBy } from "../conversation/message.js";
import * as jump from "../conversation/jump.js";
import * as menu from "../conversation/menu.js";
import * as paging from "../conversation/paging.js";
import { showWriting } from "../conversation/place.js";
import * as reading from "../conversation/reading.js";
import * as resting from "../conversation/resting.js";
import * as roving from "../conversation/roving.js";
import * as sheet from "../conversation/sheet.js";
import * as source from "../conversation/source.js";
import { bound } from "../conversation/stretch.js";
import * as uploads from "../conversation/uploads.js";
import * as writing from "../conversation/writing.js";
import { readBlocked } from "../people/blocked.js";
import { onNameLoaded, readNames } from "../people/names.js";
import { attachSuggestions } from "../people/suggestions.js";
import * as picker from "../reactions/picker.js";
import { signOutOfClerk } from "../sign_in/clerk.js";
import * as actions from "../ui/actions.js";
import * as escape from "../ui/escape.js";
import { t } from "../ui/texts.js";
import { writeTime } from "../ui/time.js";
import "../ui/code.js";
import "../ui/drops.js";
import * as changes from "./changes.js";
import * as connectionStatus from "./connection_status.js";
import * as csrf from "./csrf.js";
import * as focus from "./focus.js";
import * as inbox from "./inbox.js";
import * as notifications from "./notifications.js";
import * as offline from "./offline.js";
import * as outbox from "./outbox.js";
import { page } from "./positions.js";
import * as router from "./router.js";
import * as sections from "./sections.js";
import * as sidebar from "./sidebar.js";
import { isLasting } from "./storage.js";
import * as tokenRefresh from "./token_refresh.js";
import * as unread from "./unread.js";

// A request for a page renews the session cookie when the server finds that due.
const RENEW_EVERY = 20 * 60_000;

// The router comes after those whose links and forms are not its own: it leaves alone what they have handled.
const parts = [csrf.start, actions.start, editing.start, menu.start, picker.start, uploads.start, composer.start, jump.start, paging.start, content.start];
const more = [days.start, deletions.start, writing.start, sheet.start, roving.start, focus.start, escape.start];
for (const start of [...parts, ...more]) start();
drafts.start(outbox.start());
router.start(onSwap, resting.keep);
readBlocked(document);
prepare();
reading.start();
sections.start();
connectionStatus.start();
tokenRefresh.start();
changes.start();
notifications.start(router.visit);
offline.start();
unread.onCounted(jump.writeSoon);
resting.start((messageId) => router.replaceLog(`/groups/${encodeURIComponent(page().groupId)}?${new URLSearchParams({ around: messageId })}`));
composer.focus();
onNameLoaded(showName);
escape.onEscape("panel", closePanel);
document.querySelector("[data-sign-out]").addEventListener("submit", signOut);
setInterval(() => fetch("/?list", { method: "HEAD" }).catch(() => {}), RENEW_EVERY);
addEventListener("beforeunload", (event) => isLasting() || (outbox.isEmpty() && drafts.mayLeave()) || event.preventDefault());

const STAYS = t("What you wrote and was not sent yet stays in this browser, and goes when you sign in here again. Sign out?");

function signOut(event) {
  if (!outbox.isEmpty() && !confirm(STAYS)) return event.preventDefault();
  notifications.closeAll();
  return signOutOfClerk(event);
}

function closePanel() {
  const close = document.querySelector("#panel:not([hidden]) > .head > a[data-visit]");
  close?.click();
  return Boolean(close);
}

function showName(id, name) {
  source.onName(id);
  const having = (field) => document.querySelectorAll(`.message[data-${field}="${CSS.escape(id)}"]`);
  having("user-id").forEach((element) => writeName(element, name));
  sayNamed(id);
  having("pinned-by").forEach((element) => writePinnedBy(element, name));
}

/** Another part of the same thread is shown. */
const isPartOfThread = () => /[?&](after|before|newest)\b/.test(location.search);

function onSwap({ page, head, logReplaced, other, panelChanged }) {
  readNames(page);
  readBlocked(page);
  sidebar.addMissing(page);
  inbox.onPage(page);
  prepare();
  // The composer that was kept is as it was before.
  showWriting();
  changes.replay(head, logReplaced);
  if (logReplaced) resting.settle();
  if (panelChanged || isPartOfThread()) resting.settleThread();
  if (other) offline.keepOpen();
  focus.arrive({ other, panelChanged });
}

/** Give the elements that have just been put on the page what only a script can give them. */
function prepare() {
  readNames(document);
  // Here, a form that is refused leaves the conversation as it is.
  document.querySelectorAll("[name=here]").forEach((field) => field.remove());
  document.querySelectorAll("time[data-time], time[data-day]").forEach(writeTime);
  document.querySelectorAll(".content").forEach(content.dress);
  document.querySelectorAll(".log").forEach(arrange);
  attachSuggestions();
  paging.watch(router.fetchPage, onJoined);
  sidebar.markCurrent();
  composer.restore();
  editing.restore();
  deletions.redraw();
  menu.showFound();
  outbox.redraw();
  jump.writeSoon();
  reading.readSoon();
}

/** Messages of a fetched page have joined those that are shown; what has changed since it was made is applied to them too. */
function onJoined(page, elements) {
  readNames(page);
  readBlocked(page);
  for (const element of elements) {
    element.querySelectorAll("time[data-time]").forEach(writeTime);
    element.querySelectorAll(".content").forEach(content.dress);
  }
  changes.replay(Number(page.getElementById("conversation").dataset.head), false);
  bound();
  jump.writeSoon();
  reading.readSoon();
}
