"""Comparable households: nearest neighbours among those without the help, and the difference in differences.

Arrays only, no database. Households are compared within the same stratum (years, category, township) by income per person
before, members and members able to work, each in units of its own spread. Where a stratum holds too few, the township is
widened to the banner, and this is counted. Matching with replacement; the interval comes from a bootstrap over the helped
households and, within each, over those it is compared with: it takes the pairs as given, so the true uncertainty is
somewhat larger.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

#: Households that each helped household is compared with.
NEIGHBOURS = 5
#: Fewer than these in the township, and the banner is searched.
_LEAST_NEAR = 5
#: Farther apart than this (in spreads, over all measures together) nobody is comparable.
_FARTHEST = 1.5
#: Draws of the bootstrap: fewer where there are very many households, whose interval is narrow anyway.
_DRAWS, _LEAST_DRAWS, _MOST_DRAWN = 2000, 200, 50_000_000
_SEED = 20200320


@dataclass(frozen=True)
class Pool:
    """Households: features (n × f, floats), the stratum of each (all that must be equal), and its township."""

    features: np.ndarray
    strata: Sequence[Hashable]
    townships: Sequence[str]


@dataclass(frozen=True)
class Matched:
    """Rows of the helped that found somebody, of each the rows of those it is compared with; how many were widened or left."""

    helped: np.ndarray
    compared: tuple[np.ndarray, ...]
    widened: int
    without: int


def match(helped: Pool, others: Pool, neighbours: int = NEIGHBOURS) -> Matched:
    """Find for each helped household the nearest among the others of its stratum."""
    from sklearn.neighbors import NearestNeighbors  # heavy, and only a job needs it

    scaled_helped, scaled_others = _scaled(helped.features, others.features)
    near: dict[Hashable, list[int]] = defaultdict(list)
    wide: dict[Hashable, list[int]] = defaultdict(list)
    for at, (stratum, township) in enumerate(zip(others.strata, others.townships, strict=True)):
        near[stratum, township].append(at)
        wide[stratum].append(at)
    asked: dict[tuple[bool, Hashable], list[int]] = defaultdict(list)
    for at, (stratum, township) in enumerate(zip(helped.strata, helped.townships, strict=True)):
        is_near = len(near.get((stratum, township), ())) >= _LEAST_NEAR
        asked[is_near, (stratum, township) if is_near else stratum].append(at)
    found: dict[int, np.ndarray] = {}
    widened = 0
    for (is_near, key), rows in asked.items():
        pool = np.array((near if is_near else wide).get(key, ()), dtype=int)
        if not len(pool):
            continue
        nearest = NearestNeighbors(n_neighbors=min(neighbours, len(pool))).fit(scaled_others[pool])
        distances, places = nearest.kneighbors(scaled_helped[rows])
        for at, far, chosen in zip(rows, distances, places, strict=True):
            close = pool[chosen[far <= _FARTHEST]]
            if len(close):
                found[at] = close
                widened += not is_near
    kept = sorted(found)
    return Matched(
        np.array(kept, dtype=int), tuple(found[at] for at in kept), widened, len(helped.features) - len(kept)
    )


def _scaled(helped: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """In units of each feature's spread over all; a feature that never differs says nothing."""
    everything = np.vstack([helped, others])
    spread = everything.std(axis=0)
    spread[spread == 0] = 1.0
    return helped / spread, others / spread


@dataclass(frozen=True)
class Difference:
    """How much more something changed with the help than without, with a 95 % interval; CNY per person where income."""

    value: float
    low: float
    high: float


def difference(changes: np.ndarray, compared: Sequence[np.ndarray]) -> Difference:
    """changes   of each helped household
    compared  of each, the changes of those it is compared with
    """
    own = np.array([one - others.mean() for one, others in zip(changes, compared, strict=True)])
    random = np.random.default_rng(_SEED)
    sizes = np.array([len(others) for others in compared])
    most, count = int(sizes.max()), len(changes)
    padded = np.array([np.resize(others, most) for others in compared])
    draws = np.empty(max(_LEAST_DRAWS, min(_DRAWS, _MOST_DRAWN // (count * most))))
    for draw in range(len(draws)):
        rows = random.integers(0, count, count)
        picked = padded[rows[:, None], random.integers(0, sizes[rows, None], (count, most))]
        used = np.arange(most) < sizes[rows, None]
        draws[draw] = (changes[rows] - (picked * used).sum(axis=1) / sizes[rows]).mean()
    low, high = np.percentile(draws, [2.5, 97.5])
    return Difference(float(own.mean()), float(low), float(high))
