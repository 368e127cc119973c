"""A small folder of facts and a small rulebook that the tests of the command share."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.rulebook.books import write_book

AS_OF = "2022-06-01"


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_book(tmp_path_factory.mktemp("book") / "small")


@pytest.fixture(scope="session")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_facts(tmp_path_factory.mktemp("facts"), {"15222100001": 10_000.0, "15222100002": 90_000.0})


def write_facts(folder: Path, wages: dict[str, float]) -> Path:
    """Households of two members each in 152221100200, with their wage income, as `khotail import` would write them."""
    homes = [
        {
            "household_id": home,
            "region_code": "152221100200",
            "wage_income_cny": wage,
            "as_of": "2022-05-31",
            "source": "test",
        }
        for home, wage in wages.items()
    ]
    people = [
        {"household_id": home, "person_id": f"{home}{number:02d}", "as_of": "2022-05-31", "source": "test"}
        for home in wages
        for number in (1, 2)
    ]
    for name, rows in (("households", homes), ("persons", people)):
        (folder / name).mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(rows), folder / name / "test-1.parquet")
    return folder
