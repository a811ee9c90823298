// What the server says of a request that it has refused, in the page's language. Its own sentences are English; the sentences of
// another language have one for each code, under `!` and the code (locale/error_codes.json).

import { sentences } from "./texts.js";

/** Return the sentence for an error {code, message}. */
export const wordsOf = ({ code, message }) => sentences[`!${code}`] ?? message;
