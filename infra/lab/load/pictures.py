"""Pictures that simulated people upload, and the form that carries them."""

from __future__ import annotations

import io
import random

from PIL import Image

BOUNDARY = "minigram-lab-b0undary"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"


def form_of(jpeg: bytes, caption: str) -> bytes:
    """Return the multipart body of an upload; the file holds ``caption`` as a comment of its JPEG.

    Two captions therefore make two files, which no check for doubles takes for one.
    """
    note = caption.encode()
    file = b"".join([jpeg[:2], b"\xff\xfe", (len(note) + 2).to_bytes(2, "big"), note, jpeg[2:]])
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="caption"\r\n\r\n{caption}\r\n'
    image = (
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; "
        'name="image"; filename="beach.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    )
    return head.encode() + image.encode() + file + f"\r\n--{BOUNDARY}--\r\n".encode()


def real_jpeg(size: tuple[int, int], seed: int) -> bytes:
    """Return a JPEG with the detail of a photograph: a gradient under noise. Costs 50 ms."""
    dice = random.Random(seed)
    gradient = Image.linear_gradient("L").resize(size)
    small = (max(1, size[0] // 4), max(1, size[1] // 4))
    noise = Image.frombytes("L", small, dice.randbytes(small[0] * small[1])).resize(size)
    photo = Image.merge("RGB", (gradient, Image.blend(gradient, noise, 0.3), noise))
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=85)
    return file.getvalue()
