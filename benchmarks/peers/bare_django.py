"""The least that a page costs on this stack: Django without middleware, one indexed query and a small template."""

from __future__ import annotations

import os

import dj_database_url
import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template import engines
from django.urls import path

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={"default": dj_database_url.parse(os.environ["KHOTAIL_DATABASE"], conn_max_age=60)},
    ROOT_URLCONF=__name__,
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
)
django.setup()


class Household(models.Model):
    number = models.CharField(max_length=40)
    head_name = models.CharField(max_length=60)
    region_code = models.CharField(max_length=12)
    size = models.PositiveIntegerField()

    class Meta:
        app_label = "bare"
        managed = False
        db_table = "register_household"


PAGE = engines["django"].from_string(
    "<!doctype html><html><head><title>{{ household.head_name }}</title></head><body><h1>{{ household.head_name }}</h1>"
    "<p>{{ household.number }} {{ household.region_code }} {{ household.size }}</p></body></html>"
)


def household(request: HttpRequest, pk: int) -> HttpResponse:
    response = HttpResponse(PAGE.render({"household": get_object_or_404(Household, pk=pk)}, request))
    response["Content-Length"] = len(response.content)
    return response


urlpatterns = [path("<int:pk>/", household)]
application = get_wsgi_application()
