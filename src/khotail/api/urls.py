"""Addresses of the API: one router per thing. Every route runs as the officer of its token or session."""

from importlib.metadata import version

from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from ninja import NinjaAPI

from khotail.api import batches, cases, entitlements, households, issues, leads, me, runs, signals
from khotail.api.answers import answer_problems, told
from khotail.api.callers import Session, Token, for_people_who_are_in
from khotail.api.problems import NotHere

api = NinjaAPI(
    title="Khotail",
    version=version("khotail"),
    description="The register, signals, leads, cases and issues for programs. A token sees and does what its officer would; ID "
    "and phone numbers are masked, always. Whatever is refused is answered with a sentence in Chinese (`zh`) and English "
    "(`en`).",
    auth=[Token(), Session()],
    docs_decorator=for_people_who_are_in,
    urls_namespace="api",
)
answer_problems(api)

for prefix, router in (
    ("/me", me.router), ("/households", households.router), ("", signals.router), ("/leads", leads.router),
    ("/cases", cases.router), ("/issues", issues.router), ("/batches", batches.router), ("", runs.router),
    ("/entitlements", entitlements.router),
):  # fmt: skip
    api.add_router(prefix, router)


def nothing(request: HttpRequest) -> HttpResponse:
    """Whatever is not a route: a problem, and not a page."""
    return told(NotHere())


urlpatterns = [path("", api.urls), re_path("", nothing, name="api_nothing")]
