"""Who the token acts for."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from khotail.accounts.roles import MAY
from khotail.api.callers import caller

router = Router(tags=["me"])


class Me(Schema):
    id: int
    full_name: str
    role: str
    region_code: str
    may: list[str]


@router.get("", response=Me, summary="Whom this token acts for, where, and what it may do")
def me(request: HttpRequest) -> Any:
    officer = caller(request)
    return {
        "id": officer.pk, "full_name": officer.full_name, "role": officer.role, "region_code": officer.region_code,
        "may": sorted(MAY[officer.role]),
    }  # fmt: skip
