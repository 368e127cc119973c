"""What each role may do. One table, read by every page, action and API route."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _

from khotail.texts import Text


class Role(models.TextChoices):
    ADMINISTRATOR = "administrator", _("Administrator")
    OFFICER = "officer", _("Officer")
    REVIEWER = "reviewer", _("Reviewer")
    VILLAGE_CADRE = "village_cadre", _("Village cadre")
    HELPER = "helper", _("Helper")
    DEPARTMENT_OFFICER = "department_officer", _("Department officer")
    LEADER = "leader", _("Leader (reads only)")
    AUDITOR = "auditor", _("Auditor")
    SUPERVISOR = "supervisor", _("Supervision committee")


class May(StrEnum):
    """Things that a role may do within its region. Steps of a case say themselves which roles do them."""

    MANAGE_PEOPLE = "manage_people"
    SEE_REGISTER = "see_register"
    EDIT_REGISTER = "edit_register"
    UNMASK = "unmask"
    SEND_FILES = "send_files"
    DECIDE_MATCHES = "decide_matches"
    RAISE_LEADS = "raise_leads"
    SEE_CASES = "see_cases"
    WORK_CASES = "work_cases"
    SCREEN = "screen"
    CHANGE_RULEBOOK = "change_rulebook"
    SEE_AUDIT = "see_audit"
    EXPORT = "export"
    SEE_TRAIL = "see_trail"
    SEE_ISSUES = "see_issues"
    RAISE_ISSUES = "raise_issues"
    SORT_ISSUES = "sort_issues"
    WORK_ISSUES = "work_issues"
    CHECK_CLOSINGS = "check_closings"
    MANAGE_BODIES = "manage_bodies"
    PLAN_VISITS = "plan_visits"
    MAKE_VISITS = "make_visits"
    UPLOAD_FORMS = "upload_forms"
    SEE_HELP = "see_help"  # entitlements, plans, effects, jobs, training
    PLAN_HELP = "plan_help"
    SEE_FUNDS = "see_funds"  # money, projects, assets, sites
    KEEP_PROJECTS = "keep_projects"
    KEEP_FUNDS = "keep_funds"
    APPROVE_PAYMENTS = "approve_payments"
    SEE_PARTNERS = "see_partners"
    KEEP_PARTNERS = "keep_partners"
    SIMULATE = "simulate"
    SEE_POLICIES = "see_policies"
    KEEP_POLICIES = "keep_policies"
    REVIEW_POLICIES = "review_policies"


_READ = frozenset({May.SEE_REGISTER, May.SEE_CASES, May.SEE_AUDIT, May.SEE_HELP})
_ACCOUNTS = frozenset({May.SEE_FUNDS, May.SEE_PARTNERS, May.SEE_POLICIES})
_FIELD = _READ | {May.RAISE_LEADS, May.WORK_CASES, May.RAISE_ISSUES, May.MAKE_VISITS, May.PLAN_HELP}
_DESK = _FIELD | _ACCOUNTS | {May.SEE_ISSUES, May.SORT_ISSUES, May.WORK_ISSUES}
_OFFICE = _DESK | {
    May.EDIT_REGISTER, May.UNMASK, May.SEND_FILES, May.DECIDE_MATCHES, May.EXPORT, May.PLAN_VISITS, May.MANAGE_BODIES,
    May.KEEP_PROJECTS, May.KEEP_FUNDS, May.KEEP_PARTNERS, May.KEEP_POLICIES, May.SIMULATE,
}  # fmt: skip

MAY: dict[str, frozenset[May]] = {
    Role.ADMINISTRATOR: _OFFICE
    | {May.MANAGE_PEOPLE, May.SCREEN, May.CHANGE_RULEBOOK, May.SEE_TRAIL, May.UPLOAD_FORMS}
    | {May.APPROVE_PAYMENTS, May.REVIEW_POLICIES},
    Role.OFFICER: _OFFICE | {May.SCREEN, May.UPLOAD_FORMS},
    Role.REVIEWER: _FIELD
    | _ACCOUNTS
    | {May.UNMASK, May.EXPORT, May.SEE_ISSUES, May.PLAN_VISITS}
    | {May.APPROVE_PAYMENTS, May.REVIEW_POLICIES, May.SIMULATE},
    Role.VILLAGE_CADRE: _DESK | {May.EDIT_REGISTER, May.UNMASK},
    Role.HELPER: _FIELD,
    Role.DEPARTMENT_OFFICER: frozenset(
        {May.SEND_FILES, May.RAISE_LEADS, May.SEE_ISSUES, May.RAISE_ISSUES, May.WORK_ISSUES}
        | {May.KEEP_PROJECTS, *_ACCOUNTS}
    ),
    Role.LEADER: _READ | _ACCOUNTS | {May.EXPORT, May.SEE_ISSUES, May.SIMULATE},
    Role.AUDITOR: _READ | _ACCOUNTS | {May.SEE_TRAIL, May.EXPORT, May.SEE_ISSUES},
    Role.SUPERVISOR: frozenset({May.SEE_ISSUES, May.CHECK_CLOSINGS, May.SEE_FUNDS}),
}

#: Levels of region at which a role makes sense; any level for a role that is not named.
LEVELS: dict[str, tuple[str, ...]] = {
    Role.ADMINISTRATOR: ("province", "league", "banner", "township"),
    Role.VILLAGE_CADRE: ("village",),
    Role.DEPARTMENT_OFFICER: ("province", "league", "banner", "township"),
    Role.SUPERVISOR: ("village",),
}

#: Names in both languages, for sentences and lists that come in as files.
ROLE_NAMES: dict[str, Text] = {
    Role.ADMINISTRATOR: Text("管理员", "Administrator"),
    Role.OFFICER: Text("工作人员", "Officer"),
    Role.REVIEWER: Text("审核员", "Reviewer"),
    Role.VILLAGE_CADRE: Text("村干部", "Village cadre"),
    Role.HELPER: Text("帮扶责任人", "Helper"),
    Role.DEPARTMENT_OFFICER: Text("部门工作人员", "Department officer"),
    Role.LEADER: Text("领导", "Leader"),
    Role.AUDITOR: Text("审计员", "Auditor"),
    Role.SUPERVISOR: Text("村务监督委员会", "Supervision committee"),
}
LEVEL_NAMES: dict[str, Text] = {
    "province": Text("自治区", "region"),
    "league": Text("盟市", "league"),
    "banner": Text("旗县", "banner"),
    "township": Text("苏木乡镇", "township"),
    "village": Text("嘎查村", "village"),
}
