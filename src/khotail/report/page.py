"""The report as one HTML page that opens anywhere, without a network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from khotail import engine
from khotail.engine import Findings
from khotail.facts.regions import Regions, banners_geojson
from khotail.facts.store import Facts
from khotail.files import written_whole
from khotail.report.lists import REASONS_ON_PAGE, HouseholdLists
from khotail.report.map import BannerMap, draw
from khotail.report.method import parameters_read
from khotail.report.names import cause_name, severity_name, severity_rank
from khotail.report.scale import NO_DATA, Scale, scale_for
from khotail.report.summary import Area, Counter, RuleCount, tree
from khotail.report.told import Told, in_general, told
from khotail.rulebook import Rule, Rulebook
from khotail.rulebook.problems import MissingFact
from khotail.texts import Language, Text


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule with what it found; `share` of the largest count in its table, for the bar."""

    rule: Rule
    mend: Text
    findings: int
    households: int
    share: float

    @property
    def severity(self) -> Text:
        return severity_name(self.rule.severity)

    @property
    def cause(self) -> Text:
        return cause_name(self.rule.cause)


def write_report(
    path: Path,
    *,
    audit: Findings | None,
    screening: Findings | None,
    facts: Facts,
    rulebook: Rulebook,
    region: str,
    as_of: date,
    generated_at: datetime,
    language: Language = "zh",
) -> Path:
    """Write the report to `path`, whole or not at all, and return `path`.

    audit, screening  findings on `facts`; either may be None, and its parts of the page are then left out
    region            code prefix that the findings were made for; "" means everywhere in `facts`
    language          the one that the page opens in; it holds both
    Raises OSError where the file cannot be written.
    """
    context = _context(audit, screening, facts, rulebook, region, as_of)
    page = _templates().get_template("page.html.j2").render(generated_at=generated_at, language=language, **context)
    with written_whole(path) as unfinished:
        unfinished.write_text(page, encoding="utf-8")
    return path


def _context(
    audit: Findings | None, screening: Findings | None, facts: Facts, rulebook: Rulebook, region: str, as_of: date
) -> dict[str, Any]:
    counter = Counter(facts, audit=audit, screening=screening, region=region)
    regions = Regions.load()
    root = tree(counter.villages(), regions.name, region)
    tiles = root.children
    shares = [area.share for area in tiles if area.share is not None] or [root.share or 0.0]
    scale = scale_for(shares)
    place = root.code or region
    signals = _lines(counter.rules("screening"), rulebook, as_of, place)
    audits = sorted(
        _lines(counter.rules("audit"), rulebook, as_of, place),
        key=lambda line: (severity_rank(line.rule.severity), -line.findings, line.rule.id),
    )
    lists = HouseholdLists.of(_reasons(facts, screening, audit))
    return {
        "version": metadata.version("khotail"),
        "rulebook": rulebook,
        "as_of": as_of,
        "region_name": _full_name(root, regions),
        "root": root,
        "tiles": sorted(tiles, key=lambda area: (-(area.share or 0), area.code)),
        "scale": scale,
        "no_data": NO_DATA,
        "map": _map(root),
        "map_shares": _banner_shares(root),
        "causes": counter.causes(root.households, cause_name),
        "monitored_types": counter.monitored_types(root.warned),
        "categories": _categories(counter, facts, rulebook, root, as_of, region, screening),
        "signals": signals,
        "audits": audits,
        "screening": screening,
        "audit": audit,
        "audit_total": sum(line.findings for line in audits),
        "skipped": [
            (rulebook.rules.get(skipped.rule_id), skipped)
            for findings in (screening, audit)
            if findings is not None
            for skipped in findings.skipped
        ],
        "runs": [findings for findings in (screening, audit) if findings is not None],
        "parameters": parameters_read(
            [rule for findings in (screening, audit) if findings is not None for rule in findings.ran],
            rulebook,
            as_of,
            place,
        ),
        "unverified": [line for line in signals if line.rule.confidence != "high"],
        "lists": lists,
        "packed_lists": lists.packed({rule.id: _rule_facts(rule) for rule in rulebook.rules.values()}),
    }


def _lines(counts: list[RuleCount], rulebook: Rulebook, as_of: date, region: str) -> list[RuleLine]:
    most = max((count.findings for count in counts), default=1)
    lines = []
    for count in counts:
        rule = rulebook.rules[count.rule_id]
        mend = in_general(rule.mend, rule, rulebook, as_of, region)
        lines.append(RuleLine(rule, mend, count.findings, count.households, count.findings / most))
    return lines


def _rule_facts(rule: Rule) -> dict[str, Any]:
    name, severity = rule.name, severity_name(rule.severity)
    return {
        "kind": rule.kind,
        "severity": rule.severity,
        "name": [name.zh, name.en],
        "label": [severity.zh, severity.en],
    }


def _reasons(facts: Facts, *findings: Findings | None) -> Iterator[Told]:
    """All warnings, then as many problems in the data as a page can list."""
    left = REASONS_ON_PAGE + 1
    for each in findings:
        for reason in islice(told(facts, each), left):
            left -= 1
            yield reason


def _categories(
    counter: Counter,
    facts: Facts,
    rulebook: Rulebook,
    root: Area,
    as_of: date,
    region: str,
    screening: Findings | None,
) -> list[Any]:
    if screening is None or ("household", "risk_category") not in rulebook.indicators or not root.warned:
        return []
    try:
        frame = engine.frame(facts, rulebook, "household", ["risk_category"], as_of=as_of, region=region)
    except MissingFact:  # the data lack a column that the category is worked out from
        return []
    counted = counter.categories(frame, root.warned)
    return counted if any(count.key for count in counted) else []


def _map(root: Area) -> BannerMap | None:
    """The map of the province that the report's region lies in; None where no boundaries are known."""
    if not root.code.startswith("15"):
        return None
    return draw(json.loads(banners_geojson()))


def _banner_shares(root: Area) -> dict[str, Area]:
    """The banners with data, by 12-digit code; a report on part of a banner stands for the banner it lies in."""
    banners: dict[str, Area] = {}
    waiting = [root]
    while waiting:
        area = waiting.pop()
        if area.digits >= 6:
            banners[area.code[:6].ljust(12, "0")] = area
        else:
            waiting.extend(area.children)
    return banners


def _full_name(root: Area, regions: Regions) -> str:
    return (
        " ".join(regions.name(root.code[:digits]) for digits in (2, 4, 6, 9) if digits <= len(root.code)) or root.name
    )


def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("khotail.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(count=lambda number: f"{number:,}", percent=_percent, step=_step)
    environment.globals.update(t=both, class_of=_class_of)
    return environment


def both(zh: Text | str, en: str | None = None) -> Markup:
    """Both languages side by side; the page shows the one that is switched on."""
    text = Text(zh, en if en is not None else zh) if isinstance(zh, str) else zh
    if text.zh == text.en:
        return Markup.escape(text.zh)
    return Markup('<span lang="zh-CN">{}</span><span lang="en">{}</span>').format(text.zh, text.en)


def _class_of(scale: Scale, share: float | None) -> str:
    index = scale.index(share)
    return "class-none" if index is None else f"class-{index}"


def _percent(share: float | None, digits: int = 1) -> str:
    return "—" if share is None else f"{share * 100:.{digits}f}%"


def _step(share: float) -> str:
    """The edge of a class: a round share without needless decimals."""
    return f"{share * 100:.4g}%"
