// What is not needed to show the page waits for it.

/** Resolves once the page has loaded, with its pictures. */
export const pageLoaded = () =>
  new Promise((done) => (document.readyState === "complete" ? done() : addEventListener("load", done, { once: true })));
