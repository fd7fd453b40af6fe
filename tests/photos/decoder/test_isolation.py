"""The process that decodes: its limits, its end, its turns."""

from __future__ import annotations

import logging
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from photos import images
from photos.refusals import ImageRejected
from tests.photos import image_files
from tests.photos.processing import process, refusal


@pytest.fixture
def decoder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Return a function that puts other code in the decoder's place."""

    def replace(code: str) -> None:
        path = tmp_path / "decoder.py"
        path.write_text(code)
        monkeypatch.setattr(images, "DECODER", path)

    return replace


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("raise ValueError('broken')", "image_unreadable"),
        ("raise MemoryError", "too_much_memory"),
        ("import os; os.abort()", "image_unreadable"),
        ("import os; os.kill(os.getpid(), 9)", "too_much_memory"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", "took_too_long"),
        ("import os; os.write(2, b'std::bad_alloc'); os.abort()", "too_much_memory"),
    ],
)
def test_a_decoder_that_dies_is_a_refusal(decoder: Any, code: str, expected: str) -> None:
    decoder(code)
    assert refusal(image_files.encoded(image_files.scene())) == expected


def test_a_decoder_that_never_ends_is_stopped(
    decoder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "TIMEOUT_SECONDS", 0.3)
    decoder("while True: pass")
    assert refusal(image_files.encoded(image_files.scene())) == "took_too_long"


def test_the_operator_reads_why(decoder: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "photos.images")
    decoder("raise ValueError('the reason')")
    assert refusal(image_files.encoded(image_files.scene())) == "image_unreadable"
    assert "ValueError: the reason" in caplog.text


def test_the_decoder_knows_nothing_of_the_site(
    decoder: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO, "photos.images")
    monkeypatch.setenv("SECRET_KEY", "do-not-tell")
    decoder("import os, sys; sys.exit(f'{dict(os.environ)} {sys.flags.isolated}')")
    assert refusal(image_files.encoded(image_files.scene())) == "image_unreadable"
    assert "MALLOC_ARENA_MAX" in caplog.text
    assert "do-not-tell" not in caplog.text


@pytest.mark.slow
def test_a_picture_that_needs_too_much_memory_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(images, "MEMORY_LIMIT", 150 * 1024**2)
    large = Image.new("RGB", (6000, 6000), "teal")
    assert refusal(image_files.encoded(large, "PNG", compress_level=1)) == "too_much_memory"


@pytest.mark.parametrize(
    "data", [image_files.phone_jpeg(), image_files.phone_jpeg()[:900], b"text"]
)
def test_no_file_is_left_behind(
    data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with suppress(ImageRejected):
        process(data)
    assert list(tmp_path.iterdir()) == []


def test_no_file_has_a_name_that_a_killed_process_would_leave_behind(
    decoder: Any, caplog: pytest.LogCaptureFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO, "photos.images")
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    decoder(f"import os, sys; sys.exit('named: ' + str(os.listdir({str(folder)!r})))")
    assert refusal(image_files.phone_jpeg()) == "image_unreadable"
    assert "named: []" in caplog.text


def test_the_site_itself_never_loads_a_decoder() -> None:
    code = "import sys, photos.images; sys.exit('PIL' in sys.modules)"
    project = Path(images.__file__).parents[1]
    assert subprocess.run([sys.executable, "-c", code], cwd=project, check=False).returncode == 0


def test_the_decoder_never_loads_the_framework() -> None:
    code = "import sys, photos.decoder.conversion; sys.exit('django' in sys.modules)"
    project = Path(images.__file__).parents[1]
    assert subprocess.run([sys.executable, "-c", code], cwd=project, check=False).returncode == 0


def test_only_two_decoders_run_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, lock = 0, 0, threading.Lock()
    run = images._run

    def counted(*args: Any) -> Any:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.05)
        try:
            return run(*args)
        finally:
            with lock:
                running -= 1

    monkeypatch.setattr(images, "_run", counted)
    with ThreadPoolExecutor(6) as threads:
        results = list(threads.map(process, [image_files.encoded(image_files.scene())] * 6))
    assert most == images.DECODERS
    assert len(set(results)) == 1


def test_who_waits_too_long_for_a_decoder_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(images, "_turns", threading.BoundedSemaphore(1))
    with images._a_turn():
        assert refusal(image_files.encoded(image_files.scene())) == "busy"
