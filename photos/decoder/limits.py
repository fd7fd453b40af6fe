"""The limits that the decoder's process sets on itself."""

from __future__ import annotations

import os
import resource

from photos.decoder.job import Job

MAX_FILE_BYTES = 64 * 1024 * 1024


def limit_resources(job: Job) -> None:
    """Limit this process's memory, CPU time and file size before the first byte is read.

    ``job`` holds ``memory`` in bytes and ``seconds`` of CPU. Exceeding them raises ``MemoryError``
    or ends the process with SIGXCPU.
    """
    # A worker stays on one CPU (infra/gunicorn.conf.py); pictures are for whichever is idle.
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE_BYTES,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (job["seconds"], job["seconds"] + 1))
    resource.setrlimit(resource.RLIMIT_AS, (job["memory"],) * 2)
