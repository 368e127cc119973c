"""Who helps from outside: pairings of places and units, social helpers and their pledges, published needs, sales.

Money is in yuan. A figure that nobody stated is NULL and counted nowhere.
"""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from khotail.accounts.scope import HouseholdScoped
from khotail.register.models import Document, Household
from khotail.register.sealed import SealedField
from khotail.trail.scope import RegionScoped


class Figures(models.Model):
    """What is promised or done in a calendar year."""

    money_cny = models.DecimalField(_("money (CNY)"), max_digits=16, decimal_places=2, null=True, blank=True)
    people_sent = models.PositiveIntegerField(_("people sent"), null=True, blank=True)
    jobs = models.PositiveIntegerField(_("jobs"), null=True, blank=True)
    sales_cny = models.DecimalField(_("sales (CNY)"), max_digits=16, decimal_places=2, null=True, blank=True)
    villages = models.PositiveIntegerField(_("villages built together"), null=True, blank=True)

    class Meta:
        abstract = True


FIGURES = ("money_cny", "people_sent", "jobs", "sales_cny", "villages")


class Pairing(models.Model):
    """A unit elsewhere that supports a place here. `region_code` is the place that is supported.

    team_left_on  the day on which its village team withdrew; the pairing, and with it whom to turn to, remains
    successor     the pairing that took its place: the map from old to new
    """

    class Kind(models.TextChoices):
        EAST_WEST = "east_west", _("East and West")
        BEIJING = "beijing", _("Beijing and Inner Mongolia")
        FIXED_POINT = "fixed_point", _("Fixed-point unit")
        CONTACT = "contact", _("Contact unit of a village")

    region_code = models.CharField(max_length=12)
    kind = models.CharField(max_length=12, choices=Kind)
    supporting = models.CharField(_("supporting unit"), max_length=120)
    supported = models.CharField(_("supported unit"), max_length=120)
    phone = models.CharField(_("phone of the office"), max_length=40, blank=True)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    reason = models.TextField(blank=True)  # why it ended
    successor = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="predecessors")
    team_left_on = models.DateField(null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = RegionScoped.as_manager()

    class Meta:
        ordering = ("region_code", "kind", "supporting", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("region_code", "kind", "supporting"),
                condition=models.Q(until=None),
                name="one_running_pairing_of_a_unit",
            ),
        )
        indexes = (models.Index(fields=("kind", "region_code"), name="pairing_of_kind"),)

    def __str__(self) -> str:
        return f"{self.supporting} → {self.supported}"

    def runs_on(self, day: object) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)  # type: ignore[operator]


