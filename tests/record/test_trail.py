import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from khotail.trail.chain import breaks, digest_of, record
from khotail.trail.models import Event
from khotail.trail.protection import is_protected, protect, unprotect
from khotail.trail.verification import verify


def three_events(household, now):
    return [record(None, "household.seen", household, at=now + timedelta(minutes=n), number=n) for n in range(3)]


def test_a_whole_trail_has_no_breaks(household, now):
    three_events(household, now)
    assert list(breaks()) == []


def test_a_changed_event_is_found(household, now):
    events = three_events(household, now)
    Event.objects.filter(pk=events[1].pk).update(actor_name="somebody else")
    assert [(b.event_id, b.what) for b in breaks()] == [(events[1].pk, "changed")]


def test_a_removed_event_is_found_in_the_middle_and_at_the_end(household, now):
    events = three_events(household, now)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM trail_event WHERE id IN (%s, %s)", [events[0].pk, events[2].pk])
    found = [(b.event_id, b.what) for b in breaks()]
    assert found == [(events[1].pk, "removed before"), (events[1].pk, "removed at the end")]


@pytest.fixture
def protected(db):
    protect(connection)
    yield
    unprotect(connection)


def test_the_database_refuses_to_change_or_remove_events(household, now, protected):
    three_events(household, now)
    assert is_protected(connection)
    for tamper in (
        "UPDATE trail_event SET actor_name = 'x'",
        "DELETE FROM trail_event",
        *(["TRUNCATE trail_event"] if connection.vendor == "postgresql" else []),
    ):
        with pytest.raises(DatabaseError, match="only grows"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(tamper)
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
        Event.objects.all().delete()
    assert Event.objects.count() == 3 and list(breaks()) == []


def test_the_protection_is_put_in_place_by_a_migration_and_can_be_put_twice(db, settings):
    from importlib import import_module

    migration = import_module("khotail.trail.migrations.0002_only_grows")

    class Editor:
        pass

    Editor.connection = connection
    migration.forwards(None, Editor)
    assert not is_protected(connection)  # the tests' own setting
    settings.KHOTAIL_PROTECT_TRAIL = True
    migration.forwards(None, Editor)
    migration.forwards(None, Editor)
    assert is_protected(connection)
    migration.backwards(None, Editor)
    assert not is_protected(connection)


def test_an_event_that_was_slipped_in_at_the_end_is_found(household, now):
    last = three_events(household, now)[-1]
    forged = Event(at=now, verb="case.decided", subject_kind="case", subject_id="1", previous=last.digest, details={})
    forged.digest = digest_of(forged)
    forged.save()
    assert [(b.event_id, b.what) for b in breaks()] == [(forged.pk, "added at the end")]


def test_a_trail_that_was_emptied_is_found(household, now):
    three_events(household, now)
    Event.objects.all().delete()
    assert [b.what for b in breaks()] == ["removed at the end"]
    assert list(breaks()) != [] and not verify().is_whole


def test_an_event_that_comes_while_the_trail_is_read_is_no_break(household, now):
    three_events(household, now)
    late = []

    def meanwhile(event):
        if not late:
            late.append(record(None, "household.seen", household, at=now))

    assert list(breaks(meanwhile)) == []
    assert Event.objects.count() == 4


def test_numbers_and_texts_of_all_kinds_keep_their_digest(household, now):
    record(
        None, "household.seen", household, at=now, fraction=0.1, tiny=-0.0, large=1e22, count=10**15,
        amount=Decimal("1.10"), day=now.date(), words="<b>蒙古\n\\", nothing=None, nested={"b": [1.5, {"a": 2}]},
    )  # fmt: skip
    assert list(breaks()) == []


def test_verification_tells_what_it_found_in_both_languages(household, now):
    told = []
    events = three_events(household, now)
    whole = verify(lambda done, total: told.append((done, total)))
    assert whole.is_whole and whole.events == 3 and whole.digest == events[-1].digest and not told
    assert "whole" in whole.sentence.en and "完整" in whole.sentence.zh
    Event.objects.filter(pk=events[0].pk).update(verb="other")
    broken = verify()
    assert f"event {events[0].pk}" in broken.sentence.en and str(events[0].pk) in broken.sentence.zh
    assert broken.outcome()["breaks"] == [[events[0].pk, "changed"]]


def test_the_trail_is_read_as_a_stream(household, now, django_assert_num_queries):
    three_events(household, now)
    with django_assert_num_queries(2):  # the head, then the events
        list(breaks())


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time")
def test_many_who_write_at_once_do_not_fork_the_chain(household, now):
    def write(number):
        try:
            for each in range(20):
                record(None, "household.seen", household, at=now, writer=number, each=each)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Event.objects.count() == 160
    assert list(breaks()) == []
