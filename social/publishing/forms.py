"""The form of a draft that works without JavaScript: everything in one go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import CleanCharField
from photos.forms import UploadForm
from photos.models import ALT_TEXT_LENGTH, Draft, Media

# Width to height of what is kept of a picture.
SHAPES = {"1:1": 1.0, "4:5": 0.8, "1.91:1": 1.91}
TURNS = [(0, _("Not turned")), (1, _("Turned right")), (2, _("Upside down")), (3, _("Turned left"))]


class ComposeForm(UploadForm):
    """Words, and for each picture its description, place, turn, crop, and whether it goes."""

    def __init__(self, draft: Draft, media: Sequence[Media], data: Any, files: Any) -> None:
        """Take the draft and its uploads in their order."""
        initial = {"caption": draft.caption, "show_camera": draft.show_camera}
        super().__init__(data, files, initial=initial)
        self.uploads = media
        self.fields["image"].required = False
        self.fields["image"].label = _("Add photos")
        del self.fields["alt_text"]
        places = [(number, str(number)) for number in range(1, len(media) + 1)]
        for place, one in enumerate(media, start=1):
            self._describe(one, place, places)

    def _describe(self, one: Media, place: int, places: list[tuple[int, str]]) -> None:
        self.fields[f"alt_{one.pk}"] = CleanCharField(
            required=False,
            max_length=ALT_TEXT_LENGTH,
            initial=one.alt_text,
            label=_("Description"),
            widget=forms.Textarea({"rows": 2, "dir": "auto"}),
        )
        crops = [("", _("As it is")), ("whole", _("All of it")), *((key, key) for key in SHAPES)]
        choices: dict[str, tuple[Any, Any, Any]] = {
            "place": (_("Place"), places, place),
            "turn": (_("Turn"), TURNS, one.turn),
            "crop": (_("Crop"), crops, ""),
        }
        for name, (label, options, initial) in choices.items():
            self.fields[f"{name}_{one.pk}"] = forms.ChoiceField(
                label=label, choices=options, initial=initial, required=False
            )
        self.fields[f"remove_{one.pk}"] = forms.BooleanField(required=False, label=_("Remove"))

    def clean_image(self) -> list[Any]:
        """Return the further files; none is fine."""
        return [file for file in super().clean_image() if file]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Each upload with its fields."""
        names = ("alt", "place", "turn", "crop", "remove")
        return [
            {"media": one, **{name: self[f"{name}_{one.pk}"] for name in names}}
            for one in self.uploads
        ]

    @property
    def removed(self) -> list[int]:
        """The ids of the uploads that are to go."""
        return [one.pk for one in self.uploads if self.cleaned_data[f"remove_{one.pk}"]]

    @property
    def order(self) -> list[int]:
        """The ids of the uploads that stay, by their place; one that was moved comes first."""

        def key(item: tuple[int, Media]) -> tuple[int, int]:
            place, one = item
            wanted = int(self.cleaned_data[f"place_{one.pk}"] or place)
            return wanted, 0 if wanted < place else 1 if wanted == place else 2

        ordered = sorted(enumerate(self.uploads, start=1), key=key)
        return [one.pk for _, one in ordered if one.pk not in self.removed]

    @property
    def alt_texts(self) -> dict[int, str]:
        """The descriptions by id."""
        return {one.pk: self.cleaned_data[f"alt_{one.pk}"] for one in self.uploads}

    def adjustment(self, media: Media) -> tuple[int, list[float]]:
        """Return turn and crop of an upload. A picture that is turned further loses its crop."""
        turn = int(self.cleaned_data[f"turn_{media.pk}"] or 0)
        shape = self.cleaned_data[f"crop_{media.pk}"]
        if not shape:
            return turn, media.crop if turn == media.turn else []
        if shape == "whole" or not media.picture:
            return turn, []
        return turn, middle(whole_ratio(media, turn), SHAPES[shape])


def whole_ratio(media: Media, turn: int) -> float:
    """Return width to height of all of an upload that is ready, turned by so many quarters."""
    width, height = media.picture["width"], media.picture["height"]
    crop = media.picture.get("crop") or [0, 0, 1, 1]
    ratio = float(width / crop[2]) / float(height / crop[3])
    return ratio if (media.picture.get("turn", 0) - turn) % 2 == 0 else 1 / ratio


def middle(ratio: float, wanted: float) -> list[float]:
    """Return the largest crop in the middle of a picture that has the wanted width to height."""
    width, height = min(1, wanted / ratio), min(1, ratio / wanted)
    return [(1 - width) / 2, (1 - height) / 2, width, height]