class Agreement(models.Model):
    """What was signed between the two, with what it promises for each year."""

    pairing = models.ForeignKey(Pairing, on_delete=models.PROTECT, related_name="agreements")
    region_code = models.CharField(max_length=12)
    title = models.CharField(max_length=160)
    signed_on = models.DateField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    document = models.ForeignKey(Document, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = RegionScoped.as_manager()

    class Meta:
        ordering = ("-starts_on", "-id")
        constraints = (
            models.UniqueConstraint(fields=("pairing", "title", "signed_on"), name="one_agreement_of_a_title"),
        )
        indexes = (models.Index(fields=("region_code", "ends_on"), name="agreement_that_ends"),)


class Promised(Figures):
    """What an agreement promises for one calendar year."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="promises")
    year = models.PositiveIntegerField()

    class Meta:
        ordering = ("-year",)
        constraints = (models.UniqueConstraint(fields=("agreement", "year"), name="one_promise_of_a_year"),)


class Delivered(Figures):
    """What a pairing did in one calendar year."""

    pairing = models.ForeignKey(Pairing, on_delete=models.PROTECT, related_name="years")
    region_code = models.CharField(max_length=12)
    year = models.PositiveIntegerField()
    note = models.TextField(blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = RegionScoped.as_manager()

    class Meta:
        ordering = ("-year",)
        constraints = (models.UniqueConstraint(fields=("pairing", "year"), name="one_record_of_a_year"),)
        indexes = (models.Index(fields=("region_code", "year"), name="delivered_in_year"),)


class Contact(models.Model):
    """One time that the supporting unit and the place spoke: who keeps in touch is seen here, team or no team."""

    class Way(models.TextChoices):
        VISIT = "visit", _("Visit")
        PHONE = "phone", _("By phone")
        MEETING = "meeting", _("Meeting")

    pairing = models.ForeignKey(Pairing, on_delete=models.PROTECT, related_name="contacts")
    region_code = models.CharField(max_length=12)
    on = models.DateField()
    way = models.CharField(max_length=8, choices=Way)
    words = models.TextField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = RegionScoped.as_manager()

    class Meta:
        ordering = ("-on", "-id")


class SocialHelper(models.Model):
    """A firm, group or person who helps of their own will. `region_code` is the place that keeps in touch with them."""

    class Kind(models.TextChoices):
        FIRM = "firm", _("Firm")
        GROUP = "group", _("Group")
        PERSON = "person", _("Person")

    region_code = models.CharField(max_length=12)
    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(_("name"), max_length=120)
    seat = models.CharField(max_length=120, blank=True)  # where they come from
    contact = SealedField(blank=True)
    phone = SealedField(blank=True)
    note = models.TextField(blank=True)
    since = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = RegionScoped.as_manager()

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("region_code", "kind", "name"), condition=models.Q(ended_on=None), name="one_helper_of_a_name"
            ),
        )

    def __str__(self) -> str:
        return self.name


class HelpKind(models.TextChoices):
    MONEY = "money", _("Money")
    GOODS = "goods", _("Goods")
    JOBS = "jobs", _("Jobs")
    PURCHASES = "purchases", _("Purchases")
    VOLUNTEERS = "volunteers", _("Volunteers")


class Need(models.Model):
    """Something that is needed somewhere. In public it shows `title`, kind, quantity and the township alone.

    title    for everybody: names nobody and no number
    words    for those inside: may say whom it is about
    unit     what `quantity` counts; follows from the kind except for goods
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Not published")
        PUBLISHED = "published", _("Published")
        FILLED = "filled", _("Filled")
        WITHDRAWN = "withdrawn", _("Taken down")

    number = models.CharField(max_length=24, unique=True)
    region_code = models.CharField(max_length=12)
    household = models.ForeignKey(Household, null=True, blank=True, on_delete=models.PROTECT, related_name="needs")
    kind = models.CharField(max_length=12, choices=HelpKind)
    title = models.CharField(max_length=120)
    words = models.TextField(blank=True)
    quantity = models.DecimalField(max_digits=14, decimal_places=2)
    unit = models.CharField(max_length=20)
    needed_by = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)  # why it was taken down

    objects = HouseholdScoped.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("state", "region_code", "-id"), name="need_of_place"),
            models.Index(fields=("household",), name="need_of_household", condition=models.Q(household__isnull=False)),
        )

    def __str__(self) -> str:
        return self.title


class Pledge(models.Model):
    """What a helper promised. `region_code` is the place that it is meant for, as wide as the helper said.

    offered_name, offered_phone  of somebody of the public who has not been taken in as a helper yet
    part_of                      the pledge of which this is what another need gets; the receipt shows both
    result                       what became of it, told to the helper: names nobody
    """

    class State(models.TextChoices):
        OFFERED = "offered", _("Offered on the public page")
        PROMISED = "promised", _("Promised")
        PARTLY = "partly", _("Partly delivered")
        DELIVERED = "delivered", _("Delivered")
        TOLD = "told", _("Result told")
        DECLINED = "declined", _("Not taken up")
        CANCELLED = "cancelled", _("Fell through")

    WAITING = (State.PROMISED, State.PARTLY)
    OVER = (State.DECLINED, State.CANCELLED)

    number = models.CharField(max_length=24, unique=True)
    region_code = models.CharField(max_length=12)
    helper = models.ForeignKey(SocialHelper, null=True, blank=True, on_delete=models.PROTECT, related_name="pledges")
    offered_name = SealedField(blank=True)
    offered_phone = SealedField(blank=True)
    kind = models.CharField(max_length=12, choices=HelpKind)
    title = models.CharField(max_length=120)
    quantity = models.DecimalField(max_digits=14, decimal_places=2)
    unit = models.CharField(max_length=20)
    due_on = models.DateField(null=True, blank=True)
    need = models.ForeignKey(Need, null=True, blank=True, on_delete=models.PROTECT, related_name="pledges")
    part_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="parts")
    state = models.CharField(max_length=10, choices=State, default=State.PROMISED)
    pledged_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)  # why it was declined or fell through; whoever holds the receipt reads it
    result = models.TextField(blank=True)
    result_at = models.DateTimeField(null=True, blank=True)
    reminded_on = models.DateField(null=True, blank=True)
    key = models.CharField(max_length=64, null=True, blank=True, unique=True)  # the form's own: sent twice, taken once

    objects = RegionScoped.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("region_code", "state", "due_on"), name="pledge_of_place"),
            models.Index(fields=("state", "due_on"), name="pledge_overdue"),
        )

    def __str__(self) -> str:
        return self.title


