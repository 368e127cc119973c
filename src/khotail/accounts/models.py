from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from khotail.accounts.roles import MAY, May, Role
from khotail.trail.scope import RegionScoped

#: Digits of a region code at each level.
LEVEL_DIGITS = {"province": 2, "league": 4, "banner": 6, "township": 9, "village": 12}
LEVEL_OF_DIGITS = {digits: level for level, digits in LEVEL_DIGITS.items()}


class OfficerManager(BaseUserManager.from_queryset(RegionScoped)):
    def create_user(self, username: str, password: str | None = None, **fields: object) -> Officer:
        officer = self.model(username=username, **fields)
        officer.set_password(password)
        officer.save()
        return officer


class Officer(AbstractBaseUser):
    """Somebody who works with the system, for one region: a code prefix of 2, 4, 6, 9 or 12 digits."""

    username = models.CharField(_("sign-in name"), max_length=60, unique=True, validators=[UnicodeUsernameValidator()])
    full_name = models.CharField(_("name"), max_length=60)
    role = models.CharField(_("role"), max_length=20, choices=Role)
    region_code = models.CharField(_("region"), max_length=12, db_index=True)
    department = models.CharField(_("department"), max_length=40, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    is_active = models.BooleanField(_("may sign in"), default=True)
    must_change_password = models.BooleanField(default=False)
    by_email = models.BooleanField(_("notify by e-mail"), default=False)
    by_sms = models.BooleanField(_("notify by SMS"), default=False)
    sessions_ended = models.PositiveIntegerField(default=0)  # how often; a session belongs to one number
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar = []
    is_staff = is_superuser = False  # there is no admin site: everything goes through actions

    objects = OfficerManager()

    class Meta:
        ordering = ("region_code", "role", "full_name")

    def __str__(self) -> str:
        return self.full_name

    def get_full_name(self) -> str:
        return self.full_name

    def get_session_auth_hash(self) -> str:
        return f"{super().get_session_auth_hash()}:{self.sessions_ended}"

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        for known in super().get_session_auth_fallback_hash():
            yield f"{known}:{self.sessions_ended}"

    def may(self, thing: May) -> bool:
        return self.is_active and thing in MAY[self.role]

    @property
    def level(self) -> str:
        """The level of the officer's region: province, league, banner, township or village."""
        return LEVEL_OF_DIGITS[len(self.region_code)]


class Notification(models.Model):
    """A sentence for one officer, with the page that it is about. Shown in the application, and sent by e-mail or SMS."""

    officer = models.ForeignKey(Officer, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=40)
    values = models.JSONField(default=dict)  # what the sentence of this kind names; no personal data
    path = models.CharField(max_length=200)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)  # by e-mail or SMS, alone or in a digest

    class Meta:
        ordering = ("-at", "-id")
        indexes = (
            models.Index(fields=("officer", "read_at", "-at"), name="notification_of_officer"),
            models.Index(fields=("at",), name="notification_to_send", condition=models.Q(sent_at__isnull=True)),
        )


class Token(models.Model):
    """A key for programs that acts as one officer, with that officer's region and rights. Only its digest is kept."""

    officer = models.ForeignKey(Officer, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)

    @property
    def region_code(self) -> str:
        """Where events about it belong."""
        return self.officer.region_code


class Device(models.Model):
    """A browser in which an officer is signed in; gone when its session is."""

    officer = models.ForeignKey(Officer, on_delete=models.CASCADE, related_name="devices")
    session_key = models.CharField(max_length=40, unique=True)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    agent = models.CharField(max_length=300, blank=True)  # what the browser calls itself
    address = models.CharField(max_length=45, blank=True)

    class Meta:
        ordering = ("-seen_at",)
        verbose_name = _("session")


class SavedFilter(models.Model):
    """A name that an officer gave to what a list page was filtered by."""

    officer = models.ForeignKey(Officer, on_delete=models.CASCADE, related_name="saved_filters")
    page = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("officer", "page", "name"), name="one_filter_of_a_name"),)
