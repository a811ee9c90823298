// Which elements can have the focus, and giving it to those that have none by themselves.

const STOPS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";

// Browsers know one of the two names, or older ones none of it.
const WITH_CSS = { visibilityProperty: true, checkVisibilityCSS: true };

export const isShown = (element) => element.isConnected && (element.checkVisibility?.(WITH_CSS) ?? element.getClientRects().length > 0);

/** The elements inside another that the Tab key comes to, in their order. */
export const stopsIn = (root) => [...root.querySelectorAll(STOPS)].filter((element) => !element.disabled && isShown(element));

/** Focus the first heading of a part of the page: it says where one is, and raises no keyboard on a phone. */
export function focusHeading(root) {
  const heading = [...root.querySelectorAll("h1, h2")].find(isShown);
  if (!heading) return false;
  heading.tabIndex = -1;
  heading.focus();
  return true;
}
