"""A PostgreSQL database that orders text by a language is named, and refused at set-up."""

from __future__ import annotations

import os

import pytest
from django.db import connection

from khotail.site.checks import wrongly_ordered
from tests.postgres import fresh_database

SERVER = os.environ.get("KHOTAIL_TEST_DATABASE")


@pytest.mark.django_db
def test_a_database_that_orders_by_code_point_is_well():
    assert wrongly_ordered(connection) is None


@pytest.mark.skipif(not SERVER, reason="PostgreSQL only: KHOTAIL_TEST_DATABASE names none")
def test_another_is_named_and_refused_with_what_to_do(installation):
    name = f"ordered_{os.getpid()}"
    chinese = "template0 LOCALE_PROVIDER icu ICU_LOCALE 'zh' LOCALE 'C.UTF-8'"
    environment = {"KHOTAIL_DATABASE": fresh_database(SERVER, name, chinese)}
    told = installation.run("manage", "check", "--database", "default", **environment)
    assert told.returncode and "khotail.E001" in told.stderr and name in told.stderr and "createdb" in told.stderr
    refused = installation.run("set-up", "--banner", "152221", **environment)
    assert refused.returncode == 5 and name in refused.stderr
