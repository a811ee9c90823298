// Suggestions for the fields that take a user's name.

import { distinctNames, me } from "./names.js";

const AFTER = 150;
const SHOWN = 8;

/** Attach to all such fields of the page that have none yet. */
export function attachSuggestions() {
  for (const input of document.querySelectorAll("input[data-people]:not([data-suggests])")) {
    input.dataset.suggests = "";
    suggestIn(input);
  }
}

function suggestIn(input) {
  let timer;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => suggest(input.value.trim()), AFTER);
  });
}

async function suggest(start) {
  if (!start) return;
  try {
    const response = await fetch(`/api/users?${new URLSearchParams({ search: start, limit: SHOWN })}`);
    if (!response.ok) return;
    const { users } = await response.json();
    const others = users.filter((user) => user.id !== me());
    const names = new Map(others.map(({ id, name }) => [id, name]));
    const labels = distinctNames([...names.keys()], (id) => names.get(id));
    const options = others.map((user, index) => Object.assign(document.createElement("option"), { value: user.name, label: labels[index] }));
    document.getElementById("people-found").replaceChildren(...options);
  } catch {
    // The name can still be typed in full.
  }
}
