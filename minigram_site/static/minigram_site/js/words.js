globalThis.gettext = (text) => text;
globalThis.ngettext = (one, many, n) => (n === 1 ? one : many);
globalThis.interpolate = (text, values, named) =>
  named ? text.replace(/%\((\w+)\)s/g, (_, name) => values[name]) : text;
