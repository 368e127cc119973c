import pytest

from khotail.facts.schema import TABLES
from khotail.report.names import unit_name
from khotail.rulebook import load_rulebook


@pytest.mark.parametrize("book", ["cn", "cn_15"])
def test_every_unit_is_said_in_chinese(book):
    loaded = load_rulebook(book)
    units = {each.unit for each in (*loaded.parameters.values(), *loaded.indicators.values())}
    units |= {column.unit for table in TABLES.values() for column in table.columns}
    latin = {unit for unit in units if any(letter.isascii() and letter.isalpha() for letter in unit_name(unit).zh)}
    assert latin == set()
