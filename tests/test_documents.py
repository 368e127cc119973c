"""Pages for people lead where they say: links to files and headings, commands and files that they name."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from khotail.cli.main import cli
from khotail.facts.schema import TABLES
from khotail.rulebook import load_rulebook
from khotail.rulebook.procedures import CATEGORIES

ROOT = Path(__file__).parents[1]
_ELSEWHERE = {".venv", ".git", "demo", "build", "dist", "node_modules"}
PAGES = sorted(page for page in ROOT.glob("**/*.md") if not _ELSEWHERE & set(page.relative_to(ROOT).parts))
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
_COMMAND = re.compile(r"(?<![\w.=@-])(?<!-u )khotail((?: --lang (?:en|zh))? [a-z][a-z-]*(?: [a-z-]+)?)")


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_to_a_file_and_a_heading(page):
    broken = []
    for target in _LINK.findall(_FENCE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, heading = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (heading and heading not in anchors(there)):
            broken.append(target)
    assert broken == []


def test_the_index_of_the_documents_names_every_one():
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    names = {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert [name for name in sorted(names) if f"({name})" not in index] == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_commands_are_those_that_there_are(page):
    unknown = []
    for words in _COMMAND.findall(code_of(page)):
        first, *more = words.replace("--lang en", "").replace("--lang zh", "").split()
        command = cli.commands.get(first)
        inner = command.commands if isinstance(command, click.Group) else None
        if command is None or (inner is not None and more and more[0] not in inner):
            unknown.append(words.strip())
    assert unknown == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_files_that_pages_name_exist(page):
    missing = []
    for path in re.findall(r"`((?:src/khotail|tests|benchmarks|docs)/[\w./-]+)`", page.read_text(encoding="utf-8")):
        if not (ROOT / path).exists():
            missing.append(path)
    assert missing == []


def test_the_design_names_every_package():
    picture = (ROOT / "docs" / "design.md").read_text(encoding="utf-8").split("```")[1]
    packages = {folder.parent.name for folder in (ROOT / "src" / "khotail").glob("*/__init__.py")}
    assert [name for name in sorted(packages) if not re.search(rf"\b{name}\b", picture)] == []


def anchors(page: Path) -> set[str]:
    """Headings as they are linked to: small letters, words joined by hyphens, no punctuation."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in _HEADING.findall(text)}


def code_of(page: Path) -> str:
    """What stands as code on a page: fenced blocks and words between backticks."""
    text = page.read_text(encoding="utf-8")
    return "\n".join([*_FENCE.findall(text), *re.findall(r"`([^`\n]+)`", _FENCE.sub("", text))])


def test_mechanisms_are_counted_once_each_and_what_they_name_exists():
    page = (ROOT / "docs" / "mechanisms.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\| (\d+)(?:–(\d+))? \| .* \| (?:yes|in part|not yet) \| .*\|$", page, re.MULTILINE)
    numbers = [number for first, last in lines for number in range(int(first), int(last or first) + 1)]
    assert numbers == list(range(1, 182))
    there = words_of_the_product()
    assert [name for name in re.findall(r"`([\w/.-]+)`", page) if name not in there and not in_the_source(name)] == []


def words_of_the_product() -> set[str]:
    """Tables, columns, categories, and everything in the rulebook that has an id."""
    book = load_rulebook()
    steps = [step for procedure in book.procedures.values() for step in procedure.steps]
    return {
        *TABLES,
        *(column.name for table in TABLES.values() for column in table.columns),
        *CATEGORIES,
        *(rule.id for rule in (*book.signals, *book.audits)),
        *book.indicators,
        *book.parameters,
        *book.needs,
        *(procedure.id for procedure in book.procedures.values()),
        *(step.id for step in steps),
        *(field.id for step in steps for field in step.fields),
    }


def in_the_source(name: str) -> bool:
    package = ROOT / "src" / "khotail"
    return any((package / f"{name}{ending}").exists() for ending in ("", ".py")) or any(
        package.glob(f"rulebooks/*/*/{name}")
    )
