// Where the focus goes when a row goes away.

/** Let the focus go to the row after one that goes away, and never nowhere. */
export function leave(row) {
  if (!row.contains(document.activeElement)) return;
  const rows = [...row.parentElement.children].filter((one) => one !== row && !one.hidden);
  const next =
    rows.find((one) => row.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING) ??
      rows.at(-1);
  const target = next?.querySelector("a[href], button") ?? document.getElementById("main");
  target.focus({ preventScroll: true });
}
