from datetime import date
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis.strategies import data, sampled_from

from khotail.intake import finding
from khotail.intake.finding import candidates
from khotail.intake.matching import Described, certain, readable, score
from khotail.intake.thresholds import thresholds
from khotail.register.models import Person
from khotail.register.names import initials_of
from khotail.screening import changes, rulebook
from tests.facts.small_lists import id_number
from tests.record.conftest import BANNER, NEIGHBOUR_VILLAGE, OTHER_VILLAGE, VILLAGE, make_household

BORN = date(1990, 1, 2)
ID = id_number(11, "19900102")


@pytest.fixture
def wang(household, now):
    return somebody(household, "王丽")


def somebody(household, name, born=BORN, sex="男", number=ID):
    person = household.members.first()
    if person.name != household.head_name or person.birth_date:
        person.pk = None
        person.number = f"{household.number}{Person.objects.count():02d}"
    person.name, person.birth_date, person.sex, person.id_number = name, born, sex, number
    person.initials, person.region_code = initials_of(name), household.region_code
    person.save()
    return person


def best(one, region=BANNER):
    (found,) = candidates([one], region, 0.6)
    return found


def test_name_birth_date_and_village_are_certain_and_a_name_alone_is_asked_about(wang, now):
    at = thresholds(date(2026, 6, 1), BANNER)
    sure = best(Described("王丽", BORN, "", "", VILLAGE))
    assert certain(sure, at.certain).person == wang.pk
    alone = best(Described("王丽"))
    assert alone[0].score >= at.possible and certain(alone, at.certain) is None


@pytest.mark.parametrize(
    ("one", "least", "most"),
    [
        (Described("王丽", BORN, "男", ID, VILLAGE), 1.0, 1.0),
        (Described("王莉", BORN, "男", "", VILLAGE), 0.80, 0.88),
        (Described("王丽", date(1990, 2, 1), "男", "", VILLAGE), 0.83, 0.88),
        (Described("王丽", date(1991, 1, 2), "男", "", VILLAGE), 0.75, 0.84),
        (Described("王丽", date(1955, 8, 9), "女", "", OTHER_VILLAGE), 0.40, 0.55),
        (Described("王丽", None, "", ID[:15] + "***"), 0.9, 0.95),
        (Described("王丽", None, "", ID[:6] + "********" + ID[-4:]), 0.6, 0.8),
        (Described("王丽", BORN, "", id_number(13, "19900102"), VILLAGE), 0.7, 0.8),
        (Described("李丽", BORN, "男", "", VILLAGE), 0.2, 0.5),
        (Described("赵大", BORN, "男", ID, VILLAGE), 0.0, 0.2),
    ],
    ids=["the same", "homophone", "day and month swapped", "a digit wrong", "only the name", "cut by Excel", "masked",
         "two sound numbers", "another surname", "another name"],
)  # fmt: skip
def test_what_a_score_says(one, least, most, wang):
    assert least <= score(one, wang).score <= most


def test_a_homophone_is_found_with_what_agrees_and_differs(wang):
    (found,) = best(Described("王莉", BORN, "女", "", OTHER_VILLAGE))
    assert {"name", "birth_date"} <= set(found.agrees) and found.differs == ("village", "sex")


def test_of_two_alike_nobody_is_certain(wang, household):
    somebody(household, "王丽", number="")
    found = best(Described("王丽", BORN, "男", "", VILLAGE))
    assert len(found) == 2 and certain(found, 0.85) is None


def test_a_neighbouring_banner_is_not_searched(wang, now):
    somebody(make_household("D9001", NEIGHBOUR_VILLAGE, "邻", now), "王丽")
    assert [one.person for one in best(Described("王丽", BORN))] == [wang.pk]


@pytest.mark.parametrize("name", ["", " ", "·", "=1+1", "<b>", "很" * 500, "Ⅳ", "😀", "a\x00b"])
def test_odd_names_match_nobody(name, wang):
    assert best(Described(name, BORN)) == []


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (None, ""), ("", ""), ("1.52221E+17", "152221" + "*" * 12), (ID[:15] + "000", ID[:15] + "***"),
        ("152221900102011", id_number(11, "19900102")), (" " + ID.lower(), ID), ("'" + ID, ID),
        (ID[:6] + "********" + ID[-4:], ID[:6] + "********" + ID[-4:]), ("1522211990", "1522211990"),
    ],
)  # fmt: skip
def test_what_can_still_be_read_of_a_number(written, read):
    assert readable([written]) == read


def test_the_regions_own_rulebook_says_from_which_score_a_match_is_certain(officers, now, settings, tmp_path):
    on = date(2026, 6, 1)
    before = thresholds(on, BANNER)
    settings.KHOTAIL_HOME = tmp_path
    change = changes.set_parameter("match_certain", "0.97", date(2026, 1, 1), "旗政府会议纪要〔2026〕3号",
                                   by=officers["administrator"], now=now)  # fmt: skip
    rulebook.put_in_force(change.files, BANNER)
    assert before.certain != thresholds(on, BANNER).certain == 0.97


@given(data())
@hypothesis_settings(max_examples=60, deadline=None)
def test_many_at_once_are_scored_as_one_by_one(draw):
    """Arrays find the very candidates that scoring everybody would."""
    names = ["王丽", "王莉", "王立", "王 丽", "乌兰", "吴岚", "乌日娜·白"]
    days = [None, BORN, date(1990, 2, 1), date(1991, 1, 2), date(1990, 1, 20), date(1990, 10, 2), date(1955, 8, 9)]
    ids = [
        "",
        ID,
        id_number(13, "19900102"),
        id_number(11, "19910102"),
        ID[:15] + "***",
        ID[:6] + "********" + ID[-4:],
        ID[:5],
    ]
    places = ["", VILLAGE, OTHER_VILLAGE, "152221101200", "152221100000"]
    people = [
        SimpleNamespace(
            id=at, number=f"D{at}", household_id=1, name=draw.draw(sampled_from(names)), sex=draw.draw(sampled_from(["", "男", "女"])),
            birth_date=draw.draw(sampled_from(days)), region_code=draw.draw(sampled_from(places[1:])),
            id_number=draw.draw(sampled_from(ids[:4])),
        )
        for at in range(1, 9)
    ]  # fmt: skip
    one = Described(*(draw.draw(sampled_from(each)) for each in (names, days, ["", "男", "女"], ids, places)))
    rows = [(each.id, each.number, each.name, each.sex, each.birth_date, each.region_code, 1, None, initials_of(each.name))
            for each in people]  # fmt: skip
    arrays = finding._People(rows)
    group = arrays.groups.get(initials_of(one.name))
    look = finding._Look(one, arrays, group, 0.6) if group else None
    found = look.best({each.id: each.id_number for each in people}, 0.6) if look else []
    alike = [score(one, each) for each in people if initials_of(each.name) == initials_of(one.name)]
    wanted = sorted((each for each in alike if each.score >= 0.6), key=lambda each: (-each.score, each.person))[:5]
    assert found == wanted
