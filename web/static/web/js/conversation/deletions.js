// Deleting messages is not needed before the page is there: deleting.js does it, which is loaded after the page.

import { RequestError, isReady, request, socket } from "../app/connection.js";
import { token } from "../app/csrf.js";
import { all, put, remove } from "../app/storage.js";
import { findOpen, tab } from "../app/tabs.js";
import { register } from "../ui/actions.js";
import { pageLoaded } from "../ui/loaded.js";
import { notice } from "../ui/notices.js";
import { t } from "../ui/texts.js";
import { messagesOf } from "./log.js";
import { elementsOf, showGoing } from "./message.js";

const TOOLS = { RequestError, isReady, request, socket, token, storage: { all, put, remove }, findOpen, tab, notice, t, messagesOf, elementsOf, showGoing };
let loading = null;

export function start() {
  register({ delete: begin });
  pageLoaded().then(load);
}

/** Resolves to the module, null where it does not come: then the next call asks again. */
function load() {
  loading ??= import("./deleting.js").then((module) => (module.start(TOOLS), module), () => (loading = null));
  return loading;
}

async function begin(button) {
  const deleting = await load();
  if (deleting) deleting.begin(button.closest(".message"));
  else notice(t("The server cannot be reached just now. Try again in a moment."));
}

/** Show on a new page what is about to be deleted. */
export const redraw = async () => (await loading)?.redraw();
