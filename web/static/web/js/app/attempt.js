// Requests made by one click; an error is shown as a notice.

import { wordsOf } from "../ui/errors.js";
import { notice } from "../ui/notices.js";
import { request } from "./connection.js";

/** Return the acknowledgement, or null after an error; the page stays as it is. */
export async function attempt(event, data) {
  try {
    return await request(event, data);
  } catch (error) {
    notice(wordsOf(error));
    return null;
  }
}
