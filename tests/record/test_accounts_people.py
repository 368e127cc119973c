import pytest

from khotail.accounts import actions
from khotail.accounts.models import Officer, Token
from khotail.accounts.problems import (
    AlreadyWithdrawn,
    BadValue,
    NameTaken,
    NoDepartment,
    NotAllowed,
    NoTotp,
    NotWithdrawn,
    NotYourPerson,
    OutsideYourRegion,
    UnknownPlace,
    UnknownRole,
    WrongLevel,
    YourOwnAccount,
)
from khotail.accounts.roles import MAY, May, Role
from khotail.accounts.tokens import make_token
from khotail.trail.chain import breaks
from khotail.trail.models import Event
from tests.record.conftest import BANNER, NEIGHBOUR_VILLAGE, OTHER_VILLAGE, PASSWORD, TOWNSHIP, VILLAGE

#: What each role may do, written out once more: a change of the table is meant, or it is a mistake.
RIGHTS = {
    "administrator": (
        "manage_people see_register edit_register unmask send_files decide_matches raise_leads see_cases work_cases "
        "screen change_rulebook see_audit export see_trail see_issues raise_issues sort_issues work_issues manage_bodies "
        "plan_visits make_visits upload_forms see_help plan_help see_funds keep_projects keep_funds approve_payments "
        "see_partners keep_partners simulate see_policies keep_policies review_policies"
    ),
    "officer": (
        "see_register edit_register unmask send_files decide_matches raise_leads see_cases work_cases screen "
        "see_audit export see_issues raise_issues sort_issues work_issues manage_bodies plan_visits make_visits "
        "upload_forms see_help plan_help see_funds keep_projects keep_funds see_partners keep_partners simulate "
        "see_policies keep_policies"
    ),
    "reviewer": (
        "see_register unmask raise_leads see_cases work_cases see_audit export see_issues raise_issues plan_visits "
        "make_visits see_help plan_help see_funds approve_payments see_partners simulate see_policies review_policies"
    ),
    "village_cadre": (
        "see_register edit_register unmask raise_leads see_cases work_cases see_audit see_issues raise_issues "
        "sort_issues work_issues make_visits see_help plan_help see_funds see_partners see_policies"
    ),
    "helper": "see_register raise_leads see_cases work_cases see_audit raise_issues make_visits see_help plan_help",
    "department_officer": (
        "send_files raise_leads see_issues raise_issues work_issues see_funds keep_projects see_partners see_policies"
    ),
    "leader": (
        "see_register see_cases see_audit export see_issues see_help see_funds see_partners see_policies simulate"
    ),
    "auditor": (
        "see_register see_cases see_audit see_trail export see_issues see_help see_funds see_partners see_policies"
    ),
    "supervisor": "see_issues check_closings see_funds",
}


@pytest.mark.parametrize("thing", list(May))
@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_do_what_the_table_says(role, thing):
    officer = Officer(role=role)
    assert officer.may(thing) == (thing in RIGHTS[role].split())
    assert not Officer(role=role, is_active=False).may(thing)
    assert set(MAY) == set(RIGHTS)


def create(by, now, **values):
    wanted = {"username": "cadre", "full_name": "演示新人", "role": "village_cadre", "region_code": VILLAGE}
    return actions.create_officer(by, now=now, **(wanted | values))


def test_somebody_created_gets_a_first_password_that_must_be_changed(officers, now):
    officer, password = create(officers["administrator"], now)
    officer.refresh_from_db()
    assert officer.check_password(password) and officer.must_change_password
    assert officer.created_by == officers["administrator"]
    event = Event.objects.get(verb="officer.created")
    assert (event.subject_id, event.region_code) == (str(officer.pk), VILLAGE)
    assert password not in str(event.details)
    assert list(breaks()) == []


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"region_code": NEIGHBOUR_VILLAGE}, OutsideYourRegion),
        ({"region_code": "1522", "role": "officer"}, OutsideYourRegion),
        ({"region_code": "", "role": "officer"}, OutsideYourRegion),
        ({"region_code": "152221999999"}, UnknownPlace),
        ({"region_code": "1522211"}, UnknownPlace),
        ({"role": "emperor"}, UnknownRole),
        ({"region_code": TOWNSHIP}, WrongLevel),
        ({"role": "administrator"}, WrongLevel),
        ({"role": "department_officer", "region_code": BANNER}, NoDepartment),
        ({"full_name": " "}, BadValue),
        ({"full_name": "名" * 61}, BadValue),
        ({"username": "two words"}, BadValue),
        ({"username": "<script>"}, BadValue),
        ({"email": "nonsense"}, BadValue),
        ({"username": "Administrator"}, NameTaken),
    ],
)
def test_somebody_whose_details_do_not_fit_is_refused(officers, now, values, problem):
    with pytest.raises(problem) as caught:
        create(officers["administrator"], now, **values)
    assert caught.value.text.zh and caught.value.text.en
    assert not Event.objects.filter(verb="officer.created").exists()


