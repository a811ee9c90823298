// Ids that no other client makes.

/** Return one; crypto.randomUUID is missing where the page is served by plain http. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
