"""Forms of the policy pages."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khotail.accounts.models import Officer
from khotail.desk.casework_forms import said
from khotail.desk.policy_words import class_choices, own_places, place_choices, programme_choices
from khotail.desk.templatetags.khotail import spoken
from khotail.oversight.models import Policy, PolicyPlan
from khotail.oversight.plan_fields import FIGURES, PLAN_FIELDS, WORKS, PlanField
from khotail.oversight.policies import ALLOWED, Entry
from khotail.oversight.reviews import MARKS
from khotail.rulebook.programmes import TRANSITIONS


def day_field(label: Any, *, required: bool = True, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, required=required, widget=forms.DateInput({"type": "date"}), **more)


def text_field(label: Any, *, rows: int = 2, required: bool = True, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=4000, widget=forms.Textarea({"rows": rows}), **more
    )  # fmt: skip


class PlainForm(forms.Form):
    use_required_attribute = False


class PolicyForm(PlainForm):
    """What the register says of a policy. `region_code` is asked when it is entered, and stays."""

    region_code = forms.ChoiceField(label=gettext_lazy("Where it holds"))
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    number = forms.CharField(label=gettext_lazy("Document number"), max_length=80, required=False)
    field = forms.ChoiceField(label=gettext_lazy("Field of policy"), choices=Policy.Field.choices)
    level = forms.ChoiceField(label=gettext_lazy("Issued by"), choices=Policy.Level.choices)
    parent = forms.ModelChoiceField(Policy.objects.none(), label=gettext_lazy("Parent policy"), required=False)
    parent_clause = forms.CharField(
        label=gettext_lazy("Clause of the parent that it carries out"), max_length=120, required=False
    )
    issued_on = day_field(gettext_lazy("Issued on"), required=False)
    starts_on = day_field(
        gettext_lazy("In force from"), required=False, help_text=gettext_lazy("Left empty, it is a draft.")
    )
    ends_on = day_field(gettext_lazy("In force until"), required=False)
    population = forms.CharField(label=gettext_lazy("Target population"), max_length=200, required=False)
    beneficiaries = forms.IntegerField(
        label=gettext_lazy("Households that benefit"), required=False, min_value=0, max_value=2_000_000_000
    )
    money_cny_year = forms.DecimalField(
        label=gettext_lazy("Money a year (CNY)"), required=False, min_value=0, max_digits=14, decimal_places=2
    )
    body = forms.CharField(label=gettext_lazy("Responsible body"), max_length=80, required=False)
    programme = forms.ChoiceField(label=gettext_lazy("Programme in the rulebook"), required=False)
    place = forms.ChoiceField(
        label=gettext_lazy("Place in the revitalisation catalogue"), required=False,
        help_text=gettext_lazy("A policy without a place is an orphan: nothing carries it on."),
    )  # fmt: skip
    note = text_field(gettext_lazy("Note"), required=False)

    def __init__(self, officer: Officer, *args: Any, policy: Policy | None = None, **kwargs: Any) -> None:
        if policy is not None:
            kwargs["initial"] = {name: getattr(policy, name) for name in Entry.__dataclass_fields__}
        super().__init__(*args, **kwargs)
        if policy is None:
            self.fields["region_code"].choices = own_places(officer)
        else:
            del self.fields["region_code"]
        parents = Policy.objects.visible_to(officer).order_by("title", "id")
        if policy is not None:
            parents = parents.exclude(pk=policy.pk)
        self.fields["parent"].queryset = parents
        self.fields["programme"].choices = programme_choices()
        self.fields["place"].choices = place_choices()

    def entry(self) -> Entry:
        """What was typed, once it is valid."""
        return Entry(**{name: self.cleaned_data[name] for name in Entry.__dataclass_fields__})


class PolicyFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=gettext_lazy("Title or number"), method="with_words")
    field = django_filters.ChoiceFilter(label=gettext_lazy("Field of policy"), choices=Policy.Field.choices)
    level = django_filters.ChoiceFilter(label=gettext_lazy("Issued by"), choices=Policy.Level.choices)
    transition = django_filters.ChoiceFilter(
        label=gettext_lazy("Class"), choices=[*Policy.Transition.choices, ("none", gettext_lazy("Not classified"))],
        method="of_class",
    )  # fmt: skip
    standing = django_filters.ChoiceFilter(
        label=gettext_lazy("Standing"), method="that_stand",
        choices=[
            ("in_force", gettext_lazy("In force")), ("draft", gettext_lazy("Draft")),
            ("coming", gettext_lazy("Not yet in force")), ("ended", gettext_lazy("Ended")),
        ],
    )  # fmt: skip
    lacks = django_filters.ChoiceFilter(
        label=gettext_lazy("Lacks"), method="that_lack",
        choices=[
            ("place", gettext_lazy("a place in the catalogue (orphans)")),
            ("programme", gettext_lazy("a programme in the rulebook")),
            ("review", gettext_lazy("a confirmed review")), ("end", gettext_lazy("an end")),
        ],
    )  # fmt: skip

    class Meta:
        model = Policy
        fields = ()

    def with_words(self, rows: Any, name: str, value: str) -> Any:
        words = value.strip()[:80]
        return rows.filter(Q(title__contains=words) | Q(number__contains=words))

    def of_class(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(transition="" if value == "none" else value)

    def that_stand(self, rows: Any, name: str, value: str) -> Any:
        today = timezone.localdate()
        asked = {
            "draft": Q(starts_on=None), "coming": Q(starts_on__gt=today), "ended": Q(ends_on__lt=today),
            "in_force": Q(starts_on__lte=today) & (Q(ends_on=None) | Q(ends_on__gte=today)),
        }  # fmt: skip
        return rows.filter(asked[value])

    def that_lack(self, rows: Any, name: str, value: str) -> Any:
        if value == "review":
            return rows.exclude(reviews__state="confirmed")
        return rows.filter(ends_on=None) if value == "end" else rows.filter(**{value: ""})


class ReviewForm(PlainForm):
    """Five marks, each with its note."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (label, meaning) in MARKS.items():
            self.fields[name] = forms.TypedChoiceField(
                label=spoken(label), help_text=spoken(meaning), coerce=int, empty_value=None,
                choices=[("", "—"), *((mark, str(mark)) for mark in range(6))],
            )  # fmt: skip
            self.fields[f"{name}_note"] = text_field(_("%(mark)s: why") % {"mark": spoken(label)})
        self.fields["advice"] = forms.ChoiceField(label=_("Advised class"), choices=[("", "—"), *said(TRANSITIONS)])
        self.fields["summary"] = text_field(_("Summary"), required=False)

    @property
    def marks(self) -> dict[str, int]:
        return {name: self.cleaned_data[name] for name in MARKS}

    @property
    def notes(self) -> dict[str, str]:
        return {name: self.cleaned_data[f"{name}_note"] for name in MARKS}


