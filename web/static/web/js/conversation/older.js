// The messages before the first one on the page.

import { writeTime } from "../ui/time.js";
import { arrange } from "./log.js";

/** Load them when the reader clicks the link or scrolls up to it. Watches each group's element once. */
export function watchOlder(fetchPage) {
  const older = document.getElementById("older");
  if (!older || "watched" in older.dataset) return;
  older.dataset.watched = "";
  const load = async () => {
    const link = older.querySelector("a[href*=before]");
    if (!link || "loading" in older.dataset) return;
    older.dataset.loading = "";
    try {
      const page = await fetchPage(link.href);
      // A link that was replaced meanwhile belonged to another list, or to another place in it.
      if (link.isConnected) prepend(page);
    } finally {
      delete older.dataset.loading;
    }
  };
  older.addEventListener("click", (event) => event.target.closest("a") && (event.preventDefault(), load()));
  new IntersectionObserver(([entry]) => entry.isIntersecting && load(), { root: older.closest(".scroller"), rootMargin: "300px 0px 0px" }).observe(older);
}

function prepend(page) {
  const list = document.querySelector("#scroller .log");
  const first = list.querySelector(":scope > .message");
  for (const element of page.querySelectorAll("#scroller .log > .message")) {
    if (list.querySelector(`[data-message-id="${CSS.escape(element.dataset.messageId)}"]`)) continue;
    list.insertBefore(document.adoptNode(element), first);
    element.querySelectorAll("time").forEach(writeTime);
  }
  document.getElementById("older").replaceChildren(...page.getElementById("older").childNodes);
  arrange(list);
}
