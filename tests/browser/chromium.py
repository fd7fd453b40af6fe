"""How Debian's Chromium is started: without a display, and without calling anyone.

Debian's headless shell is the same engine without the browser around it, whose own pages would take
their share of the time of these tests.
"""

EXECUTABLE = "/usr/bin/chromium-headless-shell"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