class DecideForm(PlainForm):
    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[("confirm", gettext_lazy("Confirm the review")), ("return", gettext_lazy("Return it"))],
    )
    reason = text_field(gettext_lazy("Reason"), required=False, help_text=gettext_lazy("Needed where it is returned."))


class ClassForm(PlainForm):
    transition = forms.ChoiceField(label=gettext_lazy("Class"))
    reason = text_field(gettext_lazy("Reason"))

    def __init__(self, policy: Policy, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["transition"].choices = [("", "—"), *class_choices(ALLOWED[policy.transition])]


class PlanForm(PlainForm):
    """What a plan of the policy's class says."""

    goal = text_field(gettext_lazy("What is to be reached"))

    def __init__(self, policy: Policy, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.policy = policy
        for each in PLAN_FIELDS[policy.transition]:
            self.fields[each.name] = _form_field(each)
        self.fields["due_on"] = day_field(_("To be reached by"))

    @property
    def details(self) -> dict[str, Any]:
        return {each.name: self.cleaned_data[each.name] for each in PLAN_FIELDS[self.policy.transition]}


class StepForm(PlainForm):
    what = forms.CharField(label=gettext_lazy("Step"), max_length=200)
    who = forms.CharField(label=gettext_lazy("Who does it"), max_length=80, required=False)
    due_on = day_field(gettext_lazy("Due on"))


class StepDoneForm(PlainForm):
    done_on = day_field(gettext_lazy("Done on"))
    note = text_field(gettext_lazy("Note"), required=False)


class FigureForm(PlainForm):
    value = forms.DecimalField(min_value=0, max_digits=14, decimal_places=2)
    on = day_field(gettext_lazy("On which day"))
    words = text_field(gettext_lazy("Note"), required=False)

    def __init__(self, plan: PolicyPlan, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"].label = spoken(FIGURES[plan.transition])


class ImportForm(PlainForm):
    region_code = forms.ChoiceField(label=gettext_lazy("Where they hold"))
    file = forms.FileField(label=gettext_lazy("Workbook"))

    def __init__(self, officer: Officer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region_code"].choices = own_places(officer)


def _form_field(each: PlanField) -> forms.Field:
    label, required = spoken(each.label), each.required
    if each.kind == "works":
        return forms.ChoiceField(label=label, required=required, choices=[("", "—"), *said(WORKS)])
    if each.kind == "day":
        return day_field(label, required=required)
    if each.kind == "households":
        return forms.IntegerField(label=label, required=required, min_value=0, max_value=2_000_000_000)
    if each.kind in ("cny", "percent"):
        most = 100 if each.kind == "percent" else None
        return forms.DecimalField(
            label=label, required=required, min_value=0, max_value=most, max_digits=14, decimal_places=2
        )  # fmt: skip
    return text_field(label, required=required)
