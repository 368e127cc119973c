"""Suggested classes and issues alike, on a small made-up set of messages (synthetic; nobody said these)."""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path

import pytest

from khotail.issues import bodies, handling
from khotail.issues.alike import alike
from khotail.issues.publishing import publish
from khotail.issues.raising import raise_issue
from khotail.issues.sorter import Sorter, how_good
from khotail.rulebook import load_rulebook
from tests.record.conftest import BANNER, OTHER_TOWNSHIP, VILLAGE

MESSAGES = Path(__file__).parent / "messages.csv"


@pytest.fixture(scope="module")
def routes():
    return list(load_rulebook("cn").routes.values())


def test_the_wording_of_the_classes_alone_finds_most(routes):
    with MESSAGES.open(encoding="utf-8") as file:
        pairs = [(row["message"], row["route"]) for row in csv.DictReader(file)]
    first, first_two = how_good(pairs, routes)
    assert first >= 0.8 and first_two >= 0.9, (first, first_two)


def test_what_is_sure_is_right_nearly_always(routes):
    sorter, right, sure = Sorter(routes), 0, 0
    with MESSAGES.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            best = sorter.suggest(row["message"])[0]
            sure += best.confidence >= 0.5
            right += best.confidence >= 0.5 and best.route == row["route"]
    assert sure >= 25 and right / sure >= 0.95


def test_corrections_teach_what_a_word_means_here(routes):
    before = Sorter(routes).suggest("敖包旁边的老问题又来了")[0]
    labelled = [(f"敖包旁边的老问题{n}", "bridge") for n in range(30)] + [(f"羊丢了{n}", "theft") for n in range(30)]
    after = Sorter(routes, labelled).suggest("敖包旁边的老问题又来了")[0]
    assert before.route != "bridge" and after.route == "bridge"


@pytest.mark.parametrize("words", ["", " ", "😀", "a" * 10_000, "𠮷" * 50, "<script>"])
def test_any_words_give_confidences_that_make_one(routes, words):
    found = Sorter(routes).suggest(words)
    assert len(found) == len(routes)
    assert abs(sum(one.confidence for one in found) - 1) < 0.02


def test_alike_issues_of_the_township_are_shown_and_others_not(officers, now):
    administrator = officers["administrator"]
    bodies.add_body("演示水利局", "water", BANNER, by=administrator, now=now)
    values = {"channel": "portal", "route": "water-pipe", "now": now}
    one = raise_issue("村口水管破了漏水", region_code=VILLAGE, latitude="46.1", longitude="121.2", **values)
    raise_issue("村口水管破了漏水", region_code=f"{OTHER_TOWNSHIP}200", **values)
    raise_issue("浇地的渠堵了", region_code=VILLAGE, **values)
    words = "村口的水管破了，一直漏水"
    assert [a.issue for a in alike(words, VILLAGE, now, officer=administrator)] == [one]
    assert alike(words, VILLAGE, now) == []  # nothing of it is public yet
    publish(one, "村口水管破了漏水", by=officers["village_cadre"], now=now)
    assert [a.issue for a in alike(words, VILLAGE, now, latitude=46.1001, longitude=121.2)] == [one]
    assert alike(words, VILLAGE, now + timedelta(days=120)) == []
    handling.merge(raise_issue(words, region_code=VILLAGE, **values), one, by=administrator, now=now)
    assert [a.issue for a in alike(words, VILLAGE, now, officer=administrator)] == [one]
