// Lists of the API, which come in pages.

// The most that the API lists at a time.
const PAGE = 100;

/** Return all pages of a list, the first one first; throws when one cannot be had. */
export async function fetchPages(path) {
  const pages = [];
  let cursor = null;
  do {
    const response = await fetch(`${path}?${new URLSearchParams({ limit: PAGE, ...(cursor ? { cursor } : {}) })}`);
    if (!response.ok) throw new Error(response.statusText);
    pages.push(await response.json());
    cursor = pages.at(-1).nextCursor;
  } while (cursor);
  return pages;
}
