"""Addresses of pairings between places, fixed-point units, social helpers with their pledges, published needs, sales."""

from django.urls import path

from khotail.desk.views import partners_helpers as helpers
from khotail.desk.views import partners_needs as needs
from khotail.desk.views import partners_pairings as pairings
from khotail.desk.views import partners_sales as sales

urlpatterns = [
    path("pairings/", pairings.pairings, name="pairings"),
    path("pairings/new/", pairings.new, name="pairing_add"),
    path("pairings/<int:pk>/", pairings.pairing, name="pairing"),
    path("pairings/<int:pk>/do/<slug:deed>/", pairings.do, name="pairing_do"),
    path("agreements/<int:pk>/paper/", pairings.paper, name="agreement_paper"),
    path("helpers/", helpers.helpers, name="helpers_social"),
    path("helpers/new/", helpers.new, name="helper_social_add"),
    path("helpers/<int:pk>/", helpers.helper, name="helper_social"),
    path("helpers/<int:pk>/do/<slug:deed>/", helpers.helper_do, name="helper_social_do"),
    path("helpers/<int:pk>/phone/", helpers.phone, name="helper_social_phone"),
    path("pledges/", helpers.pledges, name="pledges"),
    path("pledges/<int:pk>/", helpers.pledge, name="pledge"),
    path("pledges/<int:pk>/do/<slug:deed>/", helpers.pledge_do, name="pledge_do"),
    path("pledges/<int:pk>/sheet/", helpers.sheet, name="pledge_sheet"),
    path("deliveries/<int:pk>/paper/", helpers.paper, name="delivery_paper"),
    path("needs/", needs.needs, name="needs"),
    path("needs/new/", needs.new, name="need_add"),
    path("needs/<int:pk>/", needs.need, name="need"),
    path("needs/<int:pk>/do/<slug:deed>/", needs.do, name="need_do"),
    path("sales/", sales.sales, name="sales"),
    path("sales/new/", sales.new, name="sale_add"),
    path("sales/products/new/", sales.new_product, name="product_add"),
    path("sales/<int:pk>/", sales.sale, name="sale"),
    path("sales/<int:pk>/do/<slug:deed>/", sales.do, name="sale_do"),
]
