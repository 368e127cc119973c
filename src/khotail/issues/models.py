"""The issue loop: raised, routed, taken up, resolved with proof, confirmed or reopened. Nothing raised disappears."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from khotail.accounts.models import LEVEL_DIGITS, Officer
from khotail.accounts.roles import Role
from khotail.casework.models import Lead
from khotail.register.models import Document, Household
from khotail.register.sealed import SealedField
from khotail.residents.models import Resident
from khotail.trail.scope import RegionScoped, Seer


class TownshipOf(models.Func):
    """The township's digits of a region code, written out so that SQLite recognises its index."""

    template = f"SUBSTR(%(expressions)s, 1, {LEVEL_DIGITS['township']})"
    output_field = models.CharField()


class Body(models.Model):
    """An office that answers for a field of matters in a region: the banner's water bureau, a township's civil affairs.

    field  department word as routes name it (`khotail.rulebook.routes.FIELDS`); "government" is the level's general office
    """

    region_code = models.CharField(max_length=12)
    field = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=80)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    people = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="bodies")
    ended_on = models.DateField(null=True, blank=True)
    successor = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="predecessors")

    objects = RegionScoped.as_manager()

    class Meta:
        ordering = ("region_code", "name")
        indexes = (models.Index(fields=("field", "region_code"), name="body_of_field"),)

    def __str__(self) -> str:
        return self.name


class Matter(models.Model):
    """An issue that keeps coming back in a village, to be talked over there instead of mended once more."""

    class State(models.TextChoices):
        OPEN = "open", _("To be talked over")
        SETTLED = "settled", _("Settled")

    region_code = models.CharField(max_length=12)
    route = models.CharField(max_length=60)
    title = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField()
    outcome = models.TextField(blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = RegionScoped.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("region_code", "route"), condition=models.Q(state="open"), name="one_open_matter_of_a_kind"
            ),
        )


class IssueQuery(RegionScoped):
    def visible_to(self, seer: Seer) -> Self:
        """Issues of the officer's region; of quiet ones, those that lie at the officer's level or below it.

        Whoever a complaint is about sits in the village: what is quiet is read from where it is handled upwards, by its
        body, and by whoever wrote it down. A department reads what was sent to it, a helper what they wrote down, the
        supervision committee nothing quiet.
        """
        rows = super().visible_to(seer)
        if not isinstance(seer, Officer):
            return rows
        own = models.Q(body__in=Body.objects.filter(people=seer)) | models.Q(raised_by=seer)
        if seer.role in (Role.DEPARTMENT_OFFICER, Role.HELPER):
            return rows.filter(own)
        if seer.role == Role.SUPERVISOR:
            return rows.filter(quiet=False)
        digits = LEVEL_DIGITS[seer.level]
        below = [level for level, many in LEVEL_DIGITS.items() if many >= digits]
        if digits < LEVEL_DIGITS["village"]:
            below.append("")  # not sorted yet
        return rows.filter(models.Q(quiet=False) | models.Q(level__in=below) | own)

    def shown_in_public(self) -> Self:
        """What the public may read: sorted, and of a class that is not quiet."""
        return self.filter(quiet=False).exclude(state__in=("sorting", "merged"))


