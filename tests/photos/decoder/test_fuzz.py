"""Whatever bytes arrive: a picture or a refusal, never anything else."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from photos import images
from photos.refusals import ImageRejected
from tests.photos import image_files

# Each costs the start of a decoder: about 0.05 s.
EXAMPLES = 300
SMALL = {kind: image_files.encoded(image_files.scene(32, 24), kind) for kind in image_files.FORMATS}
SMALL |= {
    f"{kind} with notes": image_files.taken(6, kind) for kind in ("JPEG", "PNG", "WEBP", "HEIF")
}
SMALL["animation"] = image_files.several_frames("GIF", duration=20)
SMALL["profile"] = image_files.encoded(
    image_files.scene(32, 24), icc_profile=image_files.wide_profile()
)

# Where (as a part of the whole), what is done there, and with which bytes.
CHANGES = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.sampled_from(["flip", "overwrite", "cut", "insert", "repeat"]),
        st.binary(min_size=1, max_size=8),
    ),
    min_size=1,
    max_size=4,
)


def changed(data: bytes, changes: list[tuple[float, str, bytes]]) -> bytes:
    """Return ``data`` after these changes."""
    for part, act, new in changes:
        at = int(part * len(data))
        behind = {
            "flip": bytes((data[at] ^ new[0],)) + data[at + 1 :] if data else b"",
            "overwrite": new + data[at + len(new) :],
            "cut": data[at + 8 * len(new) :],
            "insert": new + data[at:],
            "repeat": data[max(0, at - 64) :],
        }
        data = data[:at] + behind[act]
    return data


@pytest.mark.slow
@given(name=st.sampled_from(sorted(SMALL)), changes=CHANGES)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_damaged_files_are_read_or_refused(name: str, changes: Any) -> None:
    try:
        processed = images.process(io.BytesIO(changed(SMALL[name], changes)))
    except ImageRejected:
        return
    assert processed.renditions
    assert processed.preview is not None
    assert len(processed.placeholder) <= 300
    assert all(text.isprintable() for text in processed.camera.values())
