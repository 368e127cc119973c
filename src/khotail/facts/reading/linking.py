"""Whose row it is: department lists know people by ID number, the register gives household and person numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

if TYPE_CHECKING:
    from khotail.facts.store import Facts

_PEOPLE = pa.schema([(name, pa.string()) for name in ("household_id", "person_id", "id_number", "name")])


@dataclass(frozen=True, slots=True)
class Register:
    """People and household numbers that rows can be matched with. Arrow tables; ID numbers cut to 18 characters.

    partial  whether it holds only those of a larger register whom the list names, so that it may well be empty
    """

    people: Any
    households: Any
    partial: bool = False

    @classmethod
    def empty(cls) -> Register:
        return cls(_PEOPLE.empty_table(), pa.table({"household_id": pa.array([], pa.string())}))

    @classmethod
    def of(cls, facts: Facts) -> Register:
        tables = {}
        for table, wanted in (("persons", _PEOPLE.names), ("households", ["household_id"])):
            if table in facts.tables:
                columns = ", ".join(
                    name if facts.has(table, name) else f"CAST(NULL AS VARCHAR) AS {name}" for name in wanted
                )
                tables[table] = facts.connection.sql(f"SELECT {columns} FROM {table}").to_arrow_table()
        return cls.empty().joined(tables)

    def joined(self, tables: Mapping[str, Any]) -> Register:
        """This register and the people and households of `tables`."""
        people, households = [self.people], [self.households]
        if "persons" in tables:
            persons = tables["persons"]
            columns = [
                persons[name] if name in persons.column_names else pa.nulls(persons.num_rows, pa.string())
                for name in _PEOPLE.names
            ]
            people.append(pa.table(columns, schema=_PEOPLE))
            households.append(persons.select(["household_id"]))
        if "households" in tables:
            households.append(tables["households"].select(["household_id"]))
        return Register(pa.concat_tables(people), pa.concat_tables(households))

    @property
    def is_empty(self) -> bool:
        return bool(not self.partial and self.people.num_rows == 0 and self.households.num_rows == 0)


#: Finds a list's people in a register that is too large to hand over: gets the clean rows, returns them with person
#: numbers filled in where it knows better than the ID number, and the people and households among them.
Linker = Callable[[Any], tuple[Any, Register]]


def link_to_register(
    connection: duckdb.DuckDBPyConnection, present: set[str], register: Register, per_person: bool
) -> None:
    """Give every row of table `rows` its household (and person) and `_refused`, the reason where it has none.

    A person in two households is taken in the one that comes first in the register.
    """
    connection.register("register_people", register.people)
    connection.register("register_households", register.households)
    connection.execute(
        """CREATE TEMP TABLE people AS
           SELECT household_id, person_id, left(id_number, 18) AS id_18, name FROM register_people WHERE household_id IS NOT NULL"""
    )
    id_number = "left(r.id_number, 18)" if "id_number" in present else "CAST(NULL AS VARCHAR)"
    person = "r.person_id" if "person_id" in present else "CAST(NULL AS VARCHAR)"
    household = "r.household_id" if "household_id" in present else "CAST(NULL AS VARCHAR)"
    name = "r.name" if "name" in present else "CAST(NULL AS VARCHAR)"
    destroyed = "_id_destroyed" if "_id_destroyed" in present else "FALSE"
    known_household = f"{household} IS NOT NULL AND h.household_id IS NOT NULL"
    exclude = [column for column in ("household_id", "person_id", "name") if column in present]
    others = f"r.* EXCLUDE ({', '.join(exclude)})" if exclude else "r.*"
    by_household = "" if per_person and "id_number" in present else f"WHEN {known_household} THEN NULL"
    connection.execute(
        f"""CREATE TABLE linked AS
        SELECT {others},
               coalesce(p.household_id, i.household_id, CASE WHEN {known_household} THEN h.household_id END) AS household_id,
               coalesce(p.person_id, i.person_id) AS person_id,
               {name} AS name,
               coalesce(p.name, i.name) AS registered_name,
               CASE WHEN p.person_id IS NOT NULL OR i.household_id IS NOT NULL THEN NULL
                    {by_household}
                    WHEN {destroyed} THEN 'id-destroyed'
                    WHEN {id_number} IS NULL AND {person} IS NULL AND {household} IS NULL THEN 'id-missing'
                    ELSE 'not-in-register' END AS _refused
        FROM rows r
        LEFT JOIN (SELECT person_id, min(household_id) AS household_id, min(name) AS name FROM people GROUP BY person_id) p ON p.person_id = {person}
        LEFT JOIN (SELECT id_18, arg_min(household_id, (household_id, person_id)) AS household_id,
                          arg_min(person_id, (household_id, person_id)) AS person_id,
                          arg_min(name, (household_id, person_id)) AS name
                   FROM people WHERE id_18 IS NOT NULL GROUP BY id_18) i ON i.id_18 = {id_number}
        LEFT JOIN (SELECT DISTINCT household_id FROM register_households) h ON h.household_id = {household}"""
    )
    connection.execute("DROP TABLE rows")
    connection.execute("ALTER TABLE linked RENAME TO rows")
    connection.execute("DROP TABLE people")
    for view in ("register_people", "register_households"):
        connection.unregister(view)
    present |= {"household_id", "person_id", "name"}
