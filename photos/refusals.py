"""Why a picture is refused: a code for machines and a sentence for people."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from photos.formats import NAMES

# In pixels of the shorter side, and of the longer side for each of the shorter.
MIN_SIDE = 16
MAX_RATIO = 50

MESSAGES = {
    "banned_picture": _(
        "The moderators of this site have removed this picture. It can’t be uploaded again."
    ),
    "empty_file": _("This file is empty. Choose another one."),
    "file_too_large": _("This file is larger than {megabytes:g} MB. Upload a smaller version."),
    "not_an_image": _("This is {name}. Upload a {formats} file."),
    "suspicious_file": _(
        "This picture contains another kind of file. Save it again as a plain "
        "JPEG or PNG and upload that."
    ),
    "image_too_small": _(
        "This picture is too small. It must be at least {min_side} pixels wide and high."
    ),
    "image_too_long": _(
        "This picture is more than {max_ratio} times as long as it is wide. Crop "
        "it and upload it again."
    ),
    "too_many_pixels": _(
        "This picture has more than {megapixels:g} megapixels. Upload a smaller version."
    ),
    "image_truncated": _("The end of this picture is missing. Upload the complete file."),
    "image_unreadable": _(
        "This picture is damaged. Save it again in another program and upload that."
    ),
    "jpeg_of_12_bits": _(
        "This is a 12-bit JPEG, which hardly any program can show. Save it as an "
        "ordinary 8-bit JPEG and upload that."
    ),
    "took_too_long": _("This picture takes too long to read. Upload a smaller version."),
    "too_much_memory": _("This picture needs too much memory. Upload a smaller version."),
    "processing_failed": _(
        "This picture couldn’t be processed. Try again, or upload another version of it."
    ),
    "busy": _("Too many pictures are being uploaded right now. Try again in a minute."),
}
# Where it is not known what the file is.
UNNAMED = {"not_an_image": _("This isn’t a picture. Upload a {formats} file.")}


class ImageRejected(Exception):
    """The picture is refused: ``code`` for machines, ``message`` for the person."""

    def __init__(self, code: str, *, name: str = "") -> None:
        """Take a key of ``MESSAGES``; the sentence names the limits in the settings.

        ``name`` is what the file is instead of a picture, where that is known.
        """
        self.code = code
        sentences = MESSAGES if name else MESSAGES | UNNAMED
        self.message = str(sentences[code]).format(
            name=name,
            formats=NAMES,
            megabytes=round(settings.MAX_UPLOAD_BYTES / 1024**2, 1),
            megapixels=settings.MAX_IMAGE_PIXELS // 1_000_000,
            min_side=MIN_SIDE,
            max_ratio=MAX_RATIO,
        )
        super().__init__(self.message)
