#!/usr/bin/env bash
# rcssmin 1.3.0 changes what a nested rule selects: "a :hover" becomes "a:hover".
#
# Behaviour: before a colon the minifier drops a space wherever it stands inside braces, and keeps it
# outside. Inside of "@media" it still knows selectors. A rule inside of a rule, which all browsers
# understand since 2023, is taken for declarations, and the space that means "anything inside of" goes.
# Only behind "&" and behind a combinator that is written out (">") the meaning survives.
#
# Why it surprises: the output is valid and a little smaller, nothing is reported, and the style is
# merely on another element: ".card { .menu :hover {} }" colours what is under the pointer inside of the
# menu, and afterwards the whole menu. The same text at the top level of a sheet is left as it is.
#
# Seen on 2026-11-30:
#   rcssmin 1.3.0
#   at the top       .menu :hover { color: red }                -> .menu :hover{color:red}
#   in @media        @media print { .menu :hover { top: 0 } }   -> @media print{.menu :hover{top:0}}
#   nested           .card { .menu :hover { color: red } }      -> .card{.menu:hover{color:red}}
#   nested, :is()    .card { a :is(b, i) { color: red } }       -> .card{a:is(b,i){color:red}}
#   nested, with &   .card { & :hover { color: red } }          -> .card{& :hover{color:red}}
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check rcssmin==1.3.0 || exit 2

"$folder/venv/bin/python" - <<'PYTHON'
import sys

import rcssmin

EXPECTED = {
    "at the top": (".menu :hover { color: red }", ".menu :hover{color:red}"),
    "in @media": ("@media print { .menu :hover { top: 0 } }", "@media print{.menu :hover{top:0}}"),
    "nested": (".card { .menu :hover { color: red } }", ".card{.menu:hover{color:red}}"),
    "nested, :is()": (".card { a :is(b, i) { color: red } }", ".card{a:is(b,i){color:red}}"),
    "nested, with &": (".card { & :hover { color: red } }", ".card{& :hover{color:red}}"),
}
print(f"rcssmin {rcssmin.__version__}")
changed = []
for name, (sheet, expected) in EXPECTED.items():
    small = rcssmin.cssmin(sheet)
    print(f"{name:16} {sheet:42} -> {small}")
    if small != expected:
        changed.append(name)
if changed:
    sys.exit(f"This has changed: {', '.join(changed)}.")
PYTHON
