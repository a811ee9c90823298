// The buttons below a box to write in; what a key does too says so.

import { format } from "./format.js";
import { kit } from "./kit.js";
import { close, toggle } from "./preview.js";

const names = () => ({
  bold: [kit.t("Bold"), kit.t("Bold (Ctrl+B)")],
  italic: [kit.t("Italic"), kit.t("Italic (Ctrl+I)")],
  strike: [kit.t("Struck through"), kit.t("Struck through (Ctrl+Shift+X)")],
  code: [kit.t("Code"), kit.t("Code (Ctrl+E)")],
  block: [kit.t("Block of code"), kit.t("Block of code (Ctrl+Shift+E)")],
  link: [kit.t("Link"), kit.t("Link (Ctrl+K)")],
  list: [kit.t("List"), kit.t("List (Ctrl+Shift+8)")],
  quote: [kit.t("Quote"), kit.t("Quote (Ctrl+Shift+9)")],
});

/** Give a form its tools, once. */
export function equip(form) {
  const line = form.querySelector(".foot-line, .edit-buttons");
  if (!line || line.querySelector(".tools")) return;
  const tools = Object.assign(document.createElement("span"), { className: "tools" });
  tools.setAttribute("role", "group");
  tools.setAttribute("aria-label", kit.t("Formatting"));
  tools.append(...Object.entries(names()).map(([kind, [name, title]]) => tool(kind, name, title, () => (close(form), format(form.elements.content, kind)))));
  const preview = tool("eye", kit.t("Preview"), kit.t("Preview"), () => toggle(preview));
  preview.setAttribute("aria-pressed", "false");
  preview.classList.add("preview-tool");
  tools.append(preview);
  if (line.matches(".foot-line")) line.prepend(tools);
  else kit.part(line, "room").before(tools);
}

function tool(kind, name, title, act) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "tool", title });
  button.setAttribute("aria-label", name);
  button.append(icon(kind));
  // On a touch screen the tools are there while the box has the focus.
  button.addEventListener("pointerdown", (event) => event.preventDefault());
  button.addEventListener("click", act);
  return button;
}

/** One of the page's own, whose file it knows. */
function icon(name) {
  const element = document.querySelector("svg.icon").cloneNode(true);
  const use = element.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${name}`));
  return element;
}
