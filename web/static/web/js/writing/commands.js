// Commands: the server decides what a text that begins with a slash asks for (web/conversation/commands.py), and does it.

import { ask } from "./choice.js";
import { kit } from "./kit.js";

/** Do what a command asks for; while the server is asked, the text stays as it is. `say` is called with what is to be sent. */
export async function obey(form, content, hasFiles, say) {
  const field = form.elements.content;
  if (field.readOnly) return;
  field.readOnly = true;
  const answer = await run({ groupId: form.dataset.groupId, content, hasFiles });
  field.readOnly = false;
  const answers = [[kit.t("Send it as text"), () => say(content)], [kit.t("Go on writing"), () => {}]];
  if (!answer) return ask(form, kit.t("The server cannot be reached, and a command needs it."), ...answers);
  if (answer.problem) return answer.isUnknown ? ask(form, answer.problem, ...answers) : kit.notice(answer.problem);
  if (answer.say !== undefined) return say(answer.say);
  // The list of commands is the help.
  kit.type(field, answer.page === "commands" ? "/" : "", 0, field.value.length);
  if (answer.sentence) kit.notice(answer.sentence);
}

/** Ask the server: {say: what is to be sent}, {sentence, page} of what was done, or {problem, isUnknown}; null without an answer. */
async function run({ groupId, content, hasFiles }) {
  if (!(await kit.renew())) return null;
  const body = new FormData();
  const fields = { content, clientId: kit.newId(), timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone ?? "", csrfmiddlewaretoken: kit.token() };
  Object.entries(hasFiles ? { ...fields, hasFiles: "1" } : fields).forEach(([name, value]) => body.append(name, value));
  try {
    const response = await fetch(`/groups/${encodeURIComponent(groupId)}/command`, { method: "POST", body, headers: { Accept: "application/json" } });
    return await response.json();
  } catch {
    return null;
  }
}
