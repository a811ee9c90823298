// Elements with data-action: one listener for all, and features register what each action does.

const actions = new Map();

/** Register handlers by the name of the action; each is called with the element that was clicked. */
export const register = (handlers) => Object.entries(handlers).forEach(([name, handler]) => actions.set(name, handler));

export function start() {
  document.addEventListener("click", onClick);
}

function onClick(event) {
  const element = event.target.closest("[data-action]");
  if (!element || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  actions.get(element.dataset.action)(element);
}
