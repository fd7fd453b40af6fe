"""Builds the picture files that the tests upload: from phones, from old programs, from attackers.

Each function returns the bytes of one file. Nothing is downloaded and nothing is random.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

import pillow_heif
from PIL import ExifTags, Image, ImageCms

pillow_heif.register_heif_opener()

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF", "GIF")
MIMES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
    "HEIF": "image/heic",
    "GIF": "image/gif",
}
SECRET = b"SECRET-OF-THE-PHOTOGRAPHER"
TURN = Image.Transpose
# What a camera that is held this way does to the picture before it is stored.
AS_TAKEN = {
    2: TURN.FLIP_LEFT_RIGHT,
    3: TURN.ROTATE_180,
    4: TURN.FLIP_TOP_BOTTOM,
    5: TURN.TRANSPOSE,
    6: TURN.ROTATE_90,
    7: TURN.TRANSVERSE,
    8: TURN.ROTATE_270,
}
# Red, green and blue in XYZ under D50, by the profiles that Apple and the ICC publish.
DISPLAY_P3 = ((0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407))
SRGB = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.7141))
COLOURS = {"R": (220, 40, 40), "G": (40, 180, 60), "B": (40, 60, 200), "Y": (240, 220, 60)}


def scene(width: int = 80, height: int = 48) -> Image.Image:
    """Return four fields: red, green, and below them blue, yellow."""
    picture = Image.new("RGB", (2, 2))
    for number, colour in enumerate(COLOURS.values()):
        picture.putpixel((number % 2, number // 2), colour)
    return picture.resize((width, height), Image.Resampling.NEAREST)


def detailed(width: int = 300, height: int = 200) -> Image.Image:
    """Return a picture whose bytes are spread over its whole file."""
    size = (width, height)
    red = Image.radial_gradient("L").resize(size)
    green = Image.linear_gradient("L").resize(size)
    blue = Image.frombytes("L", size, bytes(i * i * 7 // 13 % 251 for i in range(width * height)))
    return Image.merge("RGB", (red, green, blue))


def pixel(picture: Image.Image, x: int, y: int) -> tuple[int, ...]:
    """Return the colour here, in RGB."""
    value = picture.convert("RGB").getpixel((x, y))
    assert isinstance(value, tuple)
    return value


def colour_at(picture: Image.Image, x: int, y: int) -> str:
    """Return the letter of the scene's colour that is nearest to this pixel."""
    here = pixel(picture, x, y)
    return min(
        COLOURS,
        key=lambda letter: sum(abs(a - b) for a, b in zip(here, COLOURS[letter], strict=True)),
    )


def corners(picture: Image.Image) -> str:
    """Return the colours of the four corners in reading order; ``RGBY`` is upright."""
    right, low = picture.width - 2, picture.height - 2
    return "".join(
        colour_at(picture, x, y) for x, y in ((1, 1), (right, 1), (1, low), (right, low))
    )


def encoded(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """Return ``picture`` as a file of this kind."""
    if kind == "GIF":
        picture = picture.quantize(200)
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def exif(orientation: int) -> bytes:
    """Return EXIF with an orientation, the camera's owner, where it was, and a thumbnail."""
    block = Image.Exif()
    block[ExifTags.Base.Orientation] = orientation
    block[ExifTags.Base.Artist] = SECRET.decode()
    place = block.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef] = "N"
    place[ExifTags.GPS.GPSLatitude] = (52.0, 31.0, 12.0)
    block.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.MakerNote] = SECRET + encoded(scene(16, 16))
    return block.tobytes()


def camera_exif(notes: dict[int, Any]) -> bytes:
    """Return EXIF with these tags, each where cameras write it."""
    block = Image.Exif()
    details = block.get_ifd(ExifTags.IFD.Exif)
    first = {ExifTags.Base.Make, ExifTags.Base.Model, ExifTags.Base.DateTime}
    for tag, value in notes.items():
        (block if tag in first else details)[tag] = value
    return block.tobytes()


def endless_exif() -> bytes:
    """Return EXIF whose part for the exposure is the whole, which has that part again."""
    entry = struct.pack("<HHII", ExifTags.IFD.Exif, 4, 1, 8)
    return b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + entry + struct.pack("<I", 8)


def taken(orientation: int, kind: str = "JPEG", **options: Any) -> bytes:
    """Return the scene as a camera stores it that was held this way."""
    stored = scene()
    if orientation in AS_TAKEN:
        stored = stored.transpose(AS_TAKEN[orientation])
    return encoded(stored, kind, exif=exif(orientation), **options)


def phone_jpeg() -> bytes:
    """Return a JPEG with everything a phone writes about its owner."""
    packet = b"<?xpacket begin=''?><x:xmpmeta xmlns:x='adobe:ns:meta/'>" + SECRET + b"</x:xmpmeta>"
    return taken(1, xmp=packet, comment=SECRET)


def several_frames(kind: str, **options: Any) -> bytes:
    """Return an animation, or an MPO, whose first frame is the scene and whose others are not."""
    others = [Image.new("RGB", (80, 48), COLOURS["R"])] * 3
    buffer = io.BytesIO()
    scene().save(buffer, kind, save_all=True, append_images=others, **options)
    return buffer.getvalue()


def motion_photo() -> bytes:
    """Return a JPEG with a film behind it, as Google's and Samsung's phones make them."""
    film = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0\0\x10\0mdat" + bytes(4088)
    return phone_jpeg() + film + b"SEFH" + bytes(20) + b"SEFT"


