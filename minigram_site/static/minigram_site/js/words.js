// Words in the reader's language: Django's catalog of the page defines these, otherwise they stay English.

const inEnglish = {
  gettext: (text) => text,
  ngettext: (one, many, count) => count === 1 ? one : many,
  pgettext: (_context, text) => text,
  interpolate: (text, values, named) =>
    named
      ? text.replace(/%\(\w+\)s/g, (place) => String(values[place.slice(2, -2)]))
      : text.replace(/%s/g, ((rest) => () => String(rest.shift()))([...values])),
};

for (const [name, own] of Object.entries(inEnglish)) globalThis[name] ??= own;

export const { gettext, ngettext, pgettext, interpolate } = globalThis;

// Digits are the same in every language, as on the server (minigram_site/web/languages/numbers.py).
export const locale = `${document.documentElement.lang || "en"}-u-nu-latn`;
const groups = new Intl.NumberFormat(locale);

// A whole number as people of the language write it, and what number such a text is.
export const grouped = (number) => groups.format(number);
export const numberIn = (text) => Number(text.replace(/\D/g, ""));
