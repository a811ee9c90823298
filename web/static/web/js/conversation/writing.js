// What helps to write: formatting, the preview, lists to choose from. Loaded when somebody first comes into a box to write in.

import { register } from "../ui/actions.js";
import { notice } from "../ui/notices.js";

const BOX = "[data-composer] textarea, [data-edit] textarea";
let loading = null;

export function start() {
  register({ format: (button) => use((writing) => writing.format(button)), preview: (button) => use((writing) => writing.preview(button)) });
  document.addEventListener("focusin", ({ target }) => target.matches(BOX) && whenLoaded(() => load().catch(() => {})));
}

/** Nothing of it is needed before the page stands. */
const whenLoaded = (act) => (document.readyState === "complete" ? act() : addEventListener("load", act, { once: true }));

function load() {
  loading ??= import("../writing/main.js").then((writing) => (writing.start(BOX), (document.body.dataset.writing = "ready"), writing));
  loading.catch(() => (loading = null));
  return loading;
}

async function use(act) {
  try {
    act(await load());
  } catch {
    notice("This cannot be loaded just now. Try again in a moment.");
  }
}
