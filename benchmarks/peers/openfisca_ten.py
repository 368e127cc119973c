"""The ten rules in OpenFisca, vectorised: `python openfisca_ten.py FACTS FINDINGS.parquet`.

Texts become codes with pyarrow and ids become integers before the simulation is built, as its users do: OpenFisca
computes on NumPy arrays.
"""

import sys

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

YEAR = "2026"
Person = build_entity(key="person", plural="persons", label="", is_person=True)
Household = build_entity(key="household", plural="households", label="", roles=[{"key": "member", "plural": "members"}])


def variable(name, entity, value_type=bool, formula=None):
    content = {"entity": entity, "value_type": value_type, "definition_period": DateUnit.YEAR, "label": name}
    if formula:
        content["formula"] = formula
    return type(name, (Variable,), content)


def counted(name):
    return lambda household, period: household.sum(household.members(name, period))


RULES = {
    "income_below_line": lambda h, p: (h("income", p) < 6000) * ~h("watched", p),
    "resolved_near_line": lambda h, p: h("resolved", p) * (h("income", p) < 9000),
    "unsafe_water": lambda h, p: ~h("safe_water", p),
    "dangerous_house": lambda h, p: h("dangerous", p) * ~h("watched", p),
    "no_worker": lambda h, p: (h("members_", p) > 0) * (h("workers", p) == 0),
    "several_disabled": lambda h, p: h("disabled", p) >= 2,
    "illness_and_low_income": lambda h, p: (h("ill", p) >= 2) * (h("income", p) < 12000),
    "elderly_alone": lambda h, p: (h("members_", p) > 0) * (h("elderly", p) == h("members_", p)),
    "many_dependants": lambda h, p: (h("workers", p) > 0) * (h("elderly", p) + h("minors", p) >= h("workers", p) * 3),
}
PERSON_INPUTS = ("present", "is_disabled", "is_ill", "is_worker", "insured")
system = TaxBenefitSystem([Person, Household])
system.add_variables(
    *(variable(name, Person) for name in PERSON_INPUTS),
    variable("birth", Person, int),
    variable("is_elderly", Person, bool, lambda person, p: person("present", p) * (person("birth", p) <= 19661031)),
    variable("is_minor", Person, bool, lambda person, p: person("present", p) * (person("birth", p) > 20081031)),
    *(variable(name, Household) for name in ("monitored", "resolved", "exited", "safe_water", "dangerous")),
    variable("income", Household, float),
    variable("watched", Household, bool, lambda h, p: h("monitored", p) * ~h("resolved", p)),
    variable("members_", Household, int, counted("present")),
    variable("disabled", Household, int, counted("is_disabled")),
    variable("ill", Household, int, counted("is_ill")),
    variable("workers", Household, int, counted("is_worker")),
    variable("elderly", Household, int, counted("is_elderly")),
    variable("minors", Household, int, counted("is_minor")),
    variable(
        "uninsured_member",
        Person,
        bool,
        lambda person, p: person("present", p) * person.household("exited", p) * ~person("insured", p),
    ),
    *(variable(name, Household, bool, formula) for name, formula in RULES.items()),
)


def array(column, kind=bool):
    return np.asarray(pc.fill_null(column, kind()) if column.null_count else column).astype(kind)


facts, target = sys.argv[1:]
persons = pq.read_table(
    f"{facts}/persons",
    columns=["household_id", "person_id", "birth_date", "health", "labour", "resident_medical_insurance", "has_left"],
)
households = pq.read_table(f"{facts}/households")
households_of_persons = np.asarray(pc.cast(persons["household_id"], pa.int64()))
household_ids = np.asarray(pc.cast(households["household_id"], pa.int64()))

builder = SimulationBuilder()
builder.create_entities(system)
builder.declare_person_entity("person", np.arange(persons.num_rows))
population = builder.declare_entity("household", household_ids)
builder.join_with_persons(population, households_of_persons, ["member"] * persons.num_rows)
simulation = builder.build(system)
# Households take the order of their sorted ids in `join_with_persons`, so the inputs follow it.
order = np.argsort(household_ids, kind="stable")

present = ~array(persons["has_left"])
born = persons["birth_date"]
birth = pc.add(pc.add(pc.multiply(pc.year(born), 10000), pc.multiply(pc.month(born), 100)), pc.day(born))
inputs = {
    "present": present,
    "birth": np.asarray(birth),
    "is_disabled": present & array(pc.equal(persons["health"], "残疾")),
    "is_ill": present & array(pc.is_in(persons["health"], pa.array(["患有大病", "长期慢性病"]))),
    "is_worker": present & array(pc.is_in(persons["labour"], pa.array(["普通劳动力", "技能劳动力"]))),
    "insured": array(persons["resident_medical_insurance"]),
    "monitored": array(pc.is_valid(households["monitored_type"]))[order],
    "resolved": array(households["risk_resolved"])[order],
    "exited": array(pc.equal(households["household_type"], "脱贫户"))[order],
    "safe_water": array(households["safe_water"])[order],
    "dangerous": array(households["dangerous_house"])[order],
    "income": array(households["net_income_cny_per_capita"], float)[order],
}
for name, values in inputs.items():
    simulation.set_input(name, YEAR, values)
ids = households["household_id"].take(pa.array(order))
subjects, rules = [], []
for name in RULES:
    found = ids.filter(pa.array(simulation.calculate(name, YEAR)))
    subjects += found.chunks
    rules.append(pa.repeat(name.replace("_", "-"), len(found)))
found = persons["person_id"].filter(pa.array(simulation.calculate("uninsured_member", YEAR)))
subjects += found.chunks
rules.append(pa.repeat("uninsured-member", len(found)))
pq.write_table(pa.table({"subject_id": pa.chunked_array(subjects), "rule_id": pa.chunked_array(rules)}), target)
