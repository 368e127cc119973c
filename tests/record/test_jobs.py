import logging
from datetime import timedelta

import pytest
from django.db import transaction

from khotail.jobs import actions
from khotail.jobs.kinds import KINDS
from khotail.jobs.models import Job
from khotail.jobs.problems import AlreadyOver, NoSuchKind, NothingToRetry, NotYourJob
from khotail.jobs.progress import LEASE, LostLease, Progress
from khotail.jobs.work import Worker, run_waiting
from khotail.problems import Problem
from khotail.register.models import Region
from khotail.texts import Text
from khotail.trail.models import Event
from tests.record.conftest import BANNER, VILLAGE


class NothingThere(Problem):
    sentence = Text("“{file}”是空的。", "“{file}” is empty.")


@pytest.fixture
def kind(request):
    """A function that registers the work of a kind for the length of one test."""
    names = []

    def register(work, name="test.kind"):
        KINDS[name] = work
        names.append(name)
        return name

    yield register
    for name in names:
        del KINDS[name]


def in_three_pieces(job, progress):
    for piece in range(job.checkpoint.get("next", 0), 3):
        with transaction.atomic():
            Region.objects.create(code=f"99{piece}", level="village", name="演示")
            progress.keep(next=piece + 1)
        progress(piece + 1, 3, "writing")
    return {"rows": 3}


def ask(name, officers, now, key="banner_officer", **more):
    return actions.ask(name, {"n": 1}, by=officers[key], region_code=officers[key].region_code, now=now, **more)


def test_a_job_runs_and_tells_its_outcome(kind, officers, now):
    job = ask(kind(in_three_pieces), officers, now)
    assert run_waiting(now) == 1
    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.outcome) == ("done", 3, 3, {"rows": 3})
    assert job.started_at == job.finished_at == now


def test_asking_twice_for_what_waits_is_one_job(kind, officers, now):
    name = kind(in_three_pieces)
    assert ask(name, officers, now) == ask(name, officers, now)
    run_waiting(now)
    assert ask(name, officers, now).state == "waiting"


def test_one_occasion_is_one_job_for_ever(kind, officers, now):
    name = kind(in_three_pieces)
    first = actions.ask(name, by=None, region_code=BANNER, now=now, key="k")
    run_waiting(now)
    assert actions.ask(name, by=None, region_code=BANNER, now=now, key="k") == first


def test_an_unknown_kind_is_refused(officers, now):
    with pytest.raises(NoSuchKind):
        ask("no.such", officers, now)


def test_a_job_waits_for_its_time(kind, officers, now):
    ask(kind(in_three_pieces), officers, now, not_before=now + timedelta(hours=1))
    assert run_waiting(now) == 0
    assert run_waiting(now + timedelta(hours=1)) == 1


def test_a_problem_is_told_in_its_own_sentence(kind, officers, now):
    def work(job, progress):
        raise NothingThere(file="a.xlsx")

    job = ask(kind(work), officers, now)
    run_waiting(now)
    job.refresh_from_db()
    assert (job.state, job.problem_en, job.problem_zh) == ("failed", "“a.xlsx” is empty.", "“a.xlsx”是空的。")


def test_a_mistake_of_the_program_is_logged_without_the_data_it_quotes(kind, officers, now, caplog):
    def work(job, progress):
        raise ValueError("150102199001011234")

    job = ask(kind(work), officers, now)
    with caplog.at_level(logging.ERROR):
        run_waiting(now)
    job.refresh_from_db()
    assert job.state == "failed" and f"Job {job.pk}" in job.problem_en
    assert "ValueError" in caplog.text and "150102" not in caplog.text + job.problem_en + job.problem_zh


def test_a_failed_job_goes_on_from_its_checkpoint_when_it_is_started_again(kind, officers, now):
    def work(job, progress):
        if job.checkpoint.get("next") == 2 and not job.arguments.get("mended"):
            raise NothingThere(file="a.xlsx")
        if not job.checkpoint:
            progress.keep(next=2)
            raise NothingThere(file="a.xlsx")
        return {}

    job = ask(kind(work), officers, now)
    run_waiting(now)
    job.refresh_from_db()
    assert (job.state, job.checkpoint) == ("failed", {"next": 2})
    Job.objects.update(arguments={"mended": True})
    actions.retry(job, by=officers["banner_officer"], now=now)
    run_waiting(now)
    job.refresh_from_db()
    assert (job.state, job.problem_en) == ("done", "")


