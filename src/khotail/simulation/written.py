"""Scenarios between a form and YAML: rows become text in which every row has its own line, and text becomes rows again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import yaml

from khotail.analysis.scenario import COMPONENTS, SHOCKS
from khotail.rulebook.entries import read_yaml

Row = Mapping[str, Any]
KINDS = ("ends", "tapers", "converts")
_SHOCK_KEYS = frozenset(["id", "name", "cause", "since", "until", "region", "share", "factors", "who"])
_ADD_KEYS = frozenset([
    "id", "name", "category", "level", "who", "amount", "because", "mend", "pays", "transition", "counts_as", "region",
    "since", "until", "source", "confidence",
])  # fmt: skip


@dataclass
class Rows:
    """A scenario as rows of a form. Shares and factors are per cent.

    changes  kind, programme, on, region, shares, to
    adds     name, level, category, who, amount, counts_as, payer, fund, region, since, until, source
    shocks   id, by which the struck are drawn (may be empty), cause, name, since, until, region, share, a factor for each component of income, who
    """

    title: str = ""
    title_en: str = ""
    adopted: date | None = None
    changes: list[Row] = field(default_factory=list)
    adds: list[Row] = field(default_factory=list)
    shocks: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Written:
    """The YAML, and which row each of its lines holds: line → (`changes`, `adds` or `shocks`, index)."""

    text: str
    lines: dict[int, tuple[str, int]]


def written(rows: Rows) -> Written:
    """Rows as YAML. What is wrong in them stays wrong: reading the scenario says so."""
    lines = [_line({"id": "scenario"}), _line({"name": _both(rows.title)})]
    if rows.adopted:
        lines.append(_line({"adopted": rows.adopted}))
    where: dict[int, tuple[str, int]] = {}

    def part(key: str, name: str, entries: Sequence[tuple[int, dict[str, Any]]]) -> None:
        if entries:
            lines.append(f"{key}:")
        for place, entry in entries:
            lines.append(f"  - {_flow(entry)}")
            where[len(lines)] = (name, place)

    for kind in KINDS:
        of_kind = [(place, _change(row)) for place, row in enumerate(rows.changes) if row["kind"] == kind]
        part(kind, "changes", of_kind)
    part("adds", "adds", [(place, _add(row, place + 1)) for place, row in enumerate(rows.adds)])
    part("shocks", "shocks", [(place, _shock(row, place + 1)) for place, row in enumerate(rows.shocks)])
    return Written("\n".join(lines) + "\n", where)


def rows_of(text: str) -> Rows | None:
    """The rows of a scenario; None where it holds what the form has no field for, or cannot be read."""
    try:
        entry = read_yaml(text)
        return _rows(entry) if isinstance(entry, dict) else None
    except (yaml.YAMLError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _rows(entry: Row) -> Rows | None:
    changes = [
        {"kind": kind, "programme": one["programme"], "on": one["on"], "region": str(one.get("region") or ""),
         "shares": " ".join(_per_cent(share) for share in one.get("shares", ())), "to": one.get("to") or ""}
        for kind in KINDS for one in entry.get(kind) or ()
    ]  # fmt: skip
    adds, shocks = entry.get("adds") or [], entry.get("shocks") or []
    others = any(one.keys() - _SHOCK_KEYS or one["cause"] not in SHOCKS for one in shocks)
    others = others or any(one.keys() - _ADD_KEYS or one["because"] != one["name"] for one in adds)
    if others or any(one.get("adopted") for kind in KINDS for one in entry.get(kind) or ()):
        return None
    name = entry.get("name") or {}
    return Rows(
        title=str(name.get("zh") or ""),
        title_en=str(name.get("en") or ""), adopted=entry.get("adopted"), changes=changes,
        adds=[_add_row(one) for one in adds], shocks=[_shock_row(one) for one in shocks],
    )  # fmt: skip


def _change(row: Row) -> dict[str, Any]:
    entry = {"programme": row["programme"], "on": row["on"]}
    if row.get("region"):
        entry["region"] = row["region"]
    if row["kind"] == "tapers":
        entry["shares"] = [_share(each) for each in str(row.get("shares") or "").split()]
    if row["kind"] == "converts" and row.get("to"):
        entry["to"] = row["to"]
    return entry


def _add(row: Row, number: int) -> dict[str, Any]:
    words = str(row["name"]).replace("{", "(").replace("}", ")")  # braces name a value
    entry = {
        "id": f"added-{number}", "name": _both(words), "category": row["category"], "level": row["level"], "who": row["who"],
        "amount": str(row["amount"]), "because": _both(words), "mend": _both(words),
        "pays": {"level": row["payer"], "fund": row["fund"]}, "transition": "new", "counts_as": row["counts_as"],
        "since": row["since"], "source": row["source"], "confidence": "low",
    }  # fmt: skip
    return entry | {key: row[key] for key in ("region", "until") if row.get(key)}


def _add_row(one: Row) -> dict[str, Any]:
    return {
        "name": one["name"]["zh"], "level": one["level"], "category": one["category"], "who": one["who"],
        "amount": one["amount"], "counts_as": one["counts_as"], "payer": one["pays"]["level"], "fund": one["pays"]["fund"],
        "region": str(one.get("region") or ""), "since": one["since"], "until": one.get("until"), "source": one["source"],
    }  # fmt: skip


def _shock(row: Row, number: int) -> dict[str, Any]:
    cause = SHOCKS.get(row["cause"])
    name = _both(row["name"]) if row.get("name") or not cause else {"zh": cause.zh, "en": cause.en}
    factors = {each: _share(row[each]) for each in COMPONENTS if row.get(each) not in (None, "")}
    entry = {
        "id": row.get("id") or f"shock-{number}", "name": name, "cause": row["cause"], "since": row["since"], "until": row["until"],
        "share": _share(row["share"]), "factors": factors,
    }  # fmt: skip
    return entry | {key: row[key] for key in ("region", "who") if row.get(key)}


def _shock_row(one: Row) -> dict[str, Any]:
    cause = SHOCKS[one["cause"]]
    own_name = "" if one["name"].get("zh") == cause.zh else one["name"].get("zh", "")
    return {
        "id": one["id"],
        "cause": one["cause"], "name": own_name, "since": one["since"], "until": one["until"],
        "region": str(one.get("region") or ""), "share": _per_cent(one.get("share", 1)), "who": one.get("who") or "",
        **{each: _per_cent(factor) for each, factor in one["factors"].items()},
    }  # fmt: skip


def _both(words: str) -> dict[str, str]:
    return {"zh": words, "en": words}


def _share(per_cent: Any) -> Any:
    """Per cent as a share; what is no number is left for the reader of the scenario to find."""
    try:
        return round(float(str(per_cent).rstrip("%％")) / 100, 6)
    except ValueError:
        return str(per_cent)


def _per_cent(share: Any) -> str:
    return f"{float(share) * 100:g}"


def _flow(entry: Mapping[str, Any]) -> str:
    return yaml.safe_dump(entry, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10**9).strip()


def _line(entry: Mapping[str, Any]) -> str:
    return _flow(entry)[1:-1]
