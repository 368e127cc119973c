"""Scored reviews: signed by one person, confirmed or returned by another. None is ever changed or removed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.oversight.models import Policy, PolicyReview
from khotail.oversight.policies import held
from khotail.oversight.problems import NotFound, OwnReview, ReviewDecided, ReviewWaits, ScoreWrong
from khotail.oversight.words import choice, words
from khotail.rulebook.programmes import TRANSITIONS
from khotail.texts import Text
from khotail.trail.chain import record as record_event

#: What is marked from 0 to 5; 5 is always the good end.
MARKS: dict[str, tuple[Text, Text]] = {
    "effect": (Text("效果", "Effect"), Text("5 分：目标全部达到；0 分：看不到效果", "5: every aim reached; 0: no effect seen")),
    "cost": (Text("成本", "Cost"), Text("5 分：花钱少、成效大；0 分：投入大而成效小", "5: little money for much; 0: much money for little")),
    "fairness": (Text("公平", "Fairness"), Text("5 分：相似的户得到相似的帮扶；0 分：悬殊", "5: like households get like help; 0: far apart")),
    "cliff": (Text("悬崖效应", "Cliff effect"), Text("5 分：取消后无人跌落；0 分：取消即大批跌落", "5: nobody falls when it ends; 0: many fall at once")),
    "load": (Text("基层负担", "Load on the grassroots"), Text("5 分：不增加填表和检查；0 分：负担很重", "5: no forms or visits added; 0: a heavy load")),
}  # fmt: skip
_BEST = 5


@transaction.atomic
def sign_review(
    policy: Policy, marks: Mapping[str, int], notes: Mapping[str, str], advice: str, summary: str = "", *,
    by: Officer, now: datetime,
) -> PolicyReview:  # fmt: skip
    """Sign a review. Raises NotAllowed, NotFound, ReviewWaits, ScoreWrong, UnknownChoice, WordsTooLong."""
    policy = held(policy, by, May.REVIEW_POLICIES)
    waiting = policy.reviews.filter(state=PolicyReview.State.SIGNED).select_related("signed_by").first()
    if waiting:
        raise ReviewWaits(who=waiting.signed_by.full_name)
    values: dict[str, object] = {}
    for name, (label, _) in MARKS.items():
        mark = marks.get(name)
        if not isinstance(mark, int) or not 0 <= mark <= _BEST or not (notes.get(name) or "").strip():
            raise ScoreWrong
        values[name] = mark
        values[f"{name}_note"] = words(notes[name], label)
    review = PolicyReview.objects.create(
        policy=policy, region_code=policy.region_code, advice=choice(advice, TRANSITIONS, Text("类别", "class")),
        summary=words(summary, Text("总评", "summary"), required=False), signed_by=by, signed_at=now, **values,
    )  # fmt: skip
    record_event(by, "policy.reviewed", policy, at=now, review=review.pk, total=review.total, advice=advice)
    return review


@transaction.atomic
def decide_review(
    review: PolicyReview, is_confirmed: bool, reason: str = "", *, by: Officer, now: datetime
) -> PolicyReview:
    """Confirm a review, or return it with a reason. Raises NotAllowed, NotFound, OwnReview, ReviewDecided, WordsMissing."""
    policy = held(review.policy, by, May.REVIEW_POLICIES)
    found = PolicyReview.objects.select_related("decided_by").filter(pk=review.pk, policy=policy).first()
    if found is None:
        raise NotFound
    if found.state != PolicyReview.State.SIGNED:
        raise ReviewDecided(who=found.decided_by.full_name if found.decided_by else "—")
    if found.signed_by_id == by.pk:
        raise OwnReview
    found.state = PolicyReview.State.CONFIRMED if is_confirmed else PolicyReview.State.RETURNED
    found.reason = words(reason, Text("退回理由", "reason"), required=not is_confirmed)
    found.decided_by, found.decided_at = by, now
    found.save()
    verb = "policy.review_confirmed" if is_confirmed else "policy.review_returned"
    record_event(by, verb, policy, at=now, review=found.pk, reason=found.reason)
    return found
