"""The painter's scenes: varied, and equal for equal seeds."""

from __future__ import annotations

import pytest

from social.demo.painter.motifs import MOTIFS
from social.demo.painter.scenes import Scene, paint, scenes


def test_there_are_many_kinds_of_pictures_in_many_shapes() -> None:
    drawn = scenes(56)
    assert {scene.motif for scene in drawn} == set(MOTIFS)
    assert len({scene.size for scene in drawn}) >= 6
    assert len({(scene.motif, scene.colors) for scene in drawn}) == 56
    assert all(scene.caption and scene.alt_text for scene in drawn)


@pytest.mark.parametrize("motif", MOTIFS)
def test_every_motif_can_be_painted_and_is_painted_alike_again(motif: str) -> None:
    scene = Scene(1, motif, MOTIFS[motif].colors[0], (150, 100), "", "")
    image = paint(scene)
    assert image.size == (150, 100)
    assert image.tobytes() == paint(scene).tobytes()
