// The preview: what is written, as the server will show it, in the place of the box.

import { kit } from "./kit.js";

const shownIn = (form) => form.querySelector(".previewed[tabindex]");

export async function toggle(button) {
  const { form } = button;
  if (close(form)) return form.elements.content.focus();
  const html = await load(form);
  if (html !== null && !shownIn(form)) show(button, html);
}

function show(button, html) {
  const { form } = button;
  const element = Object.assign(document.createElement("div"), { className: "previewed", tabIndex: 0, innerHTML: html });
  element.setAttribute("role", "region");
  element.setAttribute("aria-label", kit.t("Preview"));
  element.querySelectorAll(".content").forEach(kit.dress);
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close(form);
    form.elements.content.focus();
  });
  button.setAttribute("aria-pressed", "true");
  form.elements.content.hidden = true;
  form.elements.content.before(element);
  element.focus();
}

/** Show the box again; returns whether there was a preview. */
export function close(form) {
  const element = shownIn(form);
  if (!element) return false;
  element.remove();
  form.elements.content.hidden = false;
  form.querySelector(".preview-tool").setAttribute("aria-pressed", "false");
  return true;
}

/** Resolves to HTML that the server has made and cleaned, null where there is none. */
async function load(form) {
  const { groupId } = form.closest("[data-group-id]").dataset;
  if (!(await kit.renew())) return null;
  const body = new FormData();
  Object.entries({ content: kit.sourceOf(form.elements.content), part: "1", csrfmiddlewaretoken: kit.token() }).forEach(([name, value]) => body.append(name, value));
  const response = await fetch(`/groups/${encodeURIComponent(groupId)}/preview`, { method: "POST", body }).catch(() => null);
  if (response?.ok) return response.text();
  kit.notice(kit.t("There is no preview just now. Try again in a moment."));
  return null;
}
