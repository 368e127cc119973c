"""Help and policies: the way in."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from khotail.desk.addresses import address
from khotail.desk.help_hub import TILES


@login_required
@require_safe
def help_and_policies(request: HttpRequest) -> HttpResponse:
    tiles = [(tile, address(tile.url_name)) for tile in TILES if request.user.may(tile.needs)]
    return render(request, "desk/help/hub.html", {"tiles": [(tile, target) for tile, target in tiles if target]})
