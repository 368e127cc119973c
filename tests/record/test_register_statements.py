from datetime import date, timedelta

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from khotail.facts.problems import NotAFactColumn, NotAFactTable
from khotail.register.models import Household, Person, Statement
from khotail.register.sealed import id_digest, phone_digest
from khotail.register.statements import WITHDRAWN, state
from tests.record.conftest import BANNER, NEIGHBOUR_VILLAGE, OTHER_VILLAGE, VILLAGE

ID = "152221199001010018"


def say(table, rows, now, *, as_of=date(2026, 6, 1), source="national-monitored", region=BANNER):
    return state(
        table, pa.Table.from_pylist(rows), as_of=as_of, source=source, batch_id=7, by=None, now=now, region_code=region
    )


def a_household(**values):
    return {"household_id": "H1", "region_code": VILLAGE, "household_type": "脱贫户", **values}


def a_person(**values):
    return {"household_id": "H1", "person_id": "P1", "name": "王小明", "relation": "户主", "id_number": ID, **values}


def test_a_list_fills_the_register_and_its_statements(regions, now):
    first = say("households", [a_household(household_phone="15599990001", stated_size=2)], now)
    then = say("persons", [a_person(), a_person(person_id="P2", name="李花", relation="配偶", id_number=None)], now)
    incomes = say("incomes", [
        {"household_id": "H1", "income_year": year, "wage_cny": year * 10.0, "cost_cny": 100.0, "members": 2}
        for year in (2025, 2024)
    ], now)  # fmt: skip
    assert (first.new, first.households_new, then.new, then.persons_new, incomes.new) == (1, 1, 2, 2, 2)
    household = Household.objects.get(number="H1")
    assert (household.head_name, household.size, household.household_type) == ("王小明", 2, "脱贫户")
    assert (household.income_year, household.income_cny_per_capita) == (2025, 10_075)
    person = Person.objects.get(number="P1")
    assert (person.initials, person.id_number, person.id_digest) == ("wxm", ID, id_digest(ID))
    assert household.phone_digest == phone_digest("+86 155 9999 0001")
    assert Statement.objects.get(person=person).batch_id == 7


def test_personal_numbers_lie_sealed_in_statements(regions, now):
    say("households", [a_household(household_phone="15599990001")], now)
    say("persons", [a_person()], now)
    stored = [statement.values for statement in Statement.objects.order_by("id")]
    assert stored[0]["household_phone"].startswith("a1:") and stored[1]["id_number"].startswith("a1:")
    assert ID not in str(stored)


def test_the_same_list_twice_changes_nothing(regions, now):
    for at in (now, now + timedelta(days=1)):
        say("households", [a_household()], at)
        again = say("persons", [a_person(), a_person()], at)
    assert (again.new, again.unchanged) == (0, 2)
    assert Statement.objects.count() == 2
    assert Household.objects.get().changed_at == now


def test_an_older_list_that_comes_late_fills_gaps_and_overwrites_nothing(regions, now):
    say("households", [a_household(household_type="脱贫户")], now)
    old = date(2026, 1, 1)
    say("households", [a_household(household_type="普通农户", monitored_type="边缘易致贫户")], now, as_of=old)
    household = Household.objects.get()
    assert (household.household_type, household.monitored_type) == ("脱贫户", "边缘易致贫户")
    assert Statement.objects.count() == 2


def test_who_is_not_mentioned_stays(regions, now):
    say("households", [a_household(), a_household(household_id="H2")], now)
    say("persons", [a_person(), a_person(person_id="P2", relation="配偶")], now)
    say("persons", [a_person(name="王大明")], now, as_of=date(2026, 6, 2))
    assert Household.objects.count() == 2 and Person.objects.count() == 2
    assert Household.objects.get(number="H1").size == 2


def test_rows_of_other_places_are_not_written(regions, neighbour_household, now):
    said = say("households", [
        a_household(household_id="H5", region_code=NEIGHBOUR_VILLAGE),
        a_household(household_id=neighbour_household.number, region_code=VILLAGE, household_type="脱贫户"),
    ], now)  # fmt: skip
    assert (said.outside, said.new) == (2, 0)
    assert say("persons", [a_person(household_id="D9001")], now).outside == 1
    neighbour_household.refresh_from_db()
    assert neighbour_household.household_type == "一般农户"


def test_a_household_that_moves_takes_its_members_along(regions, now):
    say("households", [a_household()], now)
    say("persons", [a_person()], now)
    say("households", [a_household(region_code=OTHER_VILLAGE)], now, as_of=date(2026, 6, 2))
    assert Person.objects.get().region_code == OTHER_VILLAGE


