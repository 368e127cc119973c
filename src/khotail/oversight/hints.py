"""What a policy may collide with: the same programme twice, programmes that exclude each other, the same document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from khotail.accounts.models import Officer
from khotail.oversight.models import Policy
from khotail.rulebook.programmes import rivals
from khotail.screening.rulebook import current
from khotail.texts import Text

KINDS: dict[str, Text] = {
    "same_programme": Text("同一项目、时间重叠，可能重复", "the same programme at the same time: perhaps twice"),
    "excluded": Text("规则库规定两个项目不能同时享受", "the rulebook lets nobody have both programmes"),
    "same_number": Text("文号相同", "the same document number"),
    "outlives_parent": Text("上位政策先到期", "its parent ends before it"),
}


@dataclass(frozen=True)
class Hint:
    """Two policies and why somebody should look at them together."""

    policy: Policy
    other: Policy
    kind: str

    @property
    def text(self) -> Text:
        return KINDS[self.kind]


def hints(policies: Iterable[Policy]) -> list[Hint]:
    """Each pair once, in the order of the policies. Policies that never hold on the same day in the same place do not collide."""
    rows = list(policies)
    by_programme: dict[str, list[Policy]] = defaultdict(list)
    by_number: dict[str, list[Policy]] = defaultdict(list)
    for row in rows:
        if row.programme:
            by_programme[row.programme].append(row)
        if row.number:
            by_number[row.number].append(row)
    excluded = rivals(current().programmes)
    found: list[Hint] = []
    order = {row.pk: place for place, row in enumerate(rows)}
    ids = {row.pk: row for row in rows}
    for row in rows:
        later = [other for other in by_programme.get(row.programme, ()) if order[other.pk] > order[row.pk]]
        found += [Hint(row, other, "same_programme") for other in later if _collide(row, other)]
        for rival in excluded.get(row.programme, ()) if row.programme else ():
            later = [other for other in by_programme.get(rival, ()) if order[other.pk] > order[row.pk]]
            found += [Hint(row, other, "excluded") for other in later if _collide(row, other)]
        later = [other for other in by_number.get(row.number, ()) if order[other.pk] > order[row.pk]]
        found += [Hint(row, other, "same_number") for other in later if row.number]
        parent = ids.get(row.parent_id) if row.parent_id else None
        if parent and parent.ends_on and (row.ends_on or date.max) > parent.ends_on:
            found.append(Hint(row, parent, "outlives_parent"))
    return found


def hints_of(policy: Policy, officer: Officer) -> list[Hint]:
    """Those that concern one policy, among the policies that the officer may see."""
    near = Policy.objects.visible_to(officer).exclude(pk=policy.pk)
    wanted = {policy.programme, *rivals(current().programmes).get(policy.programme, ())} - {""}
    rows = near.filter(programme__in=wanted) if wanted else near.none()
    if policy.number:
        rows = rows | near.filter(number=policy.number)
    if policy.parent_id:
        rows = rows | near.filter(pk=policy.parent_id)
    return [
        hint if hint.policy.pk == policy.pk else Hint(policy, hint.policy, hint.kind)
        for hint in hints([policy, *rows.order_by("title", "id")])
        if policy.pk in (hint.policy.pk, hint.other.pk)
    ]


def _collide(one: Policy, other: Policy) -> bool:
    """A policy and the parent that it carries out belong together."""
    if other.parent_id == one.pk or one.parent_id == other.pk or one.starts_on is None or other.starts_on is None:
        return False
    in_time = one.starts_on <= (other.ends_on or date.max) and other.starts_on <= (one.ends_on or date.max)
    return in_time and (one.region_code.startswith(other.region_code) or other.region_code.startswith(one.region_code))
