// What helps to write: formatting, the preview, lists to choose from. Loaded when somebody first comes into a box to write in.

import { renew, token } from "../app/csrf.js";
import { me } from "../people/names.js";
import { register } from "../ui/actions.js";
import { notice } from "../ui/notices.js";
import { t } from "../ui/texts.js";
import { type } from "../ui/typing.js";
import { dress } from "./content.js";
import { remember, sourceOf } from "./source.js";

const BOX = "[data-composer] textarea, [data-edit] textarea";
let loading = null;

export function start() {
  register({ format: (button) => use((writing) => writing.format(button)), preview: (button) => use((writing) => writing.preview(button)) });
  document.addEventListener("focusin", ({ target }) => target.matches(BOX) && whenLoaded(() => load().catch(() => {})));
}

/** Nothing of it is needed before the page stands. */
const whenLoaded = (act) => (document.readyState === "complete" ? act() : addEventListener("load", act, { once: true }));

function load() {
  loading ??= import("../writing/main.js").then(begin);
  loading.catch(() => (loading = null));
  return loading;
}

function begin(writing) {
  writing.start(BOX, { dress, me, notice, remember, renew, sourceOf, t, token, type });
  document.body.dataset.writing = "ready";
  return writing;
}

async function use(act) {
  try {
    act(await load());
  } catch {
    notice(t("This cannot be loaded just now. Try again in a moment."));
  }
}
