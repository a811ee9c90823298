// The page's <template> elements, which hold the server's own components: cloned here, filled with text, never with markup.

export const template = (name) => document.getElementById(`${name}-template`).content.firstElementChild.cloneNode(true);

/** The first element of this data-field inside another. */
export const part = (element, name) => element.querySelector(`[data-field="${name}"]`);