def archive() -> bytes:
    """Return a zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        zipped.writestr("Evil.class", b"\xca\xfe\xba\xbe")
    return buffer.getvalue()


def deep_png(picture: Image.Image) -> bytes:
    """Return a PNG with 16 bits for each of red, green and blue, which Pillow does not write."""
    width, height = picture.size
    low = b"\x5a"  # the lower half of every value: nobody can see it
    data = picture.convert("RGB").tobytes()
    wide = b"".join(data[at : at + 1] + low for at in range(len(data)))
    rows = (b"\0" + wide[at : at + 6 * width] for at in range(0, len(wide), 6 * width))
    return png_of(width, height, b"".join(rows), bits=16)


# ------------------------------------------------------------------------------- colour profiles


def rgb_profile(*, swapped: bool = False, padding: int = 0) -> bytes:
    """Return sRGB, or with ``swapped`` a profile by which red stands for green; maybe large."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    if swapped:
        data = data.replace(b"rXYZ", b"....", 1).replace(b"gXYZ", b"rXYZ", 1)
        data = data.replace(b"....", b"gXYZ", 1)
    data += bytes(padding)
    return struct.pack(">I", len(data)) + data[4:]


def grey_profile() -> bytes:
    """Return linear grey: a value of 128 is lighter than it would be in sRGB."""
    curve = b"curv" + bytes(8)
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    return _profile(b"mntr", b"GRAY", b"XYZ ", {b"wtpt": white, b"kTRC": curve})


def cmyk_profile() -> bytes:
    """Return a profile of a printer that has black ink only: all cyan is white."""
    identity = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    ramp = bytes(range(256))
    grid = b"".join(bytes((0 if ink & 1 else 255, 128, 128)) for ink in range(16))
    table = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + identity + ramp * 4 + grid + ramp * 3
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    return _profile(b"prtr", b"CMYK", b"Lab ", {b"A2B0": table, b"wtpt": white})


def wide_profile(*, padding: int = 0) -> bytes:
    """Return Display P3, the colours of phones since 2016: sRGB's curve, wider primaries."""
    curve = b"para\0\0\0\0\0\3\0\0" + _fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    tags = {b"wtpt": b"XYZ \0\0\0\0" + _fixed(0.9642, 1, 0.8249)}
    for name, primary in zip((b"r", b"g", b"b"), DISPLAY_P3, strict=True):
        tags[name + b"XYZ"] = b"XYZ \0\0\0\0" + _fixed(*primary)
        tags[name + b"TRC"] = curve
    data = _profile(b"mntr", b"RGB ", b"XYZ ", tags) + bytes(padding)
    return struct.pack(">I", len(data)) + data[4:]


def _fixed(*values: float) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def _profile(device: bytes, space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    names, body = b"", b""
    start = 128 + 4 + 12 * len(tags)
    for name, value in tags.items():
        names += name + struct.pack(">2I", start + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    header = struct.pack(
        ">I4sI4s4s4s12s4s",
        start + len(body),
        b"",
        0x02100000,
        device,
        space,
        connection,
        bytes(12),
        b"acsp",
    )
    header += bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + names + body


# ------------------------------------------------------------------------------------- attackers


def claiming(kind: str, width: int, height: int) -> bytes:
    """Return a file of 128 x 64 pixels whose header claims another size."""
    data = bytearray(encoded(scene(128, 64), kind))
    at, form = {
        "JPEG": (data.find(b"\xff\xc0") + 5, ">HH"),
        "PNG": (16, ">II"),
        "WEBP": (26, "<HH"),
        "AVIF": (data.find(b"ispe") + 8, ">II"),
        "HEIF": (data.find(b"ispe") + 8, ">II"),
        "GIF": (6, "<HH"),
    }[kind]
    sizes = (height, width) if kind == "JPEG" else (width, height)
    struct.pack_into(form, data, at, *sizes)
    if kind == "PNG":
        struct.pack_into(">I", data, 29, zlib.crc32(data[12:29]))
    return bytes(data)


def extended_webp(width: int, height: int) -> bytes:
    """Return a WebP whose extended header claims this canvas, and nothing more."""
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    small = encoded(scene(), "WEBP")[12:]
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + canvas + small
    return b"RIFF" + struct.pack("<I", len(body)) + body


def png_of(width: int, height: int, rows: bytes, *, bits: int = 8) -> bytes:
    """Return a PNG in RGB with this content, whether it is what the header promises or not."""
    header = struct.pack(">2I5B", width, height, bits, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*each) for each in chunks)


def long_animation(kind: str, frames: int = 3000) -> bytes:
    """Return an animation of thousands of frames; the first is the scene."""
    red, blue = (Image.new("RGB", (80, 48), COLOURS[letter]) for letter in "RB")
    buffer = io.BytesIO()
    options = {"speed": 10} if kind == "AVIF" else {"method": 0} if kind == "WEBP" else {}
    scene().save(
        buffer,
        kind,
        save_all=True,
        append_images=[red, blue] * (frames // 2),
        duration=20,
        **options,
    )
    return buffer.getvalue()


def profile_of_many_tags() -> bytes:
    """Return a profile with a thousand tags, ten times as many as lcms reads."""
    return _profile(
        b"mntr", b"RGB ", b"XYZ ", {struct.pack(">I", tag): bytes(40) for tag in range(1000)}
    )


def png_with(chunk: bytes, data: bytes) -> bytes:
    """Return a sound PNG with this chunk behind its header."""
    sound = encoded(scene(), "PNG")
    return sound[:33] + _chunk(chunk, data) + sound[33:]


def _chunk(name: bytes, data: bytes) -> bytes:
    body = name + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def text_bomb(chunk: bytes) -> bytes:
    """Return a PNG with a chunk of 200 kB that unpacks to 200 MB."""
    return png_with(chunk, b"name\0\0" + zlib.compress(bytes(200_000_000), 9))