def test_rows_of_unknown_households_are_counted_and_unknown_persons_kept_by_number(regions, now):
    assert say("persons", [a_person()], now).unknown == 1
    say("households", [a_household()], now)
    cost = {"household_id": "H1", "person_id": "P9", "paid_on": date(2026, 5, 1), "treatment": "住院", "total_cny": 5.0}
    assert say("medical_costs", [cost], now).new == 1
    statement = Statement.objects.get(table="medical_costs")
    assert (statement.person, statement.values["person_id"], statement.key) == (None, "P9", "2026-05-01|住院")


def test_villages_are_stated_without_a_household(regions, now):
    said = say("villages", [{"region_code": VILLAGE, "village_households": 12}], now)
    assert said.new == 1 and Statement.objects.get().region_code == VILLAGE


def test_unknown_tables_and_columns_are_named(regions, now):
    with pytest.raises(NotAFactTable):
        say("wishes", [{"household_id": "H1"}], now)
    with pytest.raises(NotAFactColumn):
        say("households", [{"household_id": "H1", "wish": "1"}], now)


@pytest.mark.parametrize("name", ["<b>王</b>", "=1+1", "王\x00明", "很" * 300])
def test_odd_text_is_kept_as_text(regions, now, name):
    say("households", [a_household()], now)
    say("persons", [a_person(name=name)], now)
    assert Person.objects.get().name == name.replace("\x00", "")[:60]


def test_a_number_that_is_not_one_and_an_absurd_size_do_no_harm(regions, now):
    said = say("households", [a_household(wage_income_cny=float("nan"), stated_size=10**12)], now)
    assert said.new == 1 and "wage_income_cny" not in Statement.objects.get().values


def test_a_row_that_says_nothing_leaves_the_other_rows_what_they_say(regions, now):
    say("households", [a_household()], now)
    said = say("persons", [
        {"household_id": "H1", "person_id": "P0", "name": None},
        {"household_id": "H1", "person_id": "P1", "name": "王小明"},
    ], now)  # fmt: skip
    values = dict(Statement.objects.filter(table="persons").values_list("person__number", "values"))
    assert said.new == 2 and values == {"P0": {}, "P1": {"name": "王小明"}}


statements = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.fixed_dictionaries({}, optional={
            "name": st.sampled_from(["王一", "王二", "王三"]),
            "relation": st.sampled_from(["户主", "配偶"]),
            "id_number": st.sampled_from([ID, "152221199001010026"]),
        }),
    ),
    min_size=1, max_size=6,
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(statements)
def test_of_each_column_the_newest_statement_counts_in_whatever_order_they_come(
    transactional_or_rolled_back, now, said
):
    with transactional_or_rolled_back():
        say("households", [a_household()], now)
        for number, (day, values) in enumerate(said):
            row = {"household_id": "H1", "person_id": "P1", "name": None, "relation": None, "id_number": None, **values}
            table = pa.Table.from_pylist([row], schema=pa.schema([(name, pa.string()) for name in row]))
            state(
                "persons", table, as_of=date(2026, 1, 1 + day), source=f"s{number}", batch_id=None, by=None,
                now=now + timedelta(seconds=number), region_code=BANNER,
            )  # fmt: skip
        expected: dict[str, str] = {}
        for _, values in sorted(said, key=lambda one: one[0]):
            expected.update(values)
        person = Person.objects.get(number="P1")
        for name in ("name", "relation", "id_number"):
            assert getattr(person, name) == expected.get(name, "")


@pytest.fixture
def transactional_or_rolled_back(regions):
    """Each example leaves nothing behind."""
    from contextlib import contextmanager

    from django.db import transaction

    @contextmanager
    def rolled_back():
        with transaction.atomic():
            yield
            transaction.set_rollback(True)

    return rolled_back


def test_an_income_that_is_withdrawn_gives_way_to_what_remains(regions, now):
    say("households", [a_household(stated_size=2, net_income_cny_per_capita=900.0)], now)
    for minutes, year, wage in ((1, 2024, 2000.0), (2, 2025, 9000.0)):
        income = {"household_id": "H1", "income_year": year, "wage_cny": wage}
        say("incomes", [income], now + timedelta(minutes=minutes))
    known = Household.objects.filter(number="H1").values_list("income_year", "income_cny_per_capita")
    assert known.get() == (2025, 4500)
    for minutes, year, remains in ((3, 2025, (2024, 1000)), (4, 2024, (None, 900))):
        key = {"household_id": "H1", "income_year": year}
        say("incomes", [key], now + timedelta(minutes=minutes), source=WITHDRAWN)
        assert known.get() == remains
    say(
        "incomes",
        [{"household_id": "H1", "income_year": 2025, "wage_cny": 9000.0}],
        now + timedelta(minutes=5),
        source="x",
    )
    assert known.get() == (2025, 4500)
