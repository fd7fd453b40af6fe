"""Forms of the photo pages."""

from __future__ import annotations

from django import forms

from accounts.forms import CleanCharField
from photos.models import ALT_TEXT_LENGTH, CAPTION_LENGTH, COMMENT_LENGTH


class WordsForm(forms.Form):
    """The words of a photo."""

    caption = CleanCharField(
        required=False,
        max_length=CAPTION_LENGTH,
        widget=forms.Textarea({"rows": 3, "placeholder": "Say something about it"}),
    )
    alt_text = CleanCharField(
        required=False,
        max_length=ALT_TEXT_LENGTH,
        label="Description",
        help_text="What is to be seen? People who cannot see the picture will thank you.",
        widget=forms.Textarea({"rows": 2, "placeholder": "A red boat on a calm lake at sunrise"}),
    )


class UploadForm(WordsForm):
    """A new photo and its words."""

    image = forms.FileField(
        label="Photo",
        allow_empty_file=True,
        max_length=1000,
        error_messages={
            "required": "Choose a picture.",
            "max_length": "The file name is too long.",
        },
        widget=forms.FileInput({"accept": "image/*,.heic,.heif"}),
    )
    field_order = ("image", "caption", "alt_text")


class CommentForm(forms.Form):
    """A new comment."""

    text = CleanCharField(
        label="Comment",
        max_length=COMMENT_LENGTH,
        error_messages={"required": "Write something first."},
        widget=forms.Textarea({"rows": 1, "placeholder": "Add a comment"}),
    )
