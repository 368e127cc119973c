"""What can go wrong with relocation, as sentences."""

from __future__ import annotations

from khotail.problems import Problem
from khotail.texts import Text


class NotFound(Problem):
    sentence = Text("没有这条记录，或不在您的范围内。", "There is no such record, or you may not see it.")
    status = 404


class SiteTwice(Problem):
    sentence = Text("该地已有名为“{name}”的安置区。", "There is a site “{name}” at this place already.")
    status = 409


class HouseholdUnknown(Problem):
    sentence = Text(
        "没有户编号“{number}”，或不在您的范围内、已不在册。",
        "There is no household “{number}”, you may not see it, or it is no longer on record.",
    )
    status = 404


class MovedAlready(Problem):
    sentence = Text(
        "该户已登记在安置区“{site}”，请先登记其搬离。",
        "The household is recorded at the site “{site}”. Record first that it left there.",
    )
    status = 409


class InBeforeHandedOver(Problem):
    sentence = Text(
        "入住日期 {moved_in} 早于交房日期 {handed_over}。",
        "The household moved in on {moved_in}, before the home was handed over on {handed_over}.",
    )


class LeftAlready(Problem):
    sentence = Text("该户已于 {on} 搬离，不能再改。", "The household left on {on}; this can no longer be changed.")
    status = 409
