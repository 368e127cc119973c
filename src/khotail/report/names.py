"""The names of causes, severities and categories, as a report's reader knows them."""

from __future__ import annotations

from khotail.facts.schema import HOUSEHOLD_TYPES, MONITORED_TYPES
from khotail.rulebook.model import CAUSES, SEVERITIES
from khotail.texts import Text

#: The order in which severities matter: what must be mended first comes first.
SEVERITY_ORDER: tuple[str, ...] = tuple(name for names in SEVERITIES.values() for name in names)

UNKNOWN_VILLAGE = Text("未注明行政村", "Village not stated")
NOT_MONITORED = Text("尚未纳入监测", "Not monitored yet")
NO_CATEGORY = Text("不在三类之内", "In none of the three")

#: Chinese for the units that parameters are given in; one that is not here is shown as it stands.
_UNITS = {
    "CNY": "元",
    "CNY per person per year": "元/人·年",
    "CNY per year": "元/年",
    "CNY per month": "元/月",
    "CNY in 12 months": "元/12个月",
    "CNY per mu": "元/亩",
    "10,000 CNY": "万元",
    "m²": "平方米",
    "CNY per school year": "元/学年",
    "%": "%",
    "full years": "周岁",
    "head": "头只",
    "litres per person and day": "升/人·日",
    "km": "公里",
    "minutes": "分钟",
    "months": "个月",
    "mu": "亩",
    "persons": "人",
    "households": "户",
    "sheep units": "羊单位",
    "times": "倍",
    "times the monitoring line": "倍（监测线）",
    "times the 12 months before": "倍（与上12个月相比）",
    "years": "年",
    "calendar days": "天",
    "working days": "个工作日",
    "issues in 12 months": "件/12个月",
    "score from 0 to 1": "分（0至1）",
    "high, medium or low": "（高、中、低）",
    "benefits": "项补助",
    "calls": "次电话",
    "count": "（个数）",
    "grade": "级",
    "jobs": "份工作",
    "kinds": "种",
    "leads": "条线索",
    "measures": "项措施",
    "pairs": "对",
    "petitions": "件信访",
    "phones": "部手机",
    "records": "条记录",
    "characters": "字",
    "share of gross income": "（占总收入）",
    "share of last year's income": "（占上年收入）",
    "share of last year's wages": "（占上年工资性收入）",
    "share of last year's net business income": "（占上年经营净收入）",
    "share of the household's net income": "（占家庭纯收入）",
    "share of rural per-capita disposable income": "（占农村居民人均可支配收入）",
    "share of the opening herd": "（占年初存栏）",
    "share of breeding females": "（占能繁母畜）",
    "share of cropland": "（占耕地）",
    "share of members": "（占家庭人口）",
    "share of the usual start": "（占常规起付线）",
    "share of those entitled": "（占应享受者）",
    "share of those present, to be exceeded": "（须超过到会人数的这一比例）",
}

_SEVERITY_NAMES = {key: name for names in SEVERITIES.values() for key, name in names.items()}
_CODED = {zh: Text(zh, en) for zh, en in (*MONITORED_TYPES, *HOUSEHOLD_TYPES)}


def cause_name(cause: str | None) -> Text:
    return _named(CAUSES.get(cause or ""), cause)


def severity_name(severity: str | None) -> Text:
    return _named(_SEVERITY_NAMES.get(severity or ""), severity)


def severity_rank(severity: str | None) -> int:
    return SEVERITY_ORDER.index(severity) if severity in SEVERITY_ORDER else len(SEVERITY_ORDER)


def category_name(value: str | None, empty: Text = NO_CATEGORY) -> Text:
    """The name of a coded value such as 边缘易致贫户; values that the schema does not know stand for themselves."""
    return empty if value is None else _named(_CODED.get(value), value)


def unit_name(unit: str) -> Text:
    """A parameter's unit; none for a date or a bare share, whose value says it."""
    return Text("", "") if unit in ("", "date", "share") else Text(_UNITS.get(unit, unit), unit.removeprefix("share "))


def _named(name: Text | None, value: str | None) -> Text:
    if name is None:
        return Text(value or "—", value or "—")
    return Text(name.zh, name.en[:1].upper() + name.en[1:])
