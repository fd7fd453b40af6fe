#!/usr/bin/env bash
# rjsmin 1.3.0 cuts a script off inside of a template literal that stands in another one.
#
# Behaviour: a template literal is taken to end at the next backtick, whatever is between. In
# `${of ? `https://${host}/` : ""}` the literal inside of the braces is therefore read as code, and what
# looks like a comment in it, the two slashes of an address, is dropped with the rest of the line. Blanks
# of the inner literal shrink as those of code do.
#
# Why it surprises: the text is valid since ES2015, the minifier reports nothing and the result ends in
# the middle of an expression, so that browsers refuse the whole file: none of it runs. Template literals
# that are not nested are kept to the letter, braces, slashes and line ends included.
#
# Seen on 2026-11-30:
#   rjsmin 1.3.0
#   alone             let a = `https://${host}/  x`;             -> let a=`https://${host}/  x`;
#   nested, blanks    let a = `${of ? `a  b` : ""}`;             -> let a=`${of ? `a b` : ""}`;
#   nested, address   let a = `${of ? `https://x/` : ""}`;       -> let a=`${of ? `https:
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check rjsmin==1.3.0 || exit 2

"$folder/venv/bin/python" - <<'PYTHON'
import sys

import rjsmin

EXPECTED = {
    "alone": ("let a = `https://${host}/  x`;", "let a=`https://${host}/  x`;"),
    "nested, blanks": ('let a = `${of ? `a  b` : ""}`;', 'let a=`${of ? `a b` : ""}`;'),
    "nested, address": ('let a = `${of ? `https://x/` : ""}`;', "let a=`${of ? `https:"),
}
print(f"rjsmin {rjsmin.__version__}")
changed = []
for name, (script, expected) in EXPECTED.items():
    small = rjsmin.jsmin(script)
    print(f"{name:17} {script:42} -> {small}")
    if small != expected:
        changed.append(name)
if changed:
    sys.exit(f"This has changed: {', '.join(changed)}.")
PYTHON
