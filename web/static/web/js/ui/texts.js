// The sentences of the script in the page's language. English needs none: the sentences in the code are English. The page loads
// those of another language before this script, into `globalThis.texts`.

export const sentences = globalThis.texts ?? {};
const FORMS = ["zero", "one", "two", "few", "many", "other"];

export const language = globalThis.document?.documentElement.lang || "en";

/** The reader's own variants of the page's language, for Intl: an English page has the dates of en-GB for whoever reads that. */
export const locales = [...(globalThis.navigator?.languages ?? []).filter((each) => each.split("-")[0] === language), language];

/** Return a sentence in the page's language, with `values` in place of what is in braces. */
export const t = (sentence, values = {}) => filled(sentences[sentence] ?? sentence, values);

let plural = null;

/** Return one of two sentences by a count, or that of as many as the page's language has; `{count}` is the count. */
export function n(one, many, count, values = {}) {
  return filled(sentences[one] ? formOf(sentences[one], count) : count === 1 ? one : many, { count, ...values });
}

function formOf(forms, count) {
  plural ??= new Intl.PluralRules(language);
  const known = plural.resolvedOptions().pluralCategories;
  return forms[FORMS.filter((form) => known.includes(form)).indexOf(plural.select(count))] ?? forms.at(-1);
}

const filled = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
