// The CSRF token of this page's forms. A sign-in in another tab makes a new one: it is taken over where the same person has
// signed in, so that no form of this page ever acts for anybody else.

import { me } from "../people/names.js";
import { notice } from "../ui/notices.js";
import { t } from "../ui/texts.js";

const COOKIE = /(?:^|; )csrftoken=([^;]+)/;
const ofBrowser = () => COOKIE.exec(document.cookie)?.[1] ?? "";
// The browser's token when this page was made, or when it was last taken over.
let known = ofBrowser();

export const token = () => document.querySelector("#act [name=csrfmiddlewaretoken]").value;

/** Whether the token of this page's forms is out of date. */
export const isOld = () => ofBrowser() !== known;

/** Take a new token over; loads the page anew if it is somebody else's. Resolves to whether forms may be sent. */
export async function renew() {
  const current = ofBrowser();
  if (current === known) return true;
  // The token first: of one that somebody gets who signs in after this, nothing is known.
  const response = await fetch("/api/users/me").catch(() => null);
  if (!response) return notice(t("The server cannot be reached just now. Try again in a moment.")), false;
  if (!response.ok || (await response.json()).id !== me()) return location.reload(), false;
  known = current;
  document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((field) => (field.value = known));
  return true;
}

/** Have each form with a token wait for it where that is out of date. Starts before all other listeners. */
export const start = () => document.addEventListener("submit", onSubmit, true);

async function onSubmit(event) {
  const { target: form, submitter } = event;
  // What is written goes by the socket.
  if (!isOld() || !form.elements.csrfmiddlewaretoken || form.matches("[data-composer], [data-edit]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (await renew()) form.requestSubmit(submitter);
}
