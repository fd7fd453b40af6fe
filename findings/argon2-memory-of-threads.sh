#!/usr/bin/env bash
# argon2-cffi 25.1.0 leaves 19 MiB with each thread that has hashed, but nothing where hashes need 40 MiB.
#
# Behaviour: eight threads hash twice each, with 19 MiB of memory a hash (a cost that OWASP recommends).
# Afterwards, with all threads idle, the process is larger by about eight times 19 MiB and stays so. With
# 40 MiB a hash it is as small as before. In one thread, 19 MiB a hash leave one such block at the most.
#
# Why it surprises: the larger cost leaves less behind. Argon2 frees its memory after each hash. glibc takes
# the first block of a size from the kernel and gives it back, but once one was freed it expects more of
# them and cuts the next from the thread's own arena, where it stays; it does so up to 32 MiB
# (M_MMAP_THRESHOLD in mallopt(3): the threshold is dynamic). A server of many threads that checks
# passwords grows by a block a thread, which looks like a leak.
#
# Seen on 2026-11-30 (Linux x86-64, glibc 2.36, Python 3.11.7):
#   argon2-cffi 25.1.0, argon2-cffi-bindings 26.2.0
#   8 threads, 19 MiB a hash: 152 MiB more
#   8 threads, 40 MiB a hash: 0 MiB more
#   1 threads, 19 MiB a hash: 19 MiB more
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
if ! "$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    argon2-cffi==25.1.0 argon2-cffi-bindings==26.2.0 cffi==2.1.1 pycparser==3.12; then
    echo "The packages could not be installed." >&2
    exit 2
fi
cat >"$folder/hash.py" <<'PYTHON'
"""Print by how many MiB a process has grown after hashing: THREADS, MiB of memory a hash."""

import platform, sys, threading

from argon2.low_level import Type, hash_secret


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 2**20


def work(mib):
    for _ in range(2):
        hash_secret(b"a password", b"a salt of 16 byt", 1, mib * 1024, 1, 32, Type.ID)
    done.release()
    stay.wait()


if platform.libc_ver()[0] != "glibc":
    sys.exit(3)
count, mib = int(sys.argv[1]), int(sys.argv[2])
done, stay = threading.Semaphore(0), threading.Event()
before = resident()
threads = [threading.Thread(target=work, args=[mib], daemon=True) for _ in range(count)]
for thread in threads:
    thread.start()
for _ in threads:
    done.acquire()
print(round(resident() - before))
stay.set()
PYTHON
python3 - "$folder" <<'PYTHON'
import pathlib, subprocess, sys

folder = pathlib.Path(sys.argv[1])


def grown(threads, mib):
    command = [folder / "venv/bin/python", folder / "hash.py", str(threads), str(mib)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode == 3:
        print("skipped: this Python does not use glibc")
        sys.exit(0)
    print(f"{threads} threads, {mib} MiB a hash: {done.stdout.strip()} MiB more")
    return int(done.stdout)


small, large, alone = grown(8, 19), grown(8, 40), grown(1, 19)
if not (small > 100 and large < 20 and alone < 30):
    sys.exit(f"This has changed: {small}, {large} and {alone} MiB more.")
PYTHON
