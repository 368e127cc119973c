"""Forms: those of the rulebook, and those that an office sends itself."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May
from khotail.rulebook.forms import VisitForm
from khotail.screening.rulebook import current
from khotail.trail.chain import record as record_event
from khotail.trail.scope import in_region
from khotail.visits.converting import Converted, converted
from khotail.visits.models import Form
from khotail.visits.problems import NotFound, SameVersion


@transaction.atomic
def publish_rulebook_forms(now: datetime) -> list[Form]:
    """Make every form of the rulebook in force available; what is there already is left. Returns the new ones."""
    today, made = timezone.localdate(now), []
    for declared in current().forms.values():
        if declared.since > today or (declared.until and declared.until < today):
            continue
        content = declared.file.read_bytes()
        digest = _digest(content, declared)
        if Form.objects.filter(form_id=declared.id, digest=digest).exists():
            continue
        found = converted(content, declared.file.suffix)
        version = found.version or digest[:8]
        if Form.objects.filter(form_id=declared.id, version=version).exists():
            version = f"{version[:30]}-{digest[:8]}"  # the rulebook changed it and left its version
        made.append(
            Form.objects.create(
                form_id=declared.id, version=version, title_zh=declared.name.zh, title_en=declared.name.en,
                purpose=declared.purpose, region_code=declared.region, from_rulebook=True,
                xform=_versioned(found, version), takes=_takes_of(declared, found), digest=digest, published_at=now,
                added_at=now,
            )
        )  # fmt: skip
        record_event(None, "form.published", made[-1], at=now, form=declared.id, version=version)
    return made


@transaction.atomic
def upload(content: bytes, name: str, *, title: str = "", by: Officer, now: datetime) -> tuple[Form, list[str]]:
    """Take an office's own XLSForm, for its region; returns the form and the converter's advice.

    Raises NotAllowed, SameVersion, and what `converted` raises.
    """
    if not by.may(May.UPLOAD_FORMS):
        raise NotAllowed
    found = converted(content, ".xlsx" if not name.lower().endswith(".md") else ".md")
    digest = hashlib.sha256(content).hexdigest()
    same = Form.objects.filter(form_id=found.form_id[:64], version=found.version[:40]).first()
    if same and same.digest == digest:
        return same, found.warnings
    if same:
        raise SameVersion(form=found.form_id, version=found.version or "—")
    form = Form.objects.create(
        form_id=found.form_id[:64], version=found.version[:40], title_zh=(title or found.title)[:120],
        title_en=(title or found.title)[:120], purpose="other", region_code=by.region_code, xlsx=content,
        xform=found.xform, digest=digest, added_by=by, added_at=now, published_at=now,
        takes={"household": found.household, "files": found.files, "takes": found.takes, "raises": []},
    )  # fmt: skip
    record_event(by, "form.uploaded", form, at=now, region_code=by.region_code, form=form.form_id, version=form.version)
    return form, found.warnings


@transaction.atomic
def retire(form: Form, *, by: Officer, now: datetime) -> Form:
    """Offer the form no longer; what was filled in is still taken. Raises NotAllowed, NotFound."""
    if not by.may(May.UPLOAD_FORMS):
        raise NotAllowed
    found = Form.objects.select_for_update().filter(pk=form.pk, retired_at=None).first()
    if found is None or not found.region_code.startswith(by.region_code) or found.from_rulebook:
        raise NotFound
    found.retired_at = now
    found.save(update_fields=["retired_at"])
    record_event(by, "form.retired", found, at=now, region_code=by.region_code, form=found.form_id)
    return found


def forms_for(region_code: str) -> QuerySet[Form]:
    """The newest version of each form that is offered in a region: national ones, and those of the regions around it."""
    prefixes = [region_code[:n] for n in (0, 2, 4, 6, 9, 12) if n <= len(region_code)]
    offered = Form.objects.filter(retired_at=None, published_at__isnull=False, region_code__in=prefixes)
    newest = offered.order_by().values("form_id").annotate(newest=Max("pk")).values("newest")
    return Form.objects.filter(pk__in=newest).order_by("form_id")


def forms_in(region_code: str) -> QuerySet[Form]:
    """Every version of forms that are used in a region or below it, and the national ones."""
    return Form.objects.filter(in_region(region_code)) | Form.objects.filter(region_code="")


def _takes_of(declared: VisitForm, found: Converted) -> dict[str, Any]:
    return {
        "household": declared.household,
        "files": found.files,
        "takes": [
            {"question": one.question, "table": one.table, "column": one.column, "values": dict(one.values)}
            for one in declared.takes
        ],
        "raises": [
            {
                "question": one.question, "answers": list(one.answers), "causes": list(one.causes), "route": one.route,
                "words": one.words,
            }
            for one in declared.raises
        ],
    }  # fmt: skip


def _versioned(found: Converted, version: str) -> str:
    if version == found.version:
        return found.xform
    return found.xform.replace(f'version="{found.version}"', f'version="{version}"', 1)


def _digest(content: bytes, declared: VisitForm) -> str:
    """Of the form and of where its answers go."""
    return hashlib.sha256(content + repr((declared.takes, declared.raises, declared.household)).encode()).hexdigest()
