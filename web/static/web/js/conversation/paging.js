// The messages before the first one on the page, and after the last one: loaded when the reader comes near them.

import { socket } from "../app/connection.js";
import { t } from "../ui/texts.js";
import { join } from "./stretch.js";

const RETRY_AFTER = 1_000;
const MAX_WAIT = 30_000;
// By the element at an edge of the log: a function that tries again at once what has failed.
const failed = new Map();

export function start() {
  const again = () => [...failed.values()].forEach((load) => load());
  addEventListener("online", again);
  socket.on("connect", again);
}

/** Watch both edges of the log; each element once. `onJoined` gets the fetched page and the elements that it has brought. */
export function watch(fetchPage, onJoined) {
  for (const edge of document.querySelectorAll("#older:not([data-watched]), #newer:not([data-watched])")) {
    edge.dataset.watched = "";
    watchEdge(edge, fetchPage, onJoined);
  }
}

function watchEdge(edge, fetchPage, onJoined) {
  let failures = 0;
  const observer = new IntersectionObserver(([entry]) => entry.isIntersecting && !failed.has(edge) && load(), {
    root: edge.closest(".scroller"),
    rootMargin: "600px 0px",
  });

  async function load() {
    const link = edge.querySelector("a[href*='?']");
    if (!link || "loading" in edge.dataset) return;
    edge.dataset.loading = "";
    const page = await fetchPage(link.href).catch(() => null);
    delete edge.dataset.loading;
    if (!page?.querySelector("#scroller .log")) return retryLater();
    failures = 0;
    failed.delete(edge);
    // A link that was replaced meanwhile belonged to another list, or to another place in it.
    if (link.isConnected) onJoined(page, join(page, edge));
    // It may be in view still, which the observer would not say again.
    observer.unobserve(edge);
    if (edge.isConnected) observer.observe(edge);
  }

  function retryLater() {
    failed.set(edge, load);
    if (!edge.isConnected) return failed.delete(edge);
    say(edge, t("These messages could not be loaded. Trying again in a moment."));
    setTimeout(() => failed.has(edge) && load(), Math.min(MAX_WAIT, RETRY_AFTER * 2 ** failures++));
  }

  edge.addEventListener("click", (event) => event.target.closest("a") && (event.preventDefault(), load()));
  observer.observe(edge);
}

function say(edge, sentence) {
  if (edge.querySelector(".edge-problem")) return;
  edge.append(Object.assign(document.createElement("span"), { className: "edge-problem", role: "status", textContent: sentence }));
}
