"""PNG as browsers read it: what is damaged or large beside the pixels costs only itself."""

from __future__ import annotations

import struct
import zlib
from contextlib import suppress
from typing import IO, cast

from PIL import Image, PngImagePlugin
from PIL.PngImagePlugin import Blend, PngImageFile, PngStream

# Profiles of printers have 1 to 3 MB; what unpacks to more is left aside.
MAX_PROFILE_BYTES = 8 * 1024 * 1024
# Chunks that nothing here asks for: words, among them those that claim an orientation (XMP).
WORDS = {b"tEXt", b"zTXt", b"iTXt"}
# Greys of these depths are spread over 0 to 255 by the decoder, their transparent one is not.
SPREAD = {"L;2": 85, "L;4": 17}
# Of two bytes Pillow keeps the upper one; read in the other order that is the lower one.
DEEP, LOWER_HALF = "RGB;16B", "RGB;16L"


class Stream(PngStream):
    """The chunks of a PNG, without those that are damaged, too large or of no use here."""

    def call(self, cid: bytes, pos: int, length: int) -> bytes:
        """Handle a chunk; an ancillary one that is broken or mere words is left aside.

        Raises ``EOFError`` at the pixels and whatever Pillow raises for a critical chunk.
        """
        if not cid[0] & 0x20 or cid == b"fdAT":
            return super().call(cid, pos, length)
        file = cast("IO[bytes]", self.fp)
        if cid not in WORDS:
            data = file.read(length)
            if file.read(4) == struct.pack(">I", zlib.crc32(cid + data)):
                file.seek(pos)
                # Unknown to Pillow, or broken.
                with suppress(AttributeError, IndexError, SyntaxError, ValueError):
                    super().call(cid, pos, length)
        file.seek(pos + length)
        return b""

    def crc(self, cid: bytes, data: bytes) -> None:
        """Check the sum of a critical chunk; ``call`` has checked the others."""
        if cid[0] & 0x20:
            self.crc_skip(cid, data)
        else:
            super().crc(cid, data)

    def chunk_cICP(self, pos: int, length: int) -> bytes:  # noqa: N802 - Pillow's way to name it
        """Keep the code points of primaries and transfer."""
        data = cast("IO[bytes]", self.fp).read(length)
        self.im_info["cicp"] = data[0], data[1]
        return data

    def chunk_tRNS(self, pos: int, length: int) -> bytes:  # noqa: N802 - Pillow's way to name it
        """Keep the transparent colour, in the depth of the decoded pixels."""
        data = super().chunk_tRNS(pos, length)
        if self.im_rawmode in SPREAD and "transparency" in self.im_info:
            self.im_info["transparency"] *= SPREAD[self.im_rawmode]
        return data


class File(PngImageFile):
    """A PNG whose first picture is the one that browsers show."""

    def _open(self) -> None:
        PngImagePlugin.PngStream = Stream  # type: ignore[misc]
        PngImagePlugin.MAX_TEXT_CHUNK = MAX_PROFILE_BYTES
        super()._open()
        self.source = cast("IO[bytes]", self.fp)  # which Pillow forgets once it is decoded
        raw = [tile.args for tile in self.tile]
        self.deep = raw == [DEEP] and "transparency" in self.info

    def load_first_frame(self) -> None:
        """Decode the first frame, which in an animation need not be the still that it holds."""
        self.load()
        if self.is_animated and self.default_image:
            self.paste(0, (0, 0, *self.size))
            self.seek(1)
            self.blend_op = Blend.OP_SOURCE  # there is nothing below it
            self.load()
        elif self.deep:
            self.hide_deep_colour()

    def hide_deep_colour(self) -> None:
        """Make the transparent colour of a picture of 16 bits a channel transparent.

        Pillow keeps the upper halves of the values only, so the file is decoded once more for the
        lower ones: the same upper halves do not make the same colour.
        """
        colour = self.info.pop("transparency")
        self.source.seek(0)
        lower = File(self.source)
        lower.tile = [tile._replace(args=LOWER_HALF) for tile in lower.tile]
        seen = Image.new("L", self.size)
        for half, shift in ((self, 8), (lower, 0)):
            for band, value in enumerate(colour):
                other = [255 * (here != value >> shift & 255) for here in range(256)]
                seen.paste(255, mask=half.getchannel(band).point(other))
        del lower
        self.putalpha(seen)