@pytest.mark.parametrize(
    "key", ["banner_officer", "village_cadre", "helper", "department_officer", "leader", "auditor", "banner_reviewer"]
)
def test_only_administrators_create_people(officers, now, key):
    with pytest.raises(NotAllowed):
        create(officers[key], now)


def test_an_administrator_touches_nobody_above_beside_or_next_door(officers, now):
    above = Officer.objects.create_user("above", PASSWORD, full_name="盟管理员", role="officer", region_code="1522")
    beside = Officer.objects.create_user(
        "beside", PASSWORD, full_name="同级管理员", role="administrator", region_code=BANNER
    )
    for somebody in (above, beside, officers["neighbour"]):
        for action in (actions.withdraw_officer, actions.reset_password, actions.reset_totp, actions.restore_officer):
            with pytest.raises(NotYourPerson):
                action(somebody, by=officers["administrator"], now=now)
        with pytest.raises(NotYourPerson):
            actions.change_officer(somebody, by=officers["administrator"], now=now, full_name="改名")
    assert not Event.objects.exists()


def test_an_administrator_may_withdraw_the_colleague_whom_they_created(officers, now):
    colleague = create(officers["administrator"], now, role="administrator", region_code=BANNER).officer
    with pytest.raises(NotYourPerson):
        actions.withdraw_officer(officers["administrator"], by=colleague, now=now)
    assert not actions.withdraw_officer(colleague, by=officers["administrator"], now=now).is_active


def test_nobody_withdraws_or_promotes_themselves(officers, now):
    administrator = officers["administrator"]
    with pytest.raises(YourOwnAccount):
        actions.withdraw_officer(administrator, by=administrator, now=now)
    with pytest.raises(YourOwnAccount):
        actions.change_officer(administrator, by=administrator, now=now, region_code="15")


def test_somebody_moves_to_another_village_and_the_trail_tells_from_where(officers, now):
    cadre, administrator = officers["village_cadre"], officers["administrator"]
    actions.change_officer(cadre, by=administrator, now=now, region_code=OTHER_VILLAGE, phone="13800001234")
    event = Event.objects.get(verb="officer.changed")
    assert event.details["before"]["region_code"] == VILLAGE
    assert event.details["after"] == {"region_code": OTHER_VILLAGE, "phone": "***34"}
    actions.change_officer(cadre, by=administrator, now=now, region_code=OTHER_VILLAGE)
    assert Event.objects.filter(verb="officer.changed").count() == 1
    with pytest.raises(OutsideYourRegion):
        actions.change_officer(cadre, by=administrator, now=now, region_code=NEIGHBOUR_VILLAGE)


def test_whoever_is_withdrawn_is_out_at_once_and_stays_out_when_restored(officers, signed_in, now):
    browser, administrator = signed_in("village_cadre"), officers["administrator"]
    make_token(officers["village_cadre"], "phone", None, now=now)
    assert browser.get("/people/me/").status_code == 200
    actions.withdraw_officer(officers["village_cadre"], by=administrator, now=now, reason="调离")
    assert browser.get("/people/me/").status_code == 302
    assert not Token.objects.filter(withdrawn_at=None).exists()
    assert Event.objects.get(verb="officer.withdrawn").details == {"reason": "调离", "tokens_withdrawn": 1}
    with pytest.raises(AlreadyWithdrawn):
        actions.withdraw_officer(officers["village_cadre"], by=administrator, now=now)
    with pytest.raises(AlreadyWithdrawn):
        actions.reset_password(officers["village_cadre"], by=administrator, now=now)
    officer, password = actions.restore_officer(officers["village_cadre"], by=administrator, now=now)
    assert browser.get("/people/me/").status_code == 302
    assert officer.check_password(password) and officer.must_change_password
    with pytest.raises(NotWithdrawn):
        actions.restore_officer(officer, by=administrator, now=now)


def test_a_reset_password_ends_the_sessions_of_whoever_used_the_old_one(officers, signed_in, now):
    browser = signed_in("helper")
    _, password = actions.reset_password(officers["helper"], by=officers["administrator"], now=now)
    assert browser.get("/people/me/").status_code == 302
    officers["helper"].refresh_from_db()
    assert officers["helper"].check_password(password) and not officers["helper"].check_password(PASSWORD)


def test_a_lost_authenticator_is_removed_with_its_recovery_codes(officers, now):
    from allauth.mfa.models import Authenticator

    for kind in ("totp", "recovery_codes"):
        Authenticator.objects.create(user=officers["helper"], type=kind, data={})
    actions.reset_totp(officers["helper"], by=officers["administrator"], now=now)
    assert not Authenticator.objects.exists()
    with pytest.raises(NoTotp):
        actions.reset_totp(officers["helper"], by=officers["administrator"], now=now)


def test_the_first_administrator_needs_nobody_to_create_them(db, now):
    officer, _ = create(None, now, username="first", role="administrator", region_code="15")
    assert officer.created_by is None
    assert Event.objects.get().actor_id is None
