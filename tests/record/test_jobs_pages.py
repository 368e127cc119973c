import pytest
from django.urls import reverse

from khotail.desk.job_names import name_of
from khotail.jobs import actions
from khotail.jobs.kinds import KINDS
from khotail.jobs.models import Job
from khotail.jobs.work import run_waiting


@pytest.fixture
def job(officers, now, monkeypatch):
    monkeypatch.setitem(KINDS, "test.page", lambda job, progress: {"rows": 1200, "path": "/register/"})
    return actions.ask("test.page", by=officers["banner_officer"], region_code="152221", now=now)


def test_every_kind_of_job_has_a_name_for_people():
    assert [kind for kind in KINDS if name_of(kind) == kind] == []


def page(browser, job, name="job"):
    return browser.get(reverse(name, args=[job.pk]))


def test_a_waiting_job_polls_and_a_finished_one_shows_its_result(signed_in, job, now):
    browser = signed_in("banner_officer")
    waiting = page(browser, job).content.decode()
    assert "hx-get" in waiting and "Cancel this job" in waiting
    run_waiting(now)
    done = page(browser, job, "job_progress").content.decode()
    assert "hx-get" not in done and "1,200" in done and 'href="/register/"' in done


def test_a_running_job_shows_how_far_it_is(signed_in, job):
    Job.objects.update(state="running", done=250, total=1000, stage="writing")
    shown = page(signed_in("banner_officer"), job).content.decode()
    assert "25 %" in shown and "250 of 1,000" in shown and "writing" in shown


def test_a_result_elsewhere_is_not_linked(signed_in, job):
    Job.objects.update(state="done", outcome={"path": "//evil.example/"})
    assert "evil.example" not in page(signed_in("banner_officer"), job).content.decode()


def test_a_failed_job_tells_why_as_text_and_is_started_again(signed_in, job):
    Job.objects.update(state="failed", problem_en="“<b>” is empty.", problem_zh="空")
    browser = signed_in("banner_officer")
    assert "“&lt;b&gt;” is empty." in page(browser, job).content.decode()
    assert browser.post(reverse("job_retry", args=[job.pk])).status_code == 302
    assert Job.objects.get().state == "waiting"


def test_a_job_is_cancelled_once_and_by_post_alone(signed_in, job):
    browser, address = signed_in("banner_officer"), reverse("job_cancel", args=[job.pk])
    assert browser.get(address).status_code == 405
    assert browser.post(address).status_code == 302
    assert Job.objects.get().state == "cancelled"
    assert browser.post(address).status_code == 409


@pytest.mark.parametrize("key", ["village_cadre", "neighbour", "department_officer", "township_officer", "helper"])
def test_nobody_else_reaches_the_job(signed_in, job, key):
    browser = signed_in(key)
    assert page(browser, job).status_code == 404
    assert browser.post(reverse("job_cancel", args=[job.pk])).status_code == 404
    assert "test.page" not in browser.get(reverse("jobs")).content.decode()


def test_an_auditor_sees_it_and_cannot_end_it(signed_in, job):
    browser = signed_in("auditor")
    assert "Cancel this job" not in page(browser, job).content.decode()
    assert browser.post(reverse("job_cancel", args=[job.pk])).status_code == 403


def test_the_list_asks_the_database_as_often_for_fifty_as_for_one(
    signed_in, job, officers, now, django_assert_max_num_queries
):
    for n in range(60):
        actions.ask("test.page", {"n": n}, by=officers["banner_officer"], region_code="152221", now=now)
    browser = signed_in("banner_officer")
    browser.get(reverse("jobs"))
    with django_assert_max_num_queries(8):
        shown = browser.get(reverse("jobs"))
    assert shown.content.decode().count("test.page") == 50
