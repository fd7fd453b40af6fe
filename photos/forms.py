"""Forms of the photo pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.forms import CleanCharField
from minigram_site.fields.snowflake import parse_id
from photos.conversation.texts import validate_tags
from photos.formats import ACCEPT
from photos.models import ALT_TEXT_LENGTH, CAPTION_LENGTH, COMMENT_LENGTH, Photo
from photos.pictures import MAX_PICTURES

# Where a script asks for people and tags while their names are typed.
_SUGGESTING = {"data-mentions": "/mentions/", "data-tags": "/search/suggestions/"}


class WordsForm(forms.Form):
    """Caption and description of a photo."""

    caption = CleanCharField(
        required=False,
        max_length=CAPTION_LENGTH,
        validators=[validate_tags],
        widget=forms.Textarea(
            {"rows": 3, "placeholder": _("Say something about it"), **_SUGGESTING}
        ),
    )
    alt_text = CleanCharField(
        required=False,
        max_length=ALT_TEXT_LENGTH,
        label=_("Description"),
        help_text=_("What does the picture show? People who can’t see it will thank you."),
        widget=forms.Textarea(
            {"rows": 2, "placeholder": _("A red boat on a calm lake at sunrise")}
        ),
    )


class ShowCameraField(forms.BooleanField):
    """Whether others may see what the file says of the camera; off by default."""

    def __init__(self, **options: Any) -> None:
        """Take a field's options, which replace the defaults."""
        help_text = _(
            "Camera, lens, exposure and date, where the file knows them. Never the place."
        )
        defaults = {"label": _("Show camera and exposure"), "help_text": help_text}
        super().__init__(required=False, **{**defaults, **options})


class EditForm(WordsForm):
    """The caption of a published photo, and a description for each of its pictures."""

    field_order = ("caption", "alt_text")

    def __init__(self, photo: Photo, data: Any = None) -> None:
        """Take the photo, whose values are shown; ``show_camera`` only where EXIF says anything."""
        super().__init__(
            data,
            initial={
                "caption": photo.caption,
                "alt_text": photo.alt_text,
                "show_camera": photo.show_camera,
                "comments_off": photo.comments_off,
            },
        )
        self.further = [f"alt_text_{number}" for number in range(2, len(photo.pictures) + 1)]
        for number, name in enumerate(self.further, start=1):
            self.fields[name] = CleanCharField(
                required=False,
                max_length=ALT_TEXT_LENGTH,
                label=gettext("Description of picture %(value)s") % {"value": number + 1},
                initial=photo.pictures[number].alt_text,
                widget=forms.Textarea({"rows": 2}),
            )
        if any(picture.camera for picture in photo.pictures):
            known = photo.camera or photo.pictures[-1].camera
            self.fields["show_camera"] = ShowCameraField(help_text=", ".join(known.values()))
        self.fields["comments_off"] = forms.BooleanField(
            required=False,
            label=gettext("Comments off"),
            help_text=gettext("Nobody can comment any more. The comments that are there stay."),
        )

    @property
    def changes(self) -> dict[str, Any]:
        """The arguments for ``services.edit_photo``."""
        words = dict(self.cleaned_data)
        further = [words.pop(name) for name in self.further]
        return {
            **words,
            "alt_texts": [words.pop("alt_text"), *further],
            "caption": words["caption"],
        }


class SeveralFilesField(forms.FileField):
    """A file field of which each of several files is checked; cleaned to a list."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Return the files; raises ``ValidationError`` for the first that is refused."""
        files = data if isinstance(data, list | tuple) else [data]
        return [super(SeveralFilesField, self).clean(file, initial) for file in files or [None]]


class SeveralFilesInput(forms.FileInput):
    """A file input in which several files may be chosen."""

    allow_multiple_selected = True


class UploadForm(WordsForm):
    """A new photo of one or several pictures, with caption and description."""

    image = SeveralFilesField(
        label=_("Photos"),
        allow_empty_file=True,
        max_length=1000,
        error_messages={
            "required": _("Choose a picture."),
            "max_length": _("The file name is too long."),
        },
        widget=SeveralFilesInput({"accept": ACCEPT, "multiple": True}),
    )
    show_camera = ShowCameraField()
    field_order = ("image", "caption", "alt_text")

    def clean_image(self) -> list[Any]:
        """Return the files; raises ``ValidationError`` for more than ten."""
        files: list[Any] = self.cleaned_data["image"]
        if len(files) > MAX_PICTURES:
            raise forms.ValidationError(
                gettext("Choose up to %(max_pictures)s pictures for one photo.")
                % {"max_pictures": MAX_PICTURES}
            )
        return files


class ArrangeForm(forms.Form):
    """A new photo made of uploads that were sent one by one before."""

    caption = CleanCharField(required=False, max_length=CAPTION_LENGTH, validators=[validate_tags])
    show_camera = ShowCameraField()

    def __init__(self, data: Any) -> None:
        """Take the ids in the order of the pictures, each with its description."""
        super().__init__(data)
        self.draft_id = parse_id(data.get("draft", ""))
        self.media_ids: list[int] = []
        for text in data.getlist("media")[: MAX_PICTURES + 1]:
            if identifier := parse_id(text):
                self.media_ids.append(identifier)
                self.fields[f"alt_{identifier}"] = CleanCharField(
                    required=False, max_length=ALT_TEXT_LENGTH, label=gettext("Description")
                )

    @property
    def alt_texts(self) -> dict[int, str]:
        """The descriptions by id."""
        return {one: self.cleaned_data[f"alt_{one}"] for one in self.media_ids}


class MediaForm(forms.Form):
    """One file, sent before the photo."""

    image = forms.FileField(
        allow_empty_file=True, max_length=1000, error_messages={"required": _("Choose a picture.")}
    )


class CommentForm(forms.Form):
    """The text of a comment."""

    text = CleanCharField(
        label=_("Comment"),
        max_length=COMMENT_LENGTH,
        validators=[validate_tags],
        error_messages={"required": _("Write something first.")},
        widget=forms.Textarea({"rows": 1, "placeholder": _("Add a comment"), **_SUGGESTING}),
    )
