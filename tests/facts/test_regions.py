"""Finding the place that a written name means."""

from __future__ import annotations

import json

import pytest

from khotail.facts.problems import UnknownRegion
from khotail.facts.regions import Regions, banners_geojson, check_region

regions = Regions.load()


def test_the_packaged_list_is_whole():
    levels = [regions.level(code) for code in regions.arrow()["code"].to_pylist()]
    assert (len(levels), levels.count("banner"), levels.count("township"), levels.count("village")) == (
        15938,
        108,
        1225,
        14592,
    )


def test_every_village_is_found_by_its_own_names():
    for banner in regions.children("1522"):
        for township in regions.children(banner):
            for village in regions.children(township):
                assert regions.find(*(regions.name(code) for code in (banner, township, village))) == village


@pytest.mark.parametrize(
    "village",
    ["远征", "远征村", "远征村委会", "远征村民委员会", "远征嘎查", "远征嘎查村委会", " 远征 村", "科尔沁镇远征村"],
)
@pytest.mark.parametrize("township", ["科尔沁镇", "科尔沁", "科尔沁苏木"])
@pytest.mark.parametrize("banner", ["科尔沁右翼前旗", "科右前旗", "兴安盟科尔沁右翼前旗", None])
def test_ways_to_write_a_village(banner, township, village):
    assert regions.find(banner, township, village) == "152221100200"


def test_an_unknown_name_is_not_guessed_but_the_nearest_is_told():
    assert regions.find("科尔沁右翼前旗", "科尔沁镇", "没有村") is None
    assert regions.nearest("远怔村", "152221100") in ("远征村委会", "远景村委会")


def test_codes_of_every_length():
    assert regions.full_name("152221") == "内蒙古自治区兴安盟科尔沁右翼前旗"
    assert regions.exists("1522") and regions.exists("152221100200") and regions.exists("")
    assert not regions.exists("15222") and not regions.exists("152299") and not regions.exists("abc")
    assert len(regions.children("152221")) == 21
    assert regions.normalise("1522") == "152200000000"


@pytest.mark.parametrize("code", ["152291", "99", "科右前旗", "1522211", "x"])
def test_a_region_that_does_not_exist_is_told_with_the_nearest(code):
    with pytest.raises(UnknownRegion) as caught:
        check_region(code)
    assert caught.value.exit_code == 2
    assert "15" in caught.value.text.en


def test_outlines_join_with_the_codes_and_stay_small():
    text = banners_geojson()
    codes = {feature["properties"]["code"] for feature in json.loads(text)["features"]}
    assert len(codes) == 103
    assert all(regions.exists(code) for code in codes)
    assert len(text.encode()) < 700_000
