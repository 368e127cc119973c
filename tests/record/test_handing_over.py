"""Before somebody is withdrawn: which open steps nobody else may close, and who could take their place."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.casework import actions
from khotail.casework.handing_over import steps_only_they_do
from tests.record.conftest import VILLAGE
from tests.record.walking import close, opened, waiting, walk


@pytest.fixture
def now():
    return timezone.now()


def another(role: str, region_code: str) -> Officer:
    return Officer.objects.create_user(f"another-{role}", "x", full_name="演示新", role=role, region_code=region_code)


def test_a_step_that_falls_to_one_person_by_role_alone_is_theirs_until_there_is_another(household, officers, now):
    case = opened(household, officers, now)
    cadre = officers["village_cadre"]
    assert steps_only_they_do(cadre).get() == waiting(case)
    household.helper = officers["helper"]  # who may check at home too, now that the household is theirs
    household.save()
    assert not steps_only_they_do(cadre).exists()
    close(waiting(case), officers, now)
    assert steps_only_they_do(cadre).get().step_id == "village-review"
    colleague = another("village_cadre", VILLAGE)
    assert not steps_only_they_do(cadre).exists()
    Officer.objects.filter(pk=colleague.pk).update(is_active=False)
    assert steps_only_they_do(cadre).exists()


def test_where_two_roles_do_a_step_neither_is_alone(household, officers, now):
    case = opened(household, officers, now)
    walk(case, officers, now, until=["township-review"])
    assert not steps_only_they_do(officers["township_officer"]).exists()
    Officer.objects.filter(pk=officers["township_reviewer"].pk).update(is_active=False)
    assert steps_only_they_do(officers["township_officer"]).get() == waiting(case)


def test_whoever_refused_does_not_count_as_the_one_who_decides_again(household, officers, now):
    case = opened(household, officers, now)
    at = walk(case, officers, now, until=["county-decision"])
    for name in ("administrator", "banner_officer"):
        Officer.objects.filter(pk=officers[name].pk).update(is_active=False)
    step = close(waiting(case), officers, at, "refused", reason="不符合")
    officers["banner_officer"].is_active = True
    officers["banner_officer"].save()
    objection = actions.object_to(step, "不对", taken_by=officers["village_cadre"], now=at)
    actions.answer_objection(objection, True, "重新审定", officers["banner_officer"], at)
    assert steps_only_they_do(officers["banner_officer"]).get() == waiting(case)
    assert not steps_only_they_do(officers["banner_reviewer"]).exists()


def test_the_page_warns_lists_them_and_offers_a_successor(household, officers, signed_in, now):
    opened(household, officers, now)
    browser = signed_in("administrator")
    cadre = officers["village_cadre"]
    page = browser.get(reverse("officer_withdraw", args=[cadre.pk])).content.decode()
    assert "1 open step can be closed by nobody but this person" in page and household.number in page
    assert f"?role=village_cadre&amp;region_code={VILLAGE}" in page and "Give the role to 演示helper" in page
    new = browser.get(reverse("officer_new"), {"role": "village_cadre", "region_code": VILLAGE}).content.decode()
    assert f'value="{VILLAGE}"' in new and 'value="village_cadre" selected' in new
    given = browser.get(reverse("officer_change", args=[officers["helper"].pk]), {"role": "village_cadre"})
    assert 'value="village_cadre" selected' in given.content.decode()
    another("village_cadre", VILLAGE)
    page = browser.get(reverse("officer_withdraw", args=[cadre.pk])).content.decode()
    assert "nobody but this person" not in page
