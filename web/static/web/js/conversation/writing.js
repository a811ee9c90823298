// What helps to write: formatting, the preview, lists to choose from. Loaded when somebody first comes into a box to write in.

import { renew, token } from "../app/csrf.js";
import { me } from "../people/names.js";
import { newId } from "../ui/ids.js";
import { pageLoaded } from "../ui/loaded.js";
import { notice } from "../ui/notices.js";
import { part, template } from "../ui/template.js";
import { t } from "../ui/texts.js";
import { type } from "../ui/typing.js";
import { dress } from "./content.js";
import { BOX, remember, sourceOf } from "./source.js";

let loading = null;
let writing = null;

/** Return it where it has been loaded, else null. */
export const loaded = () => writing;

export function start() {
  document.addEventListener("focusin", ({ target }) => target.matches(BOX) && !writing && pageLoaded().then(load).catch(() => {}));
}

function load() {
  loading ??= import("../writing/main.js").then(begin);
  loading.catch(() => (loading = null));
  return loading;
}

function begin(module) {
  writing = module;
  writing.start(BOX, { dress, me, newId, notice, part, remember, renew, sourceOf, t, template, token, type });
  document.body.dataset.writing = "ready";
  return writing;
}

/** Do something with it once it is there. */
export async function use(act) {
  try {
    act(await load());
  } catch {
    notice(t("This cannot be loaded just now. Try again in a moment."));
  }
}
