"""Where something is: a point within the outline of its banner, drawn here, so that no map has to come from elsewhere."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from khotail.facts.regions import banners_geojson
from khotail.report.map import WIDTH, outline

_KM_OF_A_DEGREE = 111.32
_MARGIN = 24
#: A bar is at most so much of the width.
_BAR_PART = 0.3
#: A place that lies further from its banner, in degrees, is not drawn: the outline would be a dot.
_FARTHEST = 3.0


@dataclass(frozen=True)
class PlaceMap:
    """In units of `view_box`. The bar is `bar` units long and stands for `bar_km`. is_inside: whether in the banner's box."""

    view_box: str
    path: str
    x: int
    y: int
    bar: int
    bar_km: int
    bar_y: int
    is_inside: bool


@dataclass(frozen=True)
class Place:
    """Coordinates as people write them, for map programs, and the map; None where the banner has no shape or it is far."""

    words: str
    address: str
    map: PlaceMap | None


def place_of(region_code: str, latitude: Decimal | None, longitude: Decimal | None) -> Place | None:
    """The place to show for something of a region; None if it has no coordinates."""
    if latitude is None or longitude is None:
        return None
    return Place(
        words=f"{latitude:.6f}, {longitude:.6f}",
        address=f"geo:{latitude:.6f},{longitude:.6f}",
        map=_map(region_code[:6], float(latitude), float(longitude)),
    )


def _map(banner: str, latitude: float, longitude: float) -> PlaceMap | None:
    shape = _shapes().get(banner) or _around(latitude, longitude)
    if shape is None:
        return None
    west, south, east, north = shape["box"]
    away = max(west - longitude, longitude - east, south - latitude, latitude - north)
    if away > _FARTHEST:
        return None
    project, path = outline(shape, (longitude, latitude))
    x, y = project([longitude, latitude])
    km = _round_number(_BAR_PART * WIDTH / project.scale * _KM_OF_A_DEGREE)
    height = project.height + 3 * _MARGIN
    return PlaceMap(
        view_box=f"{-_MARGIN} {-_MARGIN} {WIDTH + 2 * _MARGIN} {height}", path=path, x=x, y=y,
        bar=round(km / _KM_OF_A_DEGREE * project.scale), bar_km=km, bar_y=project.height + _MARGIN, is_inside=away <= 0,
    )  # fmt: skip


def _around(latitude: float, longitude: float) -> dict[str, Any] | None:
    """For what belongs to no one banner: the smallest one whose box holds the place."""

    def size(shape: dict[str, Any]) -> float:
        west, south, east, north = shape["box"]
        return float((east - west) * (north - south))

    def holds(shape: dict[str, Any]) -> bool:
        west, south, east, north = shape["box"]
        return bool(west <= longitude <= east and south <= latitude <= north)

    return min(filter(holds, _shapes().values()), key=size, default=None)


def _round_number(most: float) -> int:
    """The largest of 1, 2, 5, 10 … that is not more."""
    power = 10 ** math.floor(math.log10(max(most, 1)))
    return int(next(step * power for step in (5, 2, 1) if step * power <= max(most, 1)))


@lru_cache(maxsize=1)
def _shapes() -> dict[str, dict[str, Any]]:
    """Banner → its geometry, and its box: west, south, east, north."""
    found = {}
    for feature in json.loads(banners_geojson())["features"]:
        geometry = feature["geometry"]
        polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        points = [point for polygon in polygons for ring in polygon for point in ring]
        east_west, north_south = [each[0] for each in points], [each[1] for each in points]
        box = (min(east_west), min(north_south), max(east_west), max(north_south))
        found[feature["properties"]["code"][:6]] = {"geometry": geometry, "box": box}
    return found
