// What the server says of a request that it has refused, in the page's language. Its own sentences are English: in another
// language, what is said goes by the error's code.

import { language, t } from "./texts.js";

const BY_CODE = {
  rate_limited: () => t("That was too much at once: wait a moment and try again."),
  unavailable: () => t("A part of the server does not answer just now: try again in a moment."),
  forbidden: () => t("You are not allowed to do this."),
  not_found: () => t("There is no such thing, or it is not yours to see."),
  gone: () => t("It has been deleted."),
  too_large: () => t("That is larger than this server takes."),
  version_conflict: () => t("It has been changed meanwhile: look at it as it is now."),
  idempotency_conflict: () => t("Something else was sent in its place before: send it anew."),
  unauthenticated: () => t("Sign in again."),
  token_expired: () => t("Sign in again."),
  deactivated: () => t("This account was deactivated: ask an administrator of this workspace."),
  invalid: () => t("The server does not take this as it is."),
  offline: () => t("There is no connection just now."),
  no_answer: () => t("The server did not answer."),
};

/** Return the sentence for an error {code, message}. */
export const wordsOf = ({ code, message }) => (language === "en" ? message : BY_CODE[code]?.() ?? message);
