// Requests of a single click, whose refusal is shown as a notice.

import { notice } from "../ui/notices.js";
import { request } from "./connection.js";

/** Return the answer, or null after a refusal, which changes nothing on the page. */
export async function attempt(event, data) {
  try {
    return await request(event, data);
  } catch (error) {
    notice(error.message);
    return null;
  }
}