class Delivery(models.Model):
    """Something of a pledge that has arrived. Rows are only added."""

    pledge = models.ForeignKey(Pledge, on_delete=models.PROTECT, related_name="deliveries")
    region_code = models.CharField(max_length=12)
    on = models.DateField()
    quantity = models.DecimalField(max_digits=14, decimal_places=2)
    value_cny = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    note = models.TextField(blank=True)
    document = models.ForeignKey(Document, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ("on", "id")


class Product(models.Model):
    """Something that is made here and sold elsewhere."""

    region_code = models.CharField(max_length=12)
    name = models.CharField(max_length=80)
    producer = models.CharField(max_length=120, blank=True)  # cooperative, firm or project that makes it
    unit = models.CharField(max_length=20)
    recorded_at = models.DateTimeField()

    objects = RegionScoped.as_manager()

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint(fields=("region_code", "name", "producer"), name="one_product_of_a_name"),
        )

    def __str__(self) -> str:
        return self.name


class Sale(models.Model):
    """One order. `income_cny` is what households earned by it, named or not; a wrong order is cancelled, never changed.

    project  name of the project that it belongs to, if any
    """

    class Channel(models.TextChoices):
        PLATFORM = "platform", _("Platform on the net")
        LIVE = "live", _("Live sale")
        FAIR = "fair", _("Fair")
        CANTEEN = "canteen", _("Canteen or trade union")
        FIRM = "firm", _("Firm or market")
        PAIRING = "pairing", _("Through a pairing")
        OTHER = "other", _("Other")

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="sales")
    region_code = models.CharField(max_length=12)
    on = models.DateField()
    quantity = models.DecimalField(max_digits=14, decimal_places=2)
    amount_cny = models.DecimalField(max_digits=16, decimal_places=2)
    channel = models.CharField(max_length=10, choices=Channel)
    buyer = models.CharField(max_length=120, blank=True)
    project = models.CharField(max_length=120, blank=True)
    pairing = models.ForeignKey(Pairing, null=True, blank=True, on_delete=models.PROTECT, related_name="sales")
    income_cny = models.DecimalField(max_digits=16, decimal_places=2, default=Decimal(0))
    households = models.PositiveIntegerField(default=0)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)
    key = models.CharField(max_length=64, null=True, blank=True, unique=True)  # the form's own: sent twice, taken once

    objects = RegionScoped.as_manager()

    class Meta:
        ordering = ("-on", "-id")
        indexes = (models.Index(fields=("region_code", "-on"), name="sale_of_place"),)


class SaleShare(models.Model):
    """What one household earned by an order."""

    sale = models.ForeignKey(Sale, on_delete=models.PROTECT, related_name="shares")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="sale_shares")
    region_code = models.CharField(max_length=12)
    income_cny = models.DecimalField(max_digits=14, decimal_places=2)
    recorded_at = models.DateTimeField()

    objects = HouseholdScoped.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("sale", "household"), name="one_share_of_a_household"),)
