"""Parts of pages that are made once, and lists whose count is remembered: nobody sees what belongs to somebody else."""

from __future__ import annotations

import re

from khotail.desk.paging import LONG, KeysFirst
from khotail.register.models import Household

VILLAGE = "152221101200"


def test_a_kept_part_carries_the_token_of_each_page(signed_in):
    cadre, officer = signed_in("village_cadre"), signed_in("banner_officer")
    tokens = [
        re.findall(r'csrfmiddlewaretoken" value="(\w+)"', who.get("/").content.decode()) for who in (cadre, officer)
    ]
    assert all(len(set(of_page)) == 1 and len(of_page[0]) == 64 for of_page in tokens)
    assert tokens[0][0] != tokens[1][0]


def test_the_menu_names_its_own_reader(signed_in, officers):
    for key in ("village_cadre", "banner_officer", "village_cadre"):
        page = signed_in(key).get("/").content.decode()
        others = {officer.full_name for officer in officers.values()} - {officers[key].full_name}
        menu = page.partition("menu-sheet")[2].partition("</details>")[0]
        assert officers[key].full_name in menu and not any(name in menu for name in others)


def test_a_second_factor_that_is_withdrawn_is_missed_at_the_next_click(signed_in, officers, settings):
    from allauth.mfa.models import Authenticator

    settings.KHOTAIL_REQUIRE_TOTP = True
    browser = signed_in("village_cadre")
    kept = Authenticator.objects.create(user=officers["village_cadre"], type="totp", data={})
    assert browser.get("/register/").status_code == 200
    kept.delete()
    assert browser.get("/register/").status_code == 302


def test_a_long_list_is_counted_once_a_minute_and_what_left_it_is_not_shown(officers, settings, now):
    settings.KHOTAIL_REMEMBER_SECONDS = 60
    Household.objects.bulk_create(
        Household(number=f"K{n:04d}", region_code=VILLAGE, changed_at=now) for n in range(LONG + 20)
    )
    rows = Household.objects.filter(number__startswith="K", ended_on=None).order_by("number")
    first = KeysFirst(rows.all(), 30).get_page(1)
    gone = first.object_list[0]
    Household.objects.filter(pk=gone.pk).update(ended_on=now.date())
    again = KeysFirst(rows.all(), 30).get_page(1)
    assert again.paginator.count == LONG + 20
    assert gone not in again.object_list and len(again.object_list) == 29
    elsewhere = KeysFirst(rows.filter(region_code="152221101201"), 30).get_page(1)
    assert elsewhere.paginator.count == 0
