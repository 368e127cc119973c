"""What a check of an effect found, in plain words: the finding, what was compared, what was left out, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from khotail.assistance.models import EffectStudy
from khotail.desk.charts import Chart, Series
from khotail.desk.templatetags.khotail import money


@dataclass(frozen=True)
class Words:
    """The finding; what was compared; what was left out; why it is to be taken with care."""

    finding: str
    sure: bool
    compared: list[str]
    guarantees: list[str]
    left_out: list[str]
    care: list[str]


def words_of(study: EffectStudy) -> Words:
    found = study.result
    return Words(
        finding=_finding(found),
        sure=found.get("verdict") in ("more", "less"),
        compared=_compared(found),
        guarantees=_guarantees(found.get("guarantees")),
        left_out=_left_out(found),
        care=_care(found, bool(study.measure_id)),
    )


def _signed(amount: float) -> str:
    return f"+{money(amount)}" if amount > 0 else money(amount).replace("-", "−")


def _whole(amount: float) -> int:
    return round(amount)


def _finding(found: dict[str, Any]) -> str:
    verdict = found.get("verdict")
    if verdict == "too_early":
        return _("Too early to say: the first whole income year with this help is not over yet.")
    if verdict == "too_few" or ("effect" not in found and verdict != "one"):
        words = ngettext(
            "Too few to say: %(number)d household with the help found comparable ones; at least %(least)d are needed.",
            "Too few to say: %(number)d households with the help found comparable ones; at least %(least)d are needed.",
            found.get("matched", 0),
        )
        return words % {"number": found.get("matched", 0), "least": found.get("least", 0)}
    values = {"own": _signed(_whole(found["change"])), "beside": _signed(_whole(found["compared_change"]))}
    if verdict == "one":
        values |= {"lowest": _signed(_whole(found["lowest"])), "highest": _signed(_whole(found["highest"]))}
        return (
            _(
                "Income per person changed by %(own)s; among the households compared by %(beside)s on average, "
                "from %(lowest)s to %(highest)s. One household alone says nothing about whether the help works."
            )
            % values
        )
    effect = found["effect"]
    values |= {
        "effect": _signed(_whole(effect["value"])), "low": _signed(_whole(effect["low"])),
        "high": _signed(_whole(effect["high"])),
    }  # fmt: skip
    first = (
        _(
            "Income per person changed by %(own)s with the help and by %(beside)s without it: a difference of %(effect)s, between %(low)s and %(high)s at 95 %%."
        )
        % values
    )
    if verdict == "more":
        return first + " " + _("Households with the help fared better than comparable ones without it.")
    if verdict == "less":
        return first + " " + _("Households with the help fared worse than comparable ones without it.")
    return first + " " + _("No difference can be told apart from chance.")


def _compared(found: dict[str, Any]) -> list[str]:
    if "compared" not in found:
        return []
    shown = [
        _("%(helped)d households with the help beside %(compared)d households that had no measure of this category until the year after was over; each beside its nearest five at most.")
        % {"helped": found["matched"], "compared": found["compared"]},
        _("Alike in township, kind of household, whether monitored before, and years; nearest by income per person before, members, and members able to work."),
        _("Before: the last income year that was complete when the help began. After: the first that began with it or later."),
    ]  # fmt: skip
    if found.get("widened"):
        shown.append(
            _("For %(number)d households the township had too few; they were compared within the banner.")
            % {"number": found["widened"]}
        )
    return shown


def _guarantees(found: dict[str, Any] | None) -> list[str]:
    """Shares in which some guarantee (housing, schooling, medical insurance, water …) was lacking."""
    if not found:
        return []
    shown = []
    for side, words in (
        ("helped", _("With the help: some guarantee was lacking in %(before)d %% of households before and in %(after)d %% after (known of %(known)d, looked at again since in %(again)d).")),
        ("compared", _("Without it: in %(before)d %% before and in %(after)d %% after (known of %(known)d, looked at again since in %(again)d).")),
    ):  # fmt: skip
        one = found[side]
        if one["known"]:
            shown.append(words % {
                "before": round(100 * one["before"]), "after": round(100 * one["after"]), "known": one["known"],
                "again": one["again"],
            })  # fmt: skip
    if not shown:
        shown.append(_("Of the guarantees nothing is known on both days."))
    if found["sampled"]:
        shown.append(_("Guarantees were read for %(pairs)d households drawn at random.") % {"pairs": found["pairs"]})
    return shown


def _left_out(found: dict[str, Any]) -> list[str]:
    reasons = (
        ("too_early", _("%(number)d whose first whole income year with the help is not over yet")),
        ("without_income", _("%(number)d whose income before or after is not known")),
        ("without_comparable", _("%(number)d for which there is no comparable household")),
    )
    return [words % {"number": found[name]} for name, words in reasons if found.get(name)]


def _care(found: dict[str, Any], is_one: bool) -> list[str]:
    shown = [
        _("This is a comparison and no proof: who gets help differs from who does not in ways that no register knows.")
    ]
    earlier = found.get("earlier")
    if earlier:
        values = {
            "value": _signed(_whole(earlier["value"])), "low": _signed(_whole(earlier["low"])),
            "high": _signed(_whole(earlier["high"])),
        }  # fmt: skip
        if earlier["low"] > 0 or earlier["high"] < 0:
            shown.append(
                _("The two groups moved apart by %(value)s (%(low)s to %(high)s) already in the year before the help: part of the difference was there without it.") % values
            )  # fmt: skip
        else:
            shown.append(
                _("In the year before the help the two groups moved alike (%(value)s, %(low)s to %(high)s), as they should.") % values
            )  # fmt: skip
    elif "effect" in found:
        shown.append(
            _(
                "Whether the two groups moved alike before the help cannot be told: too few incomes of the year before are known."
            )
        )
    other = found.get("other_help")
    if other:
        shown.append(
            _("Other measures began in the same time in %(helped)d %% of the households with the help and in %(compared)d %% of those without it: they are part of the difference.")
            % {name: round(100 * share) for name, share in other.items()}
        )  # fmt: skip
    if "effect" in found:
        shown.append(_("The interval takes the households compared as given; the true uncertainty is somewhat larger."))
    if not is_one and found.get("compared"):
        shown.append(_("Members and their ability to work are as the register has them now."))
    return shown


_OFFSETS = {
    -1: lambda: _("Two years before"), 0: lambda: _("Before the help"), 1: lambda: _("Year it began"),
    2: lambda: _("First whole year"), 3: lambda: _("Second whole year"),
}  # fmt: skip


def chart_of(study: EffectStudy) -> Chart | None:
    """Mean income per person by year, with and without the help."""
    years = study.result.get("years")
    if not years:
        return None
    return Chart(
        id="effect",
        kind="line",
        title=_("Income per person, mean"),
        labels_title=_("Income year"),
        labels=[str(_OFFSETS[year["offset"]]()) for year in years],
        series=(
            Series(_("With the help"), [year["helped"] for year in years]),
            Series(_("Comparable, without it"), [year["compared"] for year in years]),
        ),
        unit=_("CNY per person"),
    )
