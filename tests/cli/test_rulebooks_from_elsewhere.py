"""Rulebooks that someone else wrote: every flaw with its place, code 4, and nothing runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.calling import called
from tests.cli.conftest import AS_OF
from tests.rulebook.books import SIGNALS, write_book

FLAWED = {
    "typo": ({"signals": SIGNALS.replace("when: income_each", "when: incom_each")}, "income_each"),
    "unknown key": ({"signals": SIGNALS.replace("severity:", "severty:")}, "severity"),
    "broken YAML": ({"signals": SIGNALS + "\n- id: [broken\n"}, "income.yaml:17"),
    "not a list": ({"signals": "3\n"}, "income.yaml:1"),
    "bytes": ({"signals": SIGNALS + "\x00"}, "income.yaml"),
    "reads a file": (
        {"signals": SIGNALS.replace("< :income_line", "< :income_line OR read_text('/etc/passwd') > ''")},
        "read_text",
    ),
    "subquery": (
        {"signals": SIGNALS.replace("income_each < :income_line", "(SELECT count(*) FROM persons) > 1")},
        "SELECT",
    ),
    "python": ({"signals": '!!python/object/apply:os.system ["touch owned"]\n'}, "income.yaml:1"),
    "extends itself": ({"header": "id: test\nextends: {folder}\nname: {zh: 测试, en: Test}\n"}, "book.yaml:2"),
    "extends nothing": ({"header": "id: test\nextends: gone\nname: {zh: 测试, en: Test}\n"}, "book.yaml:2"),
}


@pytest.mark.parametrize("flaw", FLAWED)
def test_a_flaw_is_told_with_its_place(tmp_path: Path, facts: Path, flaw: str) -> None:
    parts, quoted = FLAWED[flaw]
    folder = tmp_path / "book"
    write_book(folder, **{name: text.replace("{folder}", str(folder)) for name, text in parts.items()})
    for command in (["rulebook", "check"], ["rulebook", "list"], ["screen", "--facts", facts, "--as-of", AS_OF]):
        answer = called(*command, "--rulebook", folder)
        assert answer.code == 4
        assert quoted in answer.err
        assert answer.out == ""
    assert not (Path.cwd() / "owned").exists()


def test_a_circle_is_one_flaw_not_one_for_every_entry(tmp_path: Path) -> None:
    folder = write_book(tmp_path / "book", header=f"id: test\nextends: {tmp_path}/book\nname: {{zh: 测试, en: Test}}\n")
    assert len(called("rulebook", "check", "--rulebook", folder).err.splitlines()) == 2


def test_a_folder_that_is_no_rulebook_is_a_wrong_call(tmp_path: Path) -> None:
    folder = write_book(tmp_path / "book")
    (folder / "book.yaml").unlink()
    for path in (folder, tmp_path / "nowhere"):
        answer = called("rulebook", "check", "--rulebook", path)
        assert answer.code == 2
        assert path.name in answer.err


def test_a_header_must_say_what_the_book_is(tmp_path: Path) -> None:
    for at, header in enumerate(("- a\n- b\n", "id: test\nname: only words\n", "42\n")):
        folder = write_book(tmp_path / str(at), header=header)
        assert called("rulebook", "check", "--rulebook", folder).code == 4, header


def test_failed_examples_are_something_to_mend(tmp_path: Path) -> None:
    folder = write_book(tmp_path / "book", signals=SIGNALS.replace("wage_income_cny: 10000", "wage_income_cny: 50000"))
    answer = called("rulebook", "check", "--rulebook", folder)
    assert answer.code == 1
    assert "income.yaml" in answer.out and "low-income" in answer.out


def test_names_with_brackets_are_shown_as_they_are(tmp_path: Path) -> None:
    folder = write_book(
        tmp_path / "book", signals=SIGNALS.replace("Low income", "'[red]Low[/]'").replace("收入低", "'[/x]低'")
    )
    for command in (["list"], ["show", "low-income"], ["check"]):
        answer = called("rulebook", *command, "--rulebook", folder)
        assert answer.code == 0
        assert command == ["check"] or "[/x]低" in answer.out or "[red]Low[/]" in answer.out


def test_an_unknown_rule_is_a_wrong_call(book: Path) -> None:
    for command in ("show", "test"):
        answer = called("rulebook", command, "low-incom", "--rulebook", book)
        assert answer.code == 2
        assert "low-income" in answer.err
