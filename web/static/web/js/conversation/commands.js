// Commands: the server decides what a text that begins with a slash asks for (web/conversation/commands.py), and does it.

import { renew, token } from "../app/csrf.js";
import { newId } from "../ui/ids.js";

/** Return whether the server must be asked what a text is. */
export const mayBe = (text) => /^\/{1,2}[a-z]/.test(text);

/** Ask the server: {say: what is to be sent}, {sentence, page} of what was done, or {problem, isUnknown}; null without an answer. */
export async function run({ groupId, content, hasFiles }) {
  if (!(await renew())) return null;
  const body = new FormData();
  const fields = { content, clientId: newId(), timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone ?? "", csrfmiddlewaretoken: token() };
  Object.entries(hasFiles ? { ...fields, hasFiles: "1" } : fields).forEach(([name, value]) => body.append(name, value));
  try {
    const response = await fetch(`/groups/${encodeURIComponent(groupId)}/command`, { method: "POST", body, headers: { Accept: "application/json" } });
    return await response.json();
  } catch {
    return null;
  }
}
