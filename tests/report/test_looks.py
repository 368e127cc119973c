"""Colours, classes, the map and masks."""

from __future__ import annotations

import json
from importlib import resources

from hypothesis import given
from hypothesis import strategies as st

from khotail.report.map import draw
from khotail.report.scale import RAMP, contrast, scale_for


@given(st.lists(st.floats(0, 1), max_size=30))
def test_every_share_falls_in_a_class_whose_text_can_be_read(shares: list[float]) -> None:
    scale = scale_for(shares)
    assert len(scale.classes) == len(RAMP)
    for share in shares:
        found = scale.of(share)
        assert found is not None
        assert found.low <= share + 1e-4
        assert contrast(found.ink, found.colour) >= 4.5


def test_the_ramp_only_gets_darker() -> None:
    against_white = [contrast(colour, "#ffffff") for colour in RAMP]
    assert against_white == sorted(against_white)


def test_one_outlier_does_not_wash_out_the_others() -> None:
    scale = scale_for([0.08, 0.09, 0.10, 0.11, 0.12, 0.13, 0.14, 0.15, 0.16, 0.17, 0.9])
    assert len({scale.index(share) for share in (0.08, 0.11, 0.14, 0.17)}) >= 3


def test_the_map_draws_every_banner_within_its_frame() -> None:
    boundaries = json.loads(resources.files("khotail.facts.regions").joinpath("banners_15.geojson").read_text("utf-8"))
    drawn = draw(boundaries)
    assert len(drawn.shapes) == len(boundaries["features"])
    assert all(0 <= x <= drawn.width and 0 <= y <= drawn.height for x, y in (shape.middle for shape in drawn.shapes))
    assert all(shape.path.startswith("M") and shape.path.endswith("z") for shape in drawn.shapes)
