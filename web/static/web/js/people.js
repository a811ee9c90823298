// Who is called what: from the pages, from events, and where neither has said it, from the server.

const names = new Map();
const asked = new Set();
let whenLearned = () => {};

export const onLearned = (callback) => (whenLearned = callback);

export const me = () => document.body.dataset.userId;

/** Take the names that a page brings along. */
export function learnFrom(page) {
  const data = page.getElementById("people");
  if (data) for (const [id, name] of Object.entries(JSON.parse(data.textContent))) names.set(id, name);
}

export const learn = (id, name) => names.set(id, name);

/** The name, or three dots until the server has said it; then `onLearned` is called with the id. */
export function nameOf(id) {
  if (id === me()) return document.body.dataset.userName;
  if (!names.has(id) && !asked.has(id)) ask(id);
  return names.get(id) ?? "…";
}

async function ask(id) {
  asked.add(id);
  try {
    const response = await fetch(`/api/users/${encodeURIComponent(id)}`);
    names.set(id, response.ok ? (await response.json()).name : "Someone who has left");
    whenLearned(id, names.get(id));
  } catch {
    asked.delete(id);
  }
}

/** Fill the suggestions of a field that takes a person's name. */
export function suggestIn(input) {
  let waiting;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => suggest(input.value.trim()), 150);
  });
}

async function suggest(start) {
  if (!start) return;
  try {
    const response = await fetch(`/api/users?${new URLSearchParams({ search: start, limit: 8 })}`);
    if (!response.ok) return;
    const { users } = await response.json();
    const options = users.filter((user) => user.id !== me()).map((user) => Object.assign(document.createElement("option"), { value: user.name }));
    document.getElementById("people-found").replaceChildren(...options);
  } catch {
    // Suggestions are a convenience: the name can be typed in full.
  }
}
