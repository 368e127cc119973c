"""The page "Help and policies": where each part of it begins, one table."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from khotail.accounts.roles import May


@dataclass(frozen=True)
class Tile:
    url_name: str
    label: Promise
    hint: Promise
    icon: str
    needs: May


TILES = (
    Tile("missed_help", _("Missed help"), _("Who is entitled to something and does not get it, village by village"), "leads", May.SEE_HELP),
    Tile("entitlement_runs", _("Entitlements"), _("Programmes, who is entitled, who receives, what it comes to"), "rulebook", May.SEE_HELP),
    Tile("help_plans", _("Plans of help"), _("One plan per household: causes, measures, helper, dates"), "households", May.SEE_HELP),
    Tile("emergencies", _("Help at once"), _("Help first, papers later: what is still to be made good"), "leads", May.SEE_HELP),
    Tile("effects", _("Did it work?"), _("Income and guarantees before and after, beside comparable households"), "audit", May.SEE_HELP),
    Tile("jobs_kept", _("Jobs"), _("Who works where, for how much, and who lost a job"), "people", May.SEE_HELP),
    Tile("trainings", _("Training"), _("Classes, who attended, who works in the trade"), "people", May.SEE_HELP),
    Tile("funds", _("Funds"), _("Money by source and year, down the levels, to the last payment"), "trail", May.SEE_FUNDS),
    Tile("projects", _("Projects"), _("Milestones across departments, payments, health card"), "cases", May.SEE_FUNDS),
    Tile("project_assets", _("Assets"), _("What projects left behind, and who keeps it"), "intake", May.SEE_FUNDS),
    Tile("sites", _("Relocation sites"), _("Stay, work, get richer: three outcomes per site"), "households", May.SEE_FUNDS),
    Tile("pairings", _("Pairings"), _("East and West, Beijing and Inner Mongolia, fixed-point units"), "people", May.SEE_PARTNERS),
    Tile("helpers_social", _("Social helpers"), _("What they pledge, matched to what is needed"), "people", May.SEE_PARTNERS),
    Tile("sales", _("Sales"), _("Products, orders and what households earned by them"), "trail", May.SEE_PARTNERS),
    Tile("simulations", _("Cliff simulation"), _("Who falls below the line if a policy ends or a shock strikes"), "screening", May.SEE_POLICIES),
    Tile("radar", _("Radar of ends"), _("Programmes that end without a successor, and who hangs on them"), "screening", May.SEE_POLICIES),
    Tile("policies", _("Policies in transition"), _("Register, scored review, four classes"), "rulebook", May.SEE_POLICIES),
    Tile("transition", _("Transition clock"), _("Per banner: since when, until when, extended why"), "rulebook", May.SEE_POLICIES),
    Tile("responsibilities", _("Responsibilities"), _("Who answers for which place, household and task, and where nobody does"), "people", May.SEE_POLICIES),
    Tile("inspections", _("Inspections"), _("Planned, made, what fell short, mended, looked at again"), "audit", May.SEE_POLICIES),
    Tile("continuity", _("Four not-removes"), _("Responsibility, policy, help, supervision: series and alarms"), "audit", May.SEE_POLICIES),
)  # fmt: skip
