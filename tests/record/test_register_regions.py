import pytest

from khotail.facts.problems import UnknownRegion
from khotail.register.models import Household, Region
from khotail.register.queries import children
from khotail.register.regions import load_regions
from tests.record.conftest import BANNER, TOWNSHIP, VILLAGE


def test_a_banner_comes_with_what_it_lies_in_and_all_below_it(db):
    count = load_regions("152221")
    assert count == Region.objects.count() > 200
    assert list(Region.objects.filter(level__in=("province", "league", "banner")).values_list("code", flat=True)) == [
        "15", "1522", "152221",
    ]  # fmt: skip
    village = Region.objects.filter(level="village").first()
    assert len(village.code) == 12 and village.parent.code == village.code[:9]


def test_loading_twice_changes_nothing(db):
    assert load_regions("152221") == load_regions("152221") == Region.objects.count()


def test_an_unknown_banner_is_refused(db):
    with pytest.raises(UnknownRegion):
        load_regions("999999")
    assert not Region.objects.exists()


def test_children_are_counted_with_those_that_are_monitored(officers, household, now):
    Household.objects.create(number="H2", region_code=VILLAGE, monitored_type="边缘易致贫户", changed_at=now)
    Household.objects.create(
        number="H3", region_code=VILLAGE, monitored_type="边缘易致贫户", risk_resolved=True, changed_at=now
    )
    found = {region.code: counts for region, *counts in children(officers["banner_officer"], BANNER)}
    assert found[TOWNSHIP] == [3, 1] and found["152221101"] == [0, 0]


def test_children_outside_the_region_are_not_counted(officers, household):
    assert children(officers["neighbour"], BANNER) == []
