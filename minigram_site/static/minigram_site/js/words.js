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
