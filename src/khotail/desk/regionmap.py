"""The banners of the region as a picture, coloured by the number of warned households."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from khotail.facts.regions import banners_geojson
from khotail.report.map import BannerMap, draw

if TYPE_CHECKING:
    from khotail.desk.standing import Tile

CLASSES = 5


@dataclass(frozen=True)
class Area:
    tile: Tile
    path: str
    shade: int


@dataclass(frozen=True)
class RegionMap:
    """Areas in the units of `view_box`; `limits` are the lowest numbers of the classes."""

    view_box: str
    areas: tuple[Area, ...]
    others: tuple[str, ...]
    limits: tuple[int, ...]


def region_map(tiles: Sequence[Tile]) -> RegionMap | None:
    """The map of these banners; the others of the region in grey. None if no banner has a shape."""
    whole = _whole()
    shapes = {shape.code[:6]: shape for shape in whole.shapes}
    most = max((tile.warned for tile in tiles), default=0)
    step = max(1, -(-most // CLASSES))
    areas = tuple(
        Area(tile, shapes[tile.code].path, min(tile.warned // step, CLASSES - 1))
        for tile in tiles
        if tile.code in shapes
    )
    if not areas:
        return None
    named = {area.tile.code for area in areas}
    others = tuple(shape.path for code, shape in shapes.items() if code not in named)
    limits = tuple(step * place for place in range(CLASSES))
    return RegionMap(f"0 0 {whole.width} {whole.height}", areas, others, limits)


@lru_cache(maxsize=1)
def _whole() -> BannerMap:
    return draw(json.loads(banners_geojson()))
