"""Entitlement on small registers whose outcome can be read off the page, and what always holds."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khotail.engine import entitle
from khotail.engine.problems import NothingCanRun
from khotail.facts.store import Facts
from khotail.rulebook import Rulebook, load_rulebook
from khotail.rulebook.problems import BeforeTheRulebook
from tests.rulebook.programme_books import programme, write_programmes

DAY = date(2026, 10, 31)
PLACE = "152221100200"


def book(folder: Path, *programmes: str) -> Rulebook:
    return load_rulebook(write_programmes(folder, *programmes))


def homes(*forest: float | None, **tables: list[dict[str, Any]]) -> Facts:
    """Households H0, H1, … with so much forest, and rows of other tables."""
    rows = {"household_id": [f"H{n}" for n in range(len(forest))], "region_code": [PLACE] * len(forest)}
    return Facts.of(
        households=pa.table(rows | {"forest_mu": pa.array(forest, pa.float64())}),
        **{name: pa.Table.from_pylist(content) for name, content in tables.items()},
    )


def outcome(facts: Facts, rulebook: Rulebook, day: date = DAY) -> dict[tuple[str, str], tuple[str, float | None]]:
    """(programme, subject) → (state, amount)."""
    rows = entitle(facts, rulebook, on=day).arrow().to_pylist()
    return {(row["programme_id"], row["subject_id"]): (row["state"], row["amount_cny"]) for row in rows}


def test_who_is_entitled_gets_the_amount_and_unknown_is_told_apart(tmp_path: Path) -> None:
    found = outcome(homes(5, 0, None), book(tmp_path, programme("a")))
    assert found == {("a", "H0"): ("entitled", 50.0), ("a", "H2"): ("unknown", None)}


def test_a_negative_amount_is_none_and_one_that_is_no_number_is_unknown(tmp_path: Path) -> None:
    rulebook = book(tmp_path, programme("a", who="forest_mu >= 0", amount="100 - forest_mu"),
                    programme("b", who="forest_mu >= 0", amount="1 / nullif(forest_mu, 0)"))  # fmt: skip
    found = outcome(homes(300, 0), rulebook)
    assert found["a", "H0"] == ("entitled", 0.0) and found["a", "H1"] == ("entitled", 100.0)
    assert found["b", "H1"] == ("unknown", None)


def test_the_better_of_two_is_kept_and_of_equals_the_first_stated(tmp_path: Path) -> None:
    rulebook = book(tmp_path, programme("a"), programme("b", amount="40", conflicts="[a]"))
    found = outcome(homes(5, 1, 4), rulebook)
    assert [found[id_, home][0] for home in ("H0", "H1", "H2") for id_ in "ab"] == [
        "entitled", "given_up", "given_up", "entitled", "entitled", "given_up",
    ]  # fmt: skip


def test_nothing_is_given_up_for_a_programme_that_is_itself_given_up(tmp_path: Path) -> None:
    rulebook = book(
        tmp_path,
        programme("small", amount="10"),
        programme("middle", amount="20", conflicts="[small, large]"),
        programme("large", amount="30"),
    )
    found = outcome(homes(1), rulebook)
    assert {id_: found[id_, "H0"][0] for id_ in ("small", "middle", "large")} == {
        "small": "entitled", "middle": "given_up", "large": "entitled",
    }  # fmt: skip


def test_caps_hold_for_one_subject_and_for_a_household_in_all(tmp_path: Path) -> None:
    people = [{"household_id": "H0", "person_id": f"P{n}", "has_left": False} for n in range(3)]
    rulebook = book(
        tmp_path,
        programme("a", cap="{household: 30}"),
        programme("b", amount="forest_mu * 99", cap="{share: 0.5, of: forest_mu}", conflicts="[]"),
        programme("each", level="person", who="NOT has_left", amount="20", cap="{household: 30}"),
    )
    found = outcome(homes(5, persons=people), rulebook)
    assert found["a", "H0"] == ("entitled", 30.0) and found["b", "H0"] == ("entitled", 2.5)
    assert [round(found["each", f"P{n}"][1] or 0, 9) for n in range(3)] == [10.0] * 3


def test_a_cap_that_is_not_known_makes_the_amount_unknown(tmp_path: Path) -> None:
    rulebook = book(tmp_path, programme("a", who="true", amount="5", cap="{household: forest_mu}"))
    assert outcome(homes(None), rulebook)["a", "H0"] == ("unknown", None)


def benefit(home: str, **more: Any) -> dict[str, Any]:
    return {"household_id": home, "programme": "林补", "paid_from": date(2025, 1, 1), "paid_until": None,
            "monthly_cny": None, "once_cny": None} | more  # fmt: skip


def test_received_missed_and_paid_to_somebody_not_entitled_are_told_apart(tmp_path: Path) -> None:
    rulebook = book(tmp_path, programme("a", received_as="{benefits: [林补]}"))
    rows = [
        benefit("H0", monthly_cny=4.0),
        benefit("H1", monthly_cny=1.0),
        benefit("H3", monthly_cny=9.0, paid_until=date(2026, 1, 1)),
    ]
    found = entitle(homes(5, 0, 5, 5, None, benefits=rows), rulebook, on=DAY)
    (count,) = found.counts()
    assert (count.entitled, count.received, count.missed, count.unknown, count.received_unentitled) == (3, 2, 2, 1, 1)
    assert (count.amount_cny, count.received_cny, count.missed_cny) == (150.0, 60.0, 100.0)
    texts = list(found.missed_texts("en"))
    assert [(row["household_id"], row["text"]) for row in texts] == [("H2", "5 mu of forest"), ("H3", "5 mu of forest")]


def test_money_paid_once_counts_for_a_year(tmp_path: Path) -> None:
    rulebook = book(tmp_path, programme("a", received_as="{benefits: [林补]}"))
    rows = [benefit("H0", once_cny=70.0, paid_from=date(2026, 3, 1)), benefit("H1", once_cny=70.0)]
    found = entitle(homes(5, 5, benefits=rows), rulebook, on=DAY)
    assert [row["household_id"] for row in found.missed_texts("en")] == ["H1"]
    assert found.counts()[0].received_cny == 70.0


def test_without_data_on_receipt_nothing_counts_as_missed(tmp_path: Path) -> None:
    (count,) = entitle(homes(5), book(tmp_path, programme("a", received_as="{benefits: [林补]}")), on=DAY).counts()
    assert (count.is_seen, count.entitled, count.missed) == (False, 1, 0)


def test_who_no_longer_qualifies_is_withdrawn_gradually(tmp_path: Path) -> None:
    rulebook = book(tmp_path, programme("a", withdrawal="6", received_as="{benefits: [林补]}"))
    rows = [
        benefit("H0", monthly_cny=10.0),
        benefit("H1", monthly_cny=10.0, paid_until=date(2026, 9, 1)),
        benefit("H2", monthly_cny=10.0, paid_until=date(2026, 1, 1)),
        benefit("H3"),
    ]
    found = outcome(homes(0, 0, 0, 0, 0, benefits=rows), rulebook)
    assert found["a", "H0"] == ("withdrawing", 60.0) and found["a", "H1"] == ("withdrawing", 60.0)
    assert ("a", "H2") not in found and ("a", "H4") not in found


def test_measures_and_conditions_tell_of_receipt_too(tmp_path: Path) -> None:
    rulebook = book(
        tmp_path,
        programme("a", received_as="{measures: [造林]}"),
        programme("b", amount="1", received_as="{when: safe_water}"),
    )
    rows = [
        {"household_id": "H0", "measure_category": "产业帮扶", "measure_detail": "造林补助", "measure_start_on": DAY}
    ]
    found = entitle(homes(5, 5, measures=rows), rulebook, on=DAY)
    assert {count.programme.id: (count.is_seen, count.missed) for count in found.counts()} == {
        "a": (True, 1),
        "b": (False, 0),
    }


def test_a_programme_of_a_region_is_for_its_people_only(tmp_path: Path) -> None:
    assert outcome(homes(5), book(tmp_path, programme("a", region='"1501"'))) == {}
    assert ("a", "H0") in outcome(homes(5), book(tmp_path, programme("a", region='"1522"')))


def test_programmes_that_lack_a_column_are_named_and_the_others_judged(tmp_path: Path) -> None:
    found = entitle(homes(5), book(tmp_path, programme("a"), programme("b", who="NOT safe_water")), on=DAY)
    assert [p.id for p in found.programmes] == ["a"]
    assert [(skip.rule_id, "是否解决安全饮用水" in skip.reason.zh) for skip in found.skipped] == [("b", True)]


def test_a_programme_that_fails_on_these_data_is_left_out_alone(tmp_path: Path) -> None:
    rulebook = book(tmp_path, programme("a"), programme("b", who="CAST(village_name AS INTEGER) > 0"))
    facts = Facts.of(
        households=pa.table(
            {"household_id": ["H0"], "region_code": [PLACE], "forest_mu": [5.0], "village_name": ["巴彦嘎查"]}
        )
    )
    found = entitle(facts, rulebook, on=DAY)
    assert ([p.id for p in found.programmes], [skip.rule_id for skip in found.skipped]) == (["a"], ["b"])
    assert "巴彦" not in found.skipped[0].reason.zh


def test_nothing_in_force_and_nothing_that_can_run_are_errors(tmp_path: Path) -> None:
    rulebook = book(tmp_path, programme("a"))
    with pytest.raises(BeforeTheRulebook):
        entitle(homes(5), rulebook, on=date(2019, 1, 1))
    with pytest.raises(NothingCanRun):
        entitle(Facts.of(households=pa.table({"household_id": ["H0"], "region_code": [PLACE]})), rulebook, on=DAY)


def test_one_household_is_explained_with_its_values(tmp_path: Path) -> None:
    rulebook = book(tmp_path, programme("a", amount=":monitoring_line + forest_mu", received_as="{benefits: [林补]}"))
    facts = homes(5, 6, benefits=[benefit("H1", monthly_cny=1.0)])
    (why,) = entitle(facts, rulebook, on=DAY, household="H0").explanations("H0")
    assert (why.amount_cny, why.missed, why.text.zh) == (6005.0, True, "林地 5 亩")
    assert [(line.value, line.source) for line in why.parameters] == [("6,000", "a notice")]


AMOUNTS = st.one_of(st.none(), st.integers(-5, 20).map(float))


@settings(max_examples=25, deadline=None)
@given(
    forest=st.lists(AMOUNTS, min_size=1, max_size=5),
    amounts=st.tuples(*[st.integers(0, 5)] * 4),
    cap=st.integers(0, 40),
)
def test_what_always_holds(forest: list[float | None], amounts: tuple[int, ...], cap: int) -> None:
    a, b, c, d = amounts
    with tempfile.TemporaryDirectory(prefix="c_") as folder:
        rulebook = book(
            Path(folder),
            programme("a", amount=f"forest_mu * {a}", conflicts="[b]", cap=f"{{household: {cap}}}"),
            programme("b", amount=f"forest_mu + {b}", conflicts="[c]"),
            programme("c", amount=f"{c} + 0", conflicts="[d]"),
            programme("d", amount=f"forest_mu * {d} + 1"),
            programme("each", level="person", who="NOT has_left", amount=f"{a} * 7", cap=f"{{household: {cap}}}"),
        )
        people = [{"household_id": f"H{n}", "person_id": f"H{n}-{m}", "has_left": None if m == 2 else False}
                  for n in range(len(forest)) for m in range(3)]  # fmt: skip
        facts = homes(*forest, persons=people)
        rows = entitle(facts, rulebook, on=DAY).arrow().to_pylist()
        facts.connection.close()
    rivals = {("a", "b"), ("b", "c"), ("c", "d")}
    for n, mu in enumerate(forest):
        own = {row["programme_id"]: row for row in rows if row["subject_id"] == f"H{n}"}
        entitled = {id_ for id_, row in own.items() if row["state"] == "entitled"}
        if mu is None:
            assert {row["state"] for row in own.values()} == {"unknown"}, "unknown is never entitled"
            continue
        amount = {"a": min(cap, mu * a), "b": mu + b, "c": float(c), "d": mu * d + 1}
        assert bool(own) == (mu > 0)
        for one, other in rivals:
            assert not {one, other} <= entitled
        for id_, row in own.items():
            if row["state"] == "entitled":
                assert row["amount_cny"] == max(0, amount[id_])
            else:
                beaten_by = [o for pair in rivals if id_ in pair for o in pair if o != id_ and o in entitled]
                assert any(amount[o] >= amount[id_] for o in beaten_by), "given up only for one at least as good"
        shared = [
            row["amount_cny"]
            for row in rows
            if row["household_id"] == f"H{n}" and row["level"] == "person" and row["amount_cny"]
        ]
        assert sum(shared) <= cap + 1e-9
