"""Pages of missed help and entitlements, the household's section, the portal, and the API."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO

from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from khotail.entitlements.models import Dependence, Entitlement, EntitlementRun, Missed
from khotail.jobs.models import Job
from khotail.register.models import Household
from tests.record.conftest import BANNER, OTHER_VILLAGE, TOWNSHIP, VILLAGE, make_household
from tests.record.portal_people import PHONE as RESIDENTS_PHONE
from tests.record.portal_people import give_phone, sign_in
from tests.record.test_entitlements_marking import DAY, missed, missing  # noqa: F401


def text(answer) -> str:
    return answer.content.decode()


def test_a_township_sees_its_villages_by_money_and_opens_one(signed_in, missed, now):  # noqa: F811
    missing(make_household("D0002", OTHER_VILLAGE, "演示丁", now), now, amount=9000)
    page = signed_in("township_officer").get("/help/missed/")
    assert [(place.code, place.amount_cny) for place in page.context["places"]] == [
        (OTHER_VILLAGE, 9000),
        (VILLAGE, 4912),
    ]
    assert page.context["totals"]["households"] == 2
    shown = text(page)
    assert shown.index("演示丁") < shown.index("演示甲") and "5,000" in shown and "国务院令第649号" in shown
    one = signed_in("township_officer").get("/help/missed/", {"region": VILLAGE})
    assert "演示甲" in text(one) and "演示丁" not in text(one)


def test_the_list_is_filtered_and_ordered_and_what_is_set_aside_is_not_on_it(signed_in, missed, now):  # noqa: F811
    other = missing(make_household("D0002", VILLAGE, "演示丁", now), now, "safe-water", 0)
    Missed.objects.filter(pk=other.pk).update(since=DAY - timedelta(days=9), asked_at=now)
    cadre = signed_in("village_cadre")

    def heads(**query):
        return [line.missed.household.head_name for line in cadre.get("/help/missed/", query).context["page"]]

    assert heads() == ["演示甲", "演示丁"] and heads(order="age") == ["演示丁", "演示甲"]
    assert heads(programme="safe-water") == heads(asked="1") == ["演示丁"] and heads(least="1") == ["演示甲"]
    Missed.objects.filter(pk=other.pk).update(state="refused")
    assert heads() == ["演示甲"] and heads(state="refused") == ["演示丁"] and len(heads(state="all")) == 2
    assert heads(state="nonsense", least="x", order="x", programme="x") == ["演示甲"]


def test_one_tap_marks_it_from_the_list(signed_in, missed):  # noqa: F811
    cadre = signed_in("village_cadre")
    back = f"/help/missed/?region={VILLAGE}"
    answer = cadre.post(f"/help/missed/{missed.pk}/mark/", {"state": "told", "was": "open", "next": back})
    assert (answer.status_code, answer["Location"]) == (302, back)
    missed.refresh_from_db()
    assert missed.state == "told"
    elsewhere = cadre.post(f"/help/missed/{missed.pk}/mark/", {"state": "applied", "next": "https://example.org/"})
    assert elsewhere["Location"] == f"/help/missed/{missed.pk}/"


def test_a_refusal_without_a_reason_is_given_back_with_a_sentence(signed_in, missed):  # noqa: F811
    cadre = signed_in("village_cadre")
    answer = cadre.post(f"/help/missed/{missed.pk}/mark/", {"state": "refused", "was": "open", "reason": ""})
    assert answer.status_code == 400 and "Say why" in text(answer)
    late = cadre.post(f"/help/missed/{missed.pk}/mark/", {"state": "told", "was": "applied"})
    assert late.status_code == 409 and "already" not in text(late).split("<main")[0]
    assert cadre.post(f"/help/missed/{missed.pk}/mark/", {"state": "x"}).status_code == 400


def test_whoever_only_reads_sees_no_form_and_other_roles_see_nothing(signed_in, missed):  # noqa: F811
    assert 'name="reason"' not in text(signed_in("leader").get(f"/help/missed/{missed.pk}/"))
    assert signed_in("leader").post(f"/help/missed/{missed.pk}/mark/", {"state": "told"}).status_code == 403
    for key, status in (("department_officer", 403), ("neighbour", 404), ("other_village_cadre", 404), ("helper", 404)):
        assert signed_in(key).get(f"/help/missed/{missed.pk}/").status_code == status


def test_the_work_list_is_exported(signed_in, missed):  # noqa: F811
    answer = signed_in("banner_officer").get("/help/missed/", {"export": "xlsx"})
    rows = list(load_workbook(BytesIO(b"".join(answer.streaming_content))).active.values)
    assert rows[1][:2] == ("D0001", "演示甲") and 4912 in rows[1] and any("5,000" in str(cell) for cell in rows[1])


def test_the_lists_ask_as_often_for_forty_lines_as_for_five(signed_in, household, now):
    client = signed_in("banner_officer")

    def add(first, last):
        for n in range(first, last):
            missing(make_household(f"E{n:04d}", (VILLAGE, OTHER_VILLAGE)[n % 2], f"演示{n}", now), now)

    def asked(path):
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    pages = ("/help/missed/", "/help/entitlements/", "/help/entitlements/programmes/subsistence-allowance/")
    add(0, 5)
    few = [asked(page) for page in pages]
    add(5, 45)
    assert [asked(page) for page in pages] <= [number + 1 for number in few] and max(few) <= 16


def test_programmes_with_their_figures_runs_and_what_was_left_out(signed_in, missed, officers):  # noqa: F811
    run = EntitlementRun.objects.get()
    run.counts = {"skipped": [{"programme": "safe-water", "zh": "缺少列", "en": "a column is missing", "rows": 3}],
                  "gone": [{"programme": "old-help", "rows": 2}], "lines": []}  # fmt: skip
    run.save()
    page = signed_in("banner_officer").get("/help/entitlements/")
    [line] = page.context["lines"]
    assert (line.entitled, line.missed, line.missed_cny) == (1, 1, 4912)
    assert "a column is missing" in text(page) and "Run now" in text(page)
    assert "Run now" not in text(signed_in("village_cadre").get("/help/entitlements/"))
    one = text(signed_in("banner_officer").get(f"/help/entitlements/runs/{run.pk}/"))
    assert "3 rows stay" in one and "old-help (2)" in one
    beyond = text(signed_in("village_cadre").get(f"/help/entitlements/runs/{run.pk}/"))
    assert "a column is missing" in beyond and "old-help" not in beyond
    assert signed_in("neighbour").get(f"/help/entitlements/runs/{run.pk}/").status_code == 404


def test_a_programme_lists_its_households_and_one_that_nobody_knows_is_not_found(signed_in, missed, now):  # noqa: F811
    Entitlement.objects.filter(pk=missed.entitlement_id).update(programme_id="old-help")
    client = signed_in("banner_officer")
    assert "no longer has this programme" in text(client.get("/help/entitlements/programmes/old-help/"))
    assert client.get("/help/entitlements/programmes/never-was/").status_code == 404
    assert "演示甲" in text(client.get("/help/entitlements/programmes/old-help/", {"show": "missed"}))
    assert "演示甲" not in text(client.get("/help/entitlements/programmes/old-help/", {"show": "received"}))


def test_a_run_is_asked_for_and_waits(signed_in, officers):
    assert signed_in("township_officer").post("/help/entitlements/start/").status_code == 302
    job = Job.objects.get(kind="entitlements.run")
    assert (job.region_code, job.asked_by) == (TOWNSHIP, officers["township_officer"])
    assert signed_in("village_cadre").post("/help/entitlements/start/").status_code == 403
    assert signed_in("township_officer").post("/help/entitlements/start/", {"region": BANNER}).status_code == 404
    assert signed_in("banner_officer").post("/help/entitlements/start/").status_code == 409


def test_the_household_page_tells_what_it_misses_and_how_far_it_lives_on_policies(signed_in, missed, household):  # noqa: F811
    Dependence.objects.create(
        household=household, region_code=VILLAGE, income_year=2025, policy_cny=600, net_cny=1000, share="0.6"
    )
    page = text(signed_in("village_cadre").get(f"/register/{household.pk}/"))
    assert (
        "Entitled, receives, misses" in page and "60 of every 100 CNY" in page and f"/help/missed/{missed.pk}/" in page
    )
    assert "more than on what it earns" in page
    Dependence.objects.update(share=None, net_cny=-40)
    assert "cannot be said as a share" in text(signed_in("village_cadre").get(f"/register/{household.pk}/"))


def test_a_household_reads_what_it_misses_and_asks_for_it(
    missed, household, officers, django_capture_on_commit_callbacks, now  # noqa: F811
):  # fmt: skip
    give_phone(household, RESIDENTS_PHONE)
    browser = sign_in(django_capture_on_commit_callbacks)
    browser.cookies["django_language"] = "en"
    page = text(browser.get("/my/received/"))
    assert "4,912" in page and f"/my/received/{missed.pk}/ask/" in page
    answer = browser.post(f"/my/received/{missed.pk}/ask/", follow=True)
    missed.refresh_from_db()
    assert missed.asked_at and f"/my/received/{missed.pk}/ask/" not in text(answer)
    other = missing(make_household("D0002", VILLAGE, "演示丁", now), now)
    assert browser.post(f"/my/received/{other.pk}/ask/").status_code == 404
    Missed.objects.filter(pk=missed.pk).update(asked_at=None, state="refused", reason="名下有车")
    assert "名下有车" in text(browser.get("/my/received/"))


def test_the_api_gives_entitlements_of_the_callers_region_in_parts(signed_in, missed, neighbour_household, now):  # noqa: F811
    missing(neighbour_household, now)
    missing(make_household("D0002", VILLAGE, "演示丁", now), now)
    client = signed_in("banner_officer")
    first = client.get("/api/entitlements", {"limit": 1, "missed": "true"}).json()
    second = client.get("/api/entitlements", {"limit": 1, "after": first["next"]}).json()
    assert (len(first["items"]), len(second["items"]), second["next"]) == (1, 1, None)
    [line] = first["items"]
    assert (line["programme"], line["missed"], line["seen_to"]["state"]) == ("subsistence-allowance", True, "open")
    assert "5,000" in line["why"]["zh"] and line["mend"]["en"]
    assert client.get("/api/entitlements", {"received": "true"}).json()["items"] == []
    assert client.get("/api/entitlements", {"state": "rich"}).status_code == 422
    assert signed_in("department_officer").get("/api/entitlements").status_code == 403
    assert signed_in("neighbour").get(f"/api/entitlements/{line['id']}").status_code == 404
    sent = {"state": "refused", "reason": ""}
    address = f"/api/entitlements/missed/{line['seen_to']['id']}"
    assert client.post(address, json.dumps(sent), content_type="application/json").status_code == 400
    done = client.post(address, json.dumps({"state": "told"}), content_type="application/json")
    assert done.json()["seen_to"]["state"] == "told", done.json()


def test_a_household_that_left_is_not_on_the_list(signed_in, missed, household):  # noqa: F811
    Household.objects.filter(pk=household.pk).update(ended_on=DAY)
    assert list(signed_in("village_cadre").get("/help/missed/").context["page"]) == []
    page = text(signed_in("village_cadre").get(f"/help/missed/{missed.pk}/"))
    assert "The next run closes this" in page and 'name="reason"' not in page