def test_a_waiting_job_is_cancelled_at_once(kind, officers, now):
    job = ask(kind(in_three_pieces), officers, now)
    actions.cancel(job, by=officers["banner_officer"], now=now)
    assert job.state == "cancelled" and run_waiting(now) == 0
    assert set(Event.objects.filter(subject_kind="job").values_list("verb", flat=True)) == {
        "job.asked",
        "job.cancelled",
    }
    with pytest.raises(AlreadyOver):
        actions.cancel(job, by=officers["banner_officer"], now=now)


def test_a_running_job_ends_after_its_piece(kind, officers, now):
    def work(job, progress):
        Region.objects.create(code="991", level="village", name="演示")
        actions.cancel(job, by=officers["banner_officer"], now=now)
        progress(1, 3)
        Region.objects.create(code="992", level="village", name="演示")

    job = ask(kind(work), officers, now)
    run_waiting(now)
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert list(Region.objects.filter(code__startswith="99").values_list("code", flat=True)) == ["991"]


def test_what_neither_failed_nor_was_cancelled_is_not_started_again(kind, officers, now):
    job = ask(kind(in_three_pieces), officers, now)
    with pytest.raises(NothingToRetry):
        actions.retry(job, by=officers["banner_officer"], now=now)


@pytest.mark.parametrize(("key", "may"), [("township_officer", False), ("neighbour", False), ("leader", False), ("administrator", True)])  # fmt: skip
def test_who_may_cancel_somebody_elses_job(kind, officers, now, key, may):
    job = ask(kind(in_three_pieces), officers, now)
    if may:
        assert actions.cancel(job, by=officers[key], now=now).state == "cancelled"
    else:
        with pytest.raises(NotYourJob):
            actions.cancel(job, by=officers[key], now=now)


def test_a_job_whose_worker_died_is_taken_over_when_its_lease_ran_out(kind, officers, now):
    ask(kind(in_three_pieces), officers, now)
    assert Worker(lambda: now).take() is not None
    assert run_waiting(now + LEASE) == 0
    assert run_waiting(now + LEASE + timedelta(seconds=1)) == 1


def test_a_job_that_ends_its_worker_three_times_is_not_tried_again(kind, officers, now):
    job = ask(kind(in_three_pieces), officers, now)
    for nth in range(3):
        later = now + nth * 2 * LEASE
        assert Worker(lambda later=later: later).take() is not None
    run_waiting(now + 6 * LEASE)
    job.refresh_from_db()
    assert job.state == "failed" and "3 times" in job.problem_en


def test_a_worker_that_slept_past_its_lease_writes_nothing_more(kind, officers, now):
    ask(kind(in_three_pieces), officers, now)
    sleeper = Worker(lambda: now)
    mine = sleeper.take()
    assert run_waiting(now + 2 * LEASE) == 1
    with pytest.raises(LostLease), transaction.atomic():
        Region.objects.create(code="999", level="village", name="演示")
        Progress(mine, lambda: now).keep(next=1)
    assert not Region.objects.filter(code="999").exists()
    sleeper._see_through(mine)
    assert Job.objects.get().state == "done"


def test_a_worker_that_is_stopped_gives_the_job_back(kind, officers, now):
    worker = Worker(lambda: now, alone=True)

    def work(job, progress):
        worker.stopping.set()
        progress(1, 2)

    ask(kind(work), officers, now)
    worker.run_one()
    job = Job.objects.get()
    assert (job.state, job.worker, job.attempts) == ("waiting", "", 0)


def test_a_village_sees_no_jobs_but_its_own(kind, officers, now):
    from khotail.jobs.queries import jobs_of

    name = kind(in_three_pieces)
    banner = ask(name, officers, now)
    own = actions.ask(name, by=officers["village_cadre"], region_code=VILLAGE, now=now)
    assert list(jobs_of(officers["village_cadre"])) == [own]
    assert list(jobs_of(officers["neighbour"])) == []
    assert list(jobs_of(officers["banner_officer"])) == [own, banner]
