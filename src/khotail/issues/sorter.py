"""What a message is about: it is compared with the wording of every class, and with what officers put right.

Characters, single and in pairs, are compared: no word list is needed for Chinese. From enough labels on, a linear
classifier learned from them has half the say. Loading scikit-learn takes seconds, so `sorting` loads this module when the
first message comes.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from khotail.rulebook.routes import Route

#: From so many corrected messages on, in at least two classes, they are learned from.
LEAST_LABELS = 40
#: Of a message, so many characters are read.
LONGEST = 500
#: How sharply likeness turns into confidence; set on worded examples so that 0.6 is right about nine times in ten.
_SHARPNESS = 14.0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A class and how sure it is, from 0 to 1; all classes together make 1."""

    route: str
    confidence: float


class Sorter:
    """Fitted to the wording of classes and to labelled messages."""

    def __init__(self, routes: Sequence[Route], labelled: Sequence[tuple[str, str]] = ()) -> None:
        self._ids = [route.id for route in routes]
        said = [_all_said(route) for route in routes]
        phrases = [(phrase, n) for n, route in enumerate(routes) for phrase in (*route.words, route.name.zh)]
        known = [(words[:LONGEST], route) for words, route in labelled if route in set(self._ids)]
        self._vectors = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True, min_df=1)
        self._vectors.fit([*said, *(phrase for phrase, _ in phrases), *(words for words, _ in known)])
        self._leaves = self._vectors.transform(said)
        self._phrases = self._vectors.transform([phrase for phrase, _ in phrases])
        self._phrase_of = np.array([n for _, n in phrases])
        self._learned = self._learn(known, said)

    def suggest(self, words: str) -> list[Suggestion]:
        """Every class, the surest first."""
        if not self._ids:
            return []
        message = self._vectors.transform([words[:LONGEST]])
        whole = np.asarray((message @ self._leaves.T).todense()).ravel()
        each = np.asarray((message @ self._phrases.T).todense()).ravel()
        nearest = np.zeros(len(self._ids))
        np.maximum.at(nearest, self._phrase_of, each)
        scores = _shares(_SHARPNESS * (0.5 * whole + 0.5 * nearest))
        if self._learned is not None:
            decided = np.full(len(self._ids), -4.0)
            for column, id_ in zip(np.atleast_2d(self._learned.decision_function(message))[0],
                                   self._learned.classes_, strict=True):  # fmt: skip
                decided[self._ids.index(id_)] = column
            scores = 0.5 * scores + 0.5 * _shares(3.0 * decided)
        order = np.argsort(-scores, kind="stable")
        return [Suggestion(self._ids[n], round(float(scores[n]), 4)) for n in order]

    def _learn(self, known: Sequence[tuple[str, str]], said: Sequence[str]) -> LinearSVC | None:
        """A classifier of the labels; the classes' own words stand beside them, so that no class is unknown to it."""
        if len(known) < LEAST_LABELS or len({route for _, route in known}) < 2:
            return None
        texts = [*(words for words, _ in known), *said]
        names = [*(route for _, route in known), *self._ids]
        with warnings.catch_warnings():  # more classes than half the texts: that is how a class tree begins
            warnings.filterwarnings("ignore", "The number of unique classes", UserWarning)
            return LinearSVC(C=1.0, class_weight="balanced").fit(self._vectors.transform(texts), names)


def how_good(pairs: Sequence[tuple[str, str]], routes: Sequence[Route]) -> tuple[float, float]:
    """Share of messages whose class comes first, and among the first two."""
    sorter, counts = Sorter(routes), Counter[str]()
    for words, route in pairs:
        first = [one.route for one in sorter.suggest(words)[:2]]
        counts["first"] += first[0] == route
        counts["second"] += route in first
    return counts["first"] / len(pairs), counts["second"] / len(pairs)


def _all_said(route: Route) -> str:
    return "".join((route.name.zh, route.description.zh, *route.words))


def _shares(scores: np.ndarray) -> np.ndarray:
    raised = np.exp(scores - scores.max())
    return raised / raised.sum()
