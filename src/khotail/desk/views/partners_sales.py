"""Products, the orders for them, and what households earned by them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khotail.accounts.models import Officer
from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.desk import deeds
from khotail.desk.charts import Chart, Series
from khotail.desk.entering import enter
from khotail.desk.export import Column, export, is_asked
from khotail.desk.paging import KeysFirst
from khotail.desk.partner_deeds import SALE
from khotail.desk.partner_forms import ProductForm, SaleForm
from khotail.desk.regions import chosen_region, name_of
from khotail.partners import queries
from khotail.partners import sales as actions
from khotail.partners.models import Product, Sale, SaleShare
from khotail.trail.scope import in_region

_PER_PAGE = 30
_EXPORTED = (
    Column(gettext_lazy("Day"), "on"),
    Column(gettext_lazy("Product"), "product.name", 24),
    Column(gettext_lazy("Who makes it"), "product.producer", 24),
    Column(gettext_lazy("Quantity"), "quantity"),
    Column(gettext_lazy("Unit"), "product.unit"),
    Column(gettext_lazy("What the order came to (CNY)"), "amount_cny"),
    Column(gettext_lazy("Channel"), "get_channel_display"),
    Column(gettext_lazy("Buyer"), "buyer", 24),
    Column(gettext_lazy("Project"), "project", 24),
    Column(gettext_lazy("Through the pairing"), "pairing.supporting", 24),
    Column(gettext_lazy("What households earned of it (CNY)"), "income_cny"),
    Column(gettext_lazy("Households that earned"), "households"),
    Column(gettext_lazy("Village"), lambda row: name_of(row.region_code), 20),
    Column(gettext_lazy("Cancelled"), lambda row: row.cancelled_at is not None),
)


@login_required
@require_safe
def sales(request: HttpRequest) -> HttpResponse:
    officer, asked = request.user, request.GET
    require(officer, May.SEE_PARTNERS)
    region = chosen_region(officer, asked.get("region", ""))
    rows = Sale.objects.visible_to(officer).filter(in_region(region))
    channel, year = asked.get("channel", ""), asked.get("year", "")
    said = asked.get("text", "").replace("\x00", "").strip()[:60]
    if channel in Sale.Channel.values:
        rows = rows.filter(channel=channel)
    if year.isascii() and year.isdecimal() and 1990 <= int(year[:6]) <= 2100:
        rows = rows.filter(on__year=int(year))
    if said:
        rows = rows.filter(
            Q(product__name__contains=said) | Q(buyer__contains=said) | Q(project__contains=said)
        )  # fmt: skip
    rows = rows.select_related("product", "pairing")
    if is_asked(request):
        return export(request, rows, _EXPORTED, "sales")
    years, channels = queries.earned(rows, "year"), queries.earned(rows, "channel")
    names = dict(Sale.Channel.choices)
    context = {
        "page": KeysFirst(rows, _PER_PAGE).get_page(asked.get("page")), "region": region, "channel": channel,
        "year": year, "said": said, "channels": Sale.Channel.choices, "filtered": bool(channel or year or said),
        "orders": sum(each.orders for each in years), "amount": sum(each.amount_cny for each in years),
        "income": sum(each.income_cny for each in years),
        "charts": [
            _chart("sales-years", _("Sales by year"), _("Year"), [(str(each.key), each) for each in years]),
            _chart("sales-channels", _("Sales by channel"), _("Channel"), [(str(names[each.key]), each) for each in channels]),
        ] if years else [],
    }  # fmt: skip
    return render(request, "desk/partners/sales.html", context)


def _chart(id_: str, title: str, labels: str, rows: list[tuple[str, queries.Earned]]) -> Chart:
    return Chart(
        id_, "bar", title, labels, [label for label, _row in rows],
        [
            Series(_("Orders"), [round(float(row.amount_cny) / 10_000, 2) for _label, row in rows]),
            Series(_("Earned by households"), [round(float(row.income_cny) / 10_000, 2) for _label, row in rows]),
        ],
        _("10,000 CNY"),
    )  # fmt: skip


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    officer = request.user
    require(officer, May.KEEP_PARTNERS)
    form = SaleForm(None, officer, request.POST or None, initial={"on": timezone.localdate()})
    return enter(
        request, form, lambda values: _sell(values, officer), _("The order is recorded."), to="sale",
        title=_("Record an order"), back="sales", no_product=not Product.objects.visible_to(officer).exists(),
    )  # fmt: skip


def _sell(values: dict[str, Any], by: Officer) -> Sale:
    values = values | {"income_cny": values["income_cny"] or 0, "households": values["households"] or 0}
    return actions.sell(values.pop("product"), **values, by=by, now=timezone.now())


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_product(request: HttpRequest) -> HttpResponse:
    officer = request.user
    require(officer, May.KEEP_PARTNERS)
    form = ProductForm(None, officer, request.POST or None, initial={"region_code": officer.region_code})

    def act(values: dict[str, Any]) -> None:
        actions.product(**values, by=officer, now=timezone.now())

    return enter(
        request, form, act, _("The product is entered."), to="sale_add", title=_("Enter a product"), back="sales"
    )


@login_required
@never_cache
@require_safe
def sale(request: HttpRequest, pk: int) -> HttpResponse:
    return _show(request, _seen(request, pk))


@login_required
@never_cache
@require_POST
def do(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    return deeds.do(request, SALE, deed, _seen(request, pk), _show, "sale", pk)


def _seen(request: HttpRequest, pk: int) -> Sale:
    require(request.user, May.SEE_PARTNERS)
    rows = Sale.objects.visible_to(request.user).select_related("product", "pairing", "recorded_by")
    return get_object_or_404(rows, pk=pk)


def _show(request: HttpRequest, found: Sale, bound: deeds.Bound | None = None, status: int = 200) -> HttpResponse:
    officer = request.user
    shares = SaleShare.objects.none()
    if officer.may(May.SEE_REGISTER):
        shares = SaleShare.objects.visible_to(officer).filter(sale=found).select_related("household")
    context = {"sale": found, "shares": shares, **deeds.shown(SALE, found, officer, bound)}
    return render(request, "desk/partners/sale.html", context, status=status)
