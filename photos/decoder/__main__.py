"""The decoder as a program: ``python -I photos/decoder JOB``, started by ``photos.images``.

It reads bytes that strangers made, with decoders written in C, so it runs in a process that may
use little memory, little time and nothing of Django. Started with a job in JSON and two open files,
it writes what it makes into the second one and prints a line of JSON: what that is and what the
camera noted, or the code of why not. Tracebacks go to standard error.
"""

from __future__ import annotations

import json
import sys
from os.path import dirname  # pathlib takes 3 ms to import


def main() -> None:
    """Do the job in the first argument and print the answer."""
    # Python puts only this folder on the path; its modules are imported by their full names.
    sys.path[0] = dirname(dirname(dirname(__file__)))  # noqa: PTH120
    from photos.decoder.conversion import answer
    from photos.decoder.limits import limit_resources

    job = json.loads(sys.argv[1])
    limit_resources(job)
    sys.stdout.write(json.dumps(answer(job)))


if __name__ == "__main__":
    main()
