"""Ten programmes in OpenFisca, vectorised: `python openfisca_programmes.py FACTS` prints programme → (entitled, CNY a year).

As in `openfisca_ten.py`, texts become codes with pyarrow and ids integers before the simulation is built.
"""

import json
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


HOUSEHOLD_PROGRAMMES = {
    "floor": (
        lambda h, p: h("income", p) < 7456,
        lambda h, p: h("members_", p) * (7456 - np.maximum(0, h("income", p))),
    ),
    "water": (lambda h, p: ~h("safe_water", p), lambda h, p: 800.0),
    "house": (lambda h, p: h("dangerous", p) * h("exited", p), lambda h, p: 20000.0),
    "industry": (lambda h, p: h("exited", p) * (h("workers", p) > 0), lambda h, p: 3000.0),
    "loan": (
        lambda h, p: (h("exited", p) + h("watched", p)) * (h("workers", p) > 0),
        lambda h, p: np.minimum(1850.0, 600.0 * h("workers", p)),
    ),
    "family": (lambda h, p: (h("workers", p) > 0) * (h("minors", p) >= 2), lambda h, p: h("minors", p) * 360.0),
}
PERSON_PROGRAMMES = {
    "pension": (lambda i, p: i("present", p) * (i("birth", p) <= 19661031), 1716.0),
    "disabled": (lambda i, p: i("is_disabled", p), 1200.0),
    "premium": (lambda i, p: i("present", p) * i.household("watched", p), 200.0),
    "insured": (lambda i, p: i("present", p) * i.household("exited", p) * ~i("insured_", p), 400.0),
}
system = TaxBenefitSystem([Person, Household])
system.add_variables(
    *(variable(name, Person) for name in ("present", "is_disabled", "is_worker", "insured_")),
    variable("birth", Person, int),
    variable("is_minor", Person, bool, lambda person, p: person("present", p) * (person("birth", p) > 20081031)),
    *(variable(name, Household) for name in ("monitored", "resolved", "exited", "safe_water", "dangerous")),
    variable("income", Household, float),
    variable("watched", Household, bool, lambda h, p: h("monitored", p) * ~h("resolved", p)),
    variable("members_", Household, int, counted("present")),
    variable("workers", Household, int, counted("is_worker")),
    variable("minors", Household, int, counted("is_minor")),
)


def paid(name, amount):
    """The formula of an amount; OpenFisca looks at how many arguments it takes."""
    return lambda population, period: population(f"{name}_who", period) * amount(population, period)


for name, (who, amount) in HOUSEHOLD_PROGRAMMES.items():
    system.add_variable(variable(f"{name}_who", Household, bool, who))
    system.add_variable(variable(f"{name}_amount", Household, float, paid(name, amount)))
for name, (who, amount) in PERSON_PROGRAMMES.items():
    system.add_variable(variable(f"{name}_who", Person, bool, who))
    system.add_variable(variable(f"{name}_amount", Person, float, paid(name, lambda i, p, a=amount: a)))


def array(column, kind=bool):
    return np.asarray(pc.fill_null(column, kind()) if column.null_count else column).astype(kind)


facts = sys.argv[1]
persons = pq.read_table(
    f"{facts}/persons",
    columns=["household_id", "birth_date", "health", "labour", "resident_medical_insurance", "has_left"],
)
households = pq.read_table(f"{facts}/households")
household_ids = np.asarray(pc.cast(households["household_id"], pa.int64()))
builder = SimulationBuilder()
builder.create_entities(system)
builder.declare_person_entity("person", np.arange(persons.num_rows))
population = builder.declare_entity("household", household_ids)
builder.join_with_persons(
    population, np.asarray(pc.cast(persons["household_id"], pa.int64())), ["member"] * persons.num_rows
)
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
    "is_worker": present & array(pc.is_in(persons["labour"], pa.array(["普通劳动力", "技能劳动力"]))),
    "insured_": array(persons["resident_medical_insurance"]),
    "monitored": array(pc.is_valid(households["monitored_type"]))[order],
    "resolved": array(households["risk_resolved"])[order],
    "exited": array(pc.equal(households["household_type"], "脱贫户"))[order],
    "safe_water": array(households["safe_water"])[order],
    "dangerous": array(households["dangerous_house"])[order],
    "income": array(households["net_income_cny_per_capita"], float)[order],
}
for name, values in inputs.items():
    simulation.set_input(name, YEAR, values)
found = {}
for name in (*HOUSEHOLD_PROGRAMMES, *PERSON_PROGRAMMES):
    entitled = int(simulation.calculate(f"{name}_who", YEAR).sum())
    found[name] = (entitled, float(simulation.calculate(f"{name}_amount", YEAR).sum(dtype=np.float64)))
print(json.dumps(found))
