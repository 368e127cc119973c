"""The report as one page: what it holds, what it never holds."""

from __future__ import annotations

import base64
import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from khotail.rulebook import Rulebook
from tests.report.registers import OTHER_VILLAGE, VILLAGE, found, page, register, rulebook


@pytest.fixture
def book(tmp_path: Path) -> Rulebook:
    return rulebook(tmp_path / "book")


def lists_of(text: str) -> dict[str, Any]:
    packed = re.search(r'id="packed-lists">([^<]*)<', text)
    assert packed
    unpacked: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(packed[1])))
    return unpacked


def test_the_page_reaches_for_nothing_outside_itself(tmp_path: Path, book: Rulebook) -> None:
    text = page(tmp_path / "report.html", **found(register(("A", VILLAGE, 100), ("B", VILLAGE, 9e9)), book))
    assert not re.search(r"""(?:src|href|action)\s*=\s*["']?(?:https?:)?//""", text)
    assert not re.search(r"url\(|@import|<link|<iframe|<img|\bfetch\(|XMLHttpRequest", text)


def test_headline_numbers_are_those_of_the_findings(tmp_path: Path, book: Rulebook) -> None:
    facts = register(("A", VILLAGE, 100), ("B", VILLAGE, 9e9), ("C", OTHER_VILLAGE, 9e9), ("D", OTHER_VILLAGE, 9e9))
    text = page(tmp_path / "report.html", **found(facts, book))
    assert re.search(r"<dd>4</dd>", text)
    assert re.search(r"<b>25.0%</b>", text)
    assert "科尔沁右翼前旗" in text and "<svg" in text


def test_every_reason_is_there_in_both_languages(tmp_path: Path, book: Rulebook) -> None:
    lists = lists_of(page(tmp_path / "report.html", **found(register(("A", VILLAGE, 100), sex="女"), book)))
    ((household, ((rule, pattern, figures),)),) = lists["villages"][VILLAGE]
    assert (household, lists["rules"][rule]["id"], figures) == ("A", "low-income", "100|6,500")
    assert lists["patterns"][pattern] == ["人均 \x01 元，低于 \x01 元", "\x01 CNY each, below \x01 CNY"]


def test_names_and_id_numbers_are_masked(tmp_path: Path, book: Rulebook) -> None:
    text = page(tmp_path / "report.html", **found(register(("A", VILLAGE, 100)), book))
    told = json.dumps(lists_of(text), ensure_ascii=False)
    for private in ("张小芳", "19800307"):
        assert private not in text and private not in told
    assert "张**" in told


def test_values_cannot_become_markup(tmp_path: Path, book: Rulebook) -> None:
    facts = register(
        ("<i>A", VILLAGE, 100), ethnicity="</script><script>alert(1)", village_name="<b onclick=x>\"'村</b>"
    )
    text = page(tmp_path / "report.html", **found(facts, book))
    assert "<b onclick" not in text and "alert(1)" not in text
    assert "&lt;b onclick" in text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_register_without_any_finding_gets_a_calm_page(tmp_path: Path, book: Rulebook, language: str) -> None:
    facts = register(("A", VILLAGE, 9e9), sex="女")
    text = page(tmp_path / "report.html", language=language, **found(facts, book))
    assert f'data-language="{language}"' in text
    assert "No household is warned." in text and "审核没有发现问题。" in text


@pytest.mark.parametrize("left_out", ["audit", "screening"])
def test_it_works_with_one_of_the_two_runs_alone(tmp_path: Path, book: Rulebook, left_out: str) -> None:
    arguments = found(register(("A", VILLAGE, 100)), book) | {left_out: None}
    text = page(tmp_path / "report.html", **arguments)
    assert ("audit-title" in text) == (left_out != "audit")
    assert ("why-title" in text) == (left_out != "screening")


def test_households_without_a_village_are_counted_all_the_same(tmp_path: Path, book: Rulebook) -> None:
    facts = register(("A", VILLAGE, 9e9))
    facts.connection.execute("UPDATE households SET region_code = NULL")
    arguments = found(facts, book) | {"screening": None}
    text = page(tmp_path / "report.html", region="", **arguments)
    assert "未注明行政村" in text


def test_a_page_that_cannot_be_finished_leaves_the_old_one(tmp_path: Path, book: Rulebook) -> None:
    path = tmp_path / "report.html"
    path.mkdir()
    with pytest.raises(OSError):
        page(path, **found(register(("A", VILLAGE, 100)), book))
    assert path.is_dir() and [child.name for child in tmp_path.iterdir() if child.name.startswith(".")] == []
