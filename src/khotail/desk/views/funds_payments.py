"""Payments: the queue, and one payment with what may be done with it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.desk.deeds import Bound, do, shown
from khotail.desk.export import export, is_asked
from khotail.desk.fund_lists import PAYMENT_COLUMNS, PaymentFilter
from khotail.desk.paging import KeysFirst
from khotail.desk.project_deeds import PAYMENT
from khotail.desk.regions import chosen_region
from khotail.funds.models import Account, Payment
from khotail.funds.queries import payments, payments_to_approve
from khotail.funds.totals import of_projects

_PER_PAGE = 30


@login_required
@require_safe
def payment_list(request: HttpRequest) -> HttpResponse:
    officer = request.user
    require(officer, May.SEE_FUNDS)
    region = chosen_region(officer, request.GET.get("region", ""))
    narrowed = PaymentFilter(request.GET, payments(officer, region).order_by("-id"), request=request)
    if is_asked(request):
        return export(request, narrowed.qs, PAYMENT_COLUMNS, "payments")
    context = {
        "region": region, "page": KeysFirst(narrowed.qs, _PER_PAGE).get_page(request.GET.get("page")), "filter": narrowed,
        "filtered": any(request.GET.get(name) for name in narrowed.filters),
        "sum": narrowed.qs.order_by().aggregate(sum=Sum("amount_cny"))["sum"],
        "waiting": payments_to_approve(officer).select_related("project", "fund", "asked_by").order_by("id")[:_PER_PAGE],
    }  # fmt: skip
    return render(request, "desk/funds/payments.html", context)


@login_required
@never_cache
@require_safe
def payment(request: HttpRequest, pk: int) -> HttpResponse:
    return _show(request, _payment(request, pk))


@login_required
@never_cache
@require_POST
def payment_do(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    return do(request, PAYMENT, deed, _payment(request, pk), _show, "payment", pk)


def _payment(request: HttpRequest, pk: int) -> Payment:
    require(request.user, May.SEE_FUNDS)
    related = ("project", "fund", "asked_by", "decided_by", "entry", "entry__reversed_by")
    return get_object_or_404(Payment.objects.visible_to(request.user).select_related(*related), pk=pk)


def _show(request: HttpRequest, found: Payment, bound: Bound | None = None, status: int = 200) -> HttpResponse:
    officer = request.user
    offered = shown(PAYMENT, found, officer, bound)
    own = found.asked_by_id == officer.pk
    inside = found.region_code.startswith(officer.region_code)
    offered["deeds"] = [
        (deed, form) for deed, form in offered["deeds"]
        if inside and (own if deed.name == "withdraw" else not own or deed.name == "refuse")
    ]  # fmt: skip
    if bound and all(deed.name != bound.name for deed, _ in offered["deeds"]):
        offered["refusal"] = offered["refusal"] or " ".join(map(str, bound.form.non_field_errors()))
    account = Account.objects.filter(fund=found.fund, project=found.project, kind=Account.Kind.PROJECT)
    context = {"payment": found, "money": of_projects(account)[:1], "papers": found.papers.select_related("document")}
    return render(request, "desk/funds/payment.html", context | offered | {"own": own}, status=status)
