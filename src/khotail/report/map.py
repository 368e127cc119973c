"""The region's banners as SVG paths.

Longitude is shortened by the cosine of the middle latitude, so that shapes look as on an equirectangular map of the
region. Points are snapped to a grid of one unit; neighbours share their border points, so the snapped borders still
meet. Points on a straight line are dropped.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

WIDTH = 1000

Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Shape:
    """One banner: its 12-digit code, name, SVG path data and the middle of its largest part, in units of the map."""

    code: str
    name: str
    path: str
    middle: tuple[float, float]


@dataclass(frozen=True, slots=True)
class BannerMap:
    width: int
    height: int
    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Projection:
    """Longitude and latitude to units of a map. scale: units for a degree of latitude."""

    west: float
    north: float
    shorten: float
    scale: float
    height: int

    def __call__(self, point: list[float]) -> Point:
        return round((point[0] - self.west) * self.shorten * self.scale), round((self.north - point[1]) * self.scale)


def draw(geojson: dict[str, Any], width: int = WIDTH) -> BannerMap:
    """Draw a GeoJSON collection of polygons with `properties.code` and `.name`, `width` units wide."""
    features = geojson["features"]
    everything = [point for feature in features for ring in _rings(feature["geometry"]) for point in ring]
    project = projection(everything, width)
    shapes = []
    for feature in features:
        rings = [_simplified([project(point) for point in ring]) for ring in _rings(feature["geometry"])]
        largest = max(rings, key=lambda ring: abs(_area(ring)))
        kept = [ring for ring in rings if len(ring) > 2 and abs(_area(ring)) >= 1] or [largest]
        properties = feature["properties"]
        shapes.append(Shape(properties["code"], properties["name"], "".join(map(_path, kept)), _middle(largest)))
    return BannerMap(width, project.height, tuple(shapes))


def outline(geojson: dict[str, Any], point: tuple[float, float], width: int = WIDTH) -> tuple[Projection, str]:
    """One feature's path on a map that holds `point` (longitude, latitude) as well, and how the map is projected."""
    rings = list(_rings(geojson["geometry"]))
    project = projection([list(point), *(each for ring in rings for each in ring)], width)
    drawn = [_simplified([project(each) for each in ring]) for ring in rings]
    return project, "".join(_path(ring) for ring in drawn if len(ring) > 2)


def projection(points: Iterable[list[float]], width: int) -> Projection:
    """The projection of a map of these points (longitude, latitude), `width` units wide."""
    found = list(points)
    west, east = min(x for x, *_ in found), max(x for x, *_ in found)
    south, north = min(y for _, y, *_ in found), max(y for _, y, *_ in found)
    shorten = math.cos(math.radians((south + north) / 2))
    scale = width / ((east - west) * shorten)
    return Projection(west, north, shorten, scale, math.ceil((north - south) * scale))


def _rings(geometry: dict[str, Any]) -> Iterable[list[list[float]]]:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return (ring for polygon in polygons for ring in polygon)


def _simplified(ring: list[Point]) -> list[Point]:
    kept: list[Point] = []
    for point in ring[:-1]:
        if kept and kept[-1] == point:
            continue
        while len(kept) > 1 and _turn(kept[-2], kept[-1], point) == 0:
            kept.pop()
        if not kept or kept[-1] != point:
            kept.append(point)
    return kept


def _turn(one: Point, two: Point, three: Point) -> int:
    return (two[0] - one[0]) * (three[1] - one[1]) - (two[1] - one[1]) * (three[0] - one[0])


def _area(ring: list[Point]) -> float:
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True)) / 2


def _middle(ring: list[Point]) -> tuple[float, float]:
    area = _area(ring)
    if area == 0:
        return float(ring[0][0]), float(ring[0][1])
    x = y = 0.0
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        cross = x1 * y2 - x2 * y1
        x += (x1 + x2) * cross
        y += (y1 + y2) * cross
    return round(x / (6 * area), 1), round(y / (6 * area), 1)


def _path(ring: list[Point]) -> str:
    parts = [f"M{ring[0][0]} {ring[0][1]}l"]
    for (x1, y1), (x2, y2) in itertools.pairwise(ring):
        dx, dy = x2 - x1, y2 - y1
        parts.append(f"{dx}{dy}" if dy < 0 else f"{dx} {dy}")
        parts.append(" ")
    parts[-1] = "z"
    return "".join(parts).replace(" -", "-")