class Issue(models.Model):
    """What somebody raised, where, and how far it has come. `region_code` is the place's, as exactly as it is known.

    number        shown in public, drawn at random so that it tells nothing about how many there are
    route         class of the rulebook's `routes`; empty until a person or a sure suggestion chose
    suggested     first classes with their confidence, as they were when it was raised
    public_words  what the public board shows once somebody has read it; empty: nothing but class, place and state
    quiet         never shown in public, not even counted: illness, schooling, housing and whatever else raises a lead
    """

    class State(models.TextChoices):
        SORTING = "sorting", _("To be sorted")
        SENT = "sent", _("Sent to the body")
        ACCEPTED = "accepted", _("Being worked on")
        PAUSED = "paused", _("Clock stopped")
        RESOLVED = "resolved", _("Said to be resolved")
        CONFIRMED = "confirmed", _("Confirmed")
        NOT_RESOLVED = "not_resolved", _("Closed without being resolved")
        MERGED = "merged", _("Joined to another")

    #: What a program may tell of whoever raised it, besides name and phone (GeoReport v2).
    CONTACT = ("email", "first_name", "last_name", "account_id", "device_id")

    CLOSED = (State.CONFIRMED, State.NOT_RESOLVED, State.MERGED)

    class Channel(models.TextChoices):
        PORTAL = "portal", _("Portal")
        CADRE = "cadre", _("Told to a cadre")
        PHONE = "phone", _("By phone")
        PAPER = "paper", _("On paper")
        VISIT = "visit", _("Visit form")
        OPEN311 = "open311", _("Open311")

    number = models.CharField(max_length=24, unique=True)
    region_code = models.CharField(max_length=12)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)  # WGS 84
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    place_words = models.CharField(max_length=200, blank=True)
    words = models.TextField()
    public_words = models.TextField(blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    route = models.CharField(max_length=60, blank=True)
    route_chosen_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    suggested = models.JSONField(default=list)
    attributes = models.JSONField(default=dict)  # answers to the questions of its class
    quiet = models.BooleanField(default=False)
    state = models.CharField(max_length=14, choices=State, default=State.SORTING)
    level = models.CharField(max_length=10, blank=True)  # that it lies at now: village, township, banner …
    body = models.ForeignKey(Body, null=True, blank=True, on_delete=models.PROTECT, related_name="issues")
    escalated_to = models.CharField(max_length=10, blank=True)  # level that watches it since it is overdue
    channel = models.CharField(max_length=8, choices=Channel)
    resident = models.ForeignKey(Resident, null=True, blank=True, on_delete=models.PROTECT, related_name="issues")
    household = models.ForeignKey(Household, null=True, blank=True, on_delete=models.PROTECT, related_name="issues")
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    raiser_name = SealedField(blank=True)
    raiser_phone = SealedField(blank=True)
    phone_digest = models.CharField(max_length=32, blank=True)
    raiser_more = SealedField(blank=True)  # JSON of CONTACT; the address is shown as the phone is
    raised_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    due_on = models.DateField(null=True, blank=True)  # of what it waits for: taking up, or resolving
    paused_on = models.DateField(null=True, blank=True)
    paused_days = models.PositiveIntegerField(default=0)  # working days that the clock stood
    extended_days = models.PositiveIntegerField(default=0)
    accepted_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    reopened = models.PositiveIntegerField(default=0)
    satisfied = models.PositiveSmallIntegerField(null=True, blank=True)  # 1 … 5, by whoever raised it
    duplicate_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="duplicates")
    lead = models.ForeignKey(Lead, null=True, blank=True, on_delete=models.PROTECT, related_name="issues")
    matter = models.ForeignKey(Matter, null=True, blank=True, on_delete=models.PROTECT, related_name="issues")
    key = models.CharField(
        max_length=64, null=True, blank=True, unique=True
    )  # the sender's own: sent twice, taken once

    objects = IssueQuery.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("region_code", "state", "due_on", "id"), name="issue_queue"),
            models.Index(fields=("body", "state", "due_on", "id"), name="issue_of_body"),
            # The public board: by place or class, the newest first; whoever looks for a state skips within the index.
            models.Index(
                fields=("region_code", "-id", "state", "due_on"), condition=models.Q(quiet=False), name="issue_board"
            ),
            models.Index(
                TownshipOf("region_code"),
                models.F("id").desc(),
                "state",
                "due_on",
                condition=models.Q(quiet=False),
                name="issue_board_township",
            ),
            models.Index(fields=("route", "-id", "state"), condition=models.Q(quiet=False), name="issue_board_class"),
            models.Index(fields=("-id", "state", "due_on"), condition=models.Q(quiet=False), name="issue_newest"),
            models.Index(fields=("region_code", "route", "-id"), name="issue_alike"),
            models.Index(fields=("phone_digest", "-id"), name="issue_of_phone"),
            models.Index(fields=("raised_at",), name="issue_by_time"),
        )


class Move(models.Model):
    """One thing that happened to an issue. Rows are only added; `words` is for those inside, `public_words` for all."""

    class Kind(models.TextChoices):
        RAISED = "raised", _("Raised")
        SORTED = "sorted", _("Sorted")
        SENT = "sent", _("Sent")
        ACCEPTED = "accepted", _("Taken up")
        TRANSFERRED = "transferred", _("Passed on")
        RETURNED = "returned", _("Sent back")
        PAUSED = "paused", _("Clock stopped")
        RESUMED = "resumed", _("Clock runs again")
        EXTENDED = "extended", _("Time extended")
        RESOLVED = "resolved", _("Said to be resolved")
        CONFIRMED = "confirmed", _("Confirmed by whoever raised it")
        REOPENED = "reopened", _("Reopened")
        ESCALATED = "escalated", _("Passed up, since it is overdue")
        CLOSED = "closed", _("Closed without being resolved")
        MERGED = "merged", _("Joined to another")
        SAID = "said", _("Message")
        PUBLISHED = "published", _("Shown in public")
        CHECKED = "checked", _("Checked by the supervision committee")

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="moves")
    kind = models.CharField(max_length=12, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    by_raiser = models.BooleanField(default=False)
    from_body = models.ForeignKey(Body, null=True, on_delete=models.PROTECT, related_name="+")
    to_body = models.ForeignKey(Body, null=True, on_delete=models.PROTECT, related_name="+")
    words = models.TextField(blank=True)
    public_words = models.TextField(blank=True)
    due_on = models.DateField(null=True, blank=True)  # the deadline that it set

    class Meta:
        ordering = ("id",)


class Photo(models.Model):
    """A picture, voice note or paper with an issue. Shown in public only when somebody has looked at it and said so."""

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="photos")
    move = models.ForeignKey(Move, null=True, blank=True, on_delete=models.PROTECT, related_name="photos")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    public = models.BooleanField(default=False)


class Check(models.Model):
    """One closing drawn for the supervision committee to look at."""

    class Result(models.TextChoices):
        HOLDS = "holds", _("Resolved indeed")
        DOES_NOT_HOLD = "does_not_hold", _("Not resolved")

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="checks")
    region_code = models.CharField(max_length=12)
    drawn_on = models.DateField()
    due_on = models.DateField()
    result = models.CharField(max_length=14, choices=Result, blank=True)
    words = models.TextField(blank=True)
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)

    objects = RegionScoped.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("issue", "drawn_on"), name="one_check_of_a_closing_a_day"),)
