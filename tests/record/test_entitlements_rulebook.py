"""Another rulebook between two runs: nothing ends by not being known, and what ends says why."""

from __future__ import annotations

from datetime import timedelta

from khotail.entitlements import queries
from khotail.entitlements.models import Ending
from khotail.screening import rulebook
from tests.record.conftest import BANNER, OTHER_VILLAGE
from tests.record.entitled import WATER, everything, missed_of, of_programme, offer, stated, withdraw, worked_out
from tests.record.test_entitlements_runs import by, folder, home, households  # noqa: F401


def test_nothing_ends_because_it_is_no_longer_known(households, by, now):  # noqa: F811
    """The programme asks for more than is known of the household now."""
    stated("households", [{"household_id": "H2", "region_code": OTHER_VILLAGE, "grassland_mu": 10.0}], now)
    worked_out(by, now)
    offer("NOT safe_water AND grassland_mu >= 0", given="{safe_water: false, grassland_mu: 1}")
    run = worked_out(by, now, days=1)
    row = of_programme().get(household__number="H1")
    assert (row.state, row.ended_on, row.missed, row.amount_cny) == ("unknown", None, True, 600)
    assert missed_of().get().closed_on is None and run.counts["unknown"] >= 1
    before = everything()
    worked_out(by, now + timedelta(days=1), days=1)
    assert everything() == before
    offer()
    worked_out(by, now, days=3)
    row.refresh_from_db()
    assert (row.state, row.missed) == ("entitled", True) and missed_of().count() == 1


def test_a_programme_that_lacks_a_column_is_left_out_named_and_its_rows_stay(households, by, now):  # noqa: F811
    worked_out(by, now)
    offer("NOT safe_water AND grassland_mu >= 0", given="{safe_water: false, grassland_mu: 1}")
    run = worked_out(by, now, days=1)
    [left_out] = [each for each in run.counts["skipped"] if each["programme"] == WATER]
    assert "草" in left_out["zh"] and left_out["en"] and left_out["rows"] == 2
    assert run.counts["left_out"] == len(run.counts["skipped"])
    assert missed_of().get().closed_on is None


def test_a_programme_that_vanished_from_the_rulebook_is_closed_with_that_reason(households, by, now):  # noqa: F811
    worked_out(by, now)
    withdraw()
    run = worked_out(by, now, days=1)
    assert {row.ending for row in of_programme()} == {Ending.PROGRAMME_GONE}
    assert missed_of().get().closing == Ending.PROGRAMME_GONE
    assert run.counts["gone"] == [{"programme": WATER, "rows": 2}]
    told = queries.explained(of_programme().first())
    assert WATER in told.name.zh and "规则库" in told.sentence.zh


def test_a_programme_that_is_over_is_closed_with_that_reason(households, by, now):  # noqa: F811
    worked_out(by, now)
    offer(until=str(now.date()))
    worked_out(by, now, days=1)
    assert {row.ending for row in of_programme()} == {Ending.PROGRAMME_OVER}
    assert missed_of().get().closing == Ending.PROGRAMME_OVER


def test_where_the_data_no_longer_tell_who_receives_it_what_was_missed_stays_missed(households, by, now):  # noqa: F811
    worked_out(by, now)
    offer(amount=700)
    text = rulebook.own_files()["programmes/ours.yaml"].replace("benefits: [其他]", "benefits: [无人登记]")
    rulebook.put_in_force({"programmes/ours.yaml": text}, BANNER)
    worked_out(by, now, days=1)
    row = of_programme().get(household__number="H1")
    assert (row.received, row.missed, row.amount_cny) == (None, True, 700)
    line = missed_of().get()
    assert (line.closed_on, line.amount_cny) == (None, 700)
