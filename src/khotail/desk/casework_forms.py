"""Forms of casework: one that is made from a step of the rulebook, and one per thing that accompanies a case."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khotail.accounts.models import LEVEL_DIGITS, Officer
from khotail.accounts.roles import Role
from khotail.casework.models import Case, Lead, Step
from khotail.casework.problems import ConditionNotMet, FieldWrong, ReasonMissing
from khotail.casework.queries import helpers_for
from khotail.casework.records import LONGEST_TEXT
from khotail.desk.problems import sentence
from khotail.desk.regions import name_of, path_of
from khotail.desk.templatetags.khotail import chosen, spoken
from khotail.problems import Problem
from khotail.register.queries import villages_of
from khotail.rulebook.model import CAUSES
from khotail.rulebook.procedures import EVIDENCE, MEASURE_CATEGORIES, Need, Outcome, ProcedureStep, StepField

#: So many choices are buttons that are all seen; more are a list.
_FEW = 4


def said(texts: dict[str, Any]) -> list[tuple[str, str]]:
    """A catalogue of the rulebook as choices, in the reader's language."""
    return [(name, spoken(text)) for name, text in texts.items()]


def causes_field(**more: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=gettext_lazy("Causes"), choices=lambda: said(CAUSES), widget=forms.CheckboxSelectMultiple, **more
    )


class StepForm(forms.Form):
    """What a step of a procedure asks for: its fields, its outcomes, a reason.

    The rulebook decides what is right, in `casework.steps`; this form only shows, keeps what was typed, and puts each
    problem beside its field. It is never validated by itself.
    """

    use_required_attribute = False

    def __init__(self, step: Step, spec: ProcedureStep, data: Any = None) -> None:
        super().__init__(data)
        self.step, self.spec = step, spec
        self.problems: dict[str, list[str]] = {}
        before = {} if data else _before(step)
        for field in spec.fields:
            made = _form_field(field)
            made.required = field.required is True
            made.initial = _as_typed(field, before.get(field.id))
            self.fields[_name(field)] = made
        self.fields["outcome"] = forms.ChoiceField(choices=[(each.id, spoken(each.label)) for each in spec.outcomes])
        self.fields["reason"] = forms.CharField(
            label=_("Reason"), required=False, widget=forms.Textarea(attrs={"rows": 2, "maxlength": LONGEST_TEXT}),
            help_text=_("In words that the household understands: it is told."),
        )  # fmt: skip
        given = set(step.documents.values_list("kind", flat=True))
        self.papers = [(kind, EVIDENCE[kind], kind in given, _needed_for(spec, kind)) for kind in evidence_of(spec)]

    def full_clean(self) -> None:
        self.cleaned_data: dict[str, Any] = {}
        self._errors = ErrorDict()
        for name, sentences in self.problems.items():
            self._errors[name] = self.error_class(sentences, renderer=self.renderer)

    @property
    def written(self) -> dict[str, Any]:
        """Field of the step → what was typed."""
        return {
            field.id: self.fields[_name(field)].widget.value_from_datadict(self.data, self.files, _name(field))
            for field in self.spec.fields
        }

    @property
    def outcome(self) -> str:
        return str(self.data.get("outcome", ""))

    @property
    def reason(self) -> str:
        return str(self.data.get("reason", ""))

    @property
    def asked(self) -> list[forms.BoundField]:
        return [self[_name(field)] for field in self.spec.fields]

    @property
    def outcome_errors(self) -> Any:
        return self["outcome"].errors

    @property
    def reason_field(self) -> forms.BoundField:
        return self["reason"]

    @property
    def choices(self) -> list[tuple[Outcome, bool]]:
        """Outcomes, and whether each is chosen."""
        return [(each, each.id == self.outcome) for each in self.spec.outcomes]

    def look_over(self) -> bool:
        """Whether everything that the outcome requires is filled in; names all that is not, instead of the first."""
        chosen = self.spec.outcome(self.outcome)
        if chosen is None:
            self._add("outcome", _("Choose the outcome."))
        elif not chosen.returns:
            written = self.written
            for field in self.spec.fields:
                if field.is_required_for(chosen.id) and not written[field.id]:
                    self._add(_name(field), _("Fill this in."))
        if chosen is not None and chosen.reason and not self.reason.strip():
            self._add("reason", _("Give the reason."))
        return not self.problems

    def add(self, problem: Problem) -> None:
        """Put what casework says beside the field that it is about."""
        if isinstance(problem, FieldWrong):
            self._add(f"field-{problem.field}", sentence(problem))
        elif isinstance(problem, ReasonMissing):
            self._add("reason", sentence(problem))
        elif isinstance(problem, ConditionNotMet) and "conditions" in problem.values:
            for each in problem.values["conditions"]:  # type: ignore[attr-defined]
                self._add("__all__", spoken(each))
        else:
            self._add("__all__", sentence(problem))

    def _add(self, name: str, words: str) -> None:
        self.problems.setdefault(name, []).append(words)
        self._errors = None


def evidence_of(spec: ProcedureStep) -> list[str]:
    """Kinds of evidence that the step may ask for, in the rulebook's order."""
    return list(dict.fromkeys(kind for outcome in spec.outcomes for kind in outcome.evidence))


def _name(field: StepField) -> str:
    return f"field-{field.id}"


def _needed_for(spec: ProcedureStep, kind: str) -> str:
    found = [each for each in spec.outcomes if kind in each.evidence]
    words = "; ".join(spoken(each.label) for each in found)
    return _("Needed for: %(outcomes)s") % {"outcomes": words}


def _before(step: Step) -> dict[str, Any]:
    """What the same step recorded before it was sent back, so that nobody types it twice; else what is known."""
    earlier = step.case.steps.filter(step_id=step.step_id, procedure=step.procedure, pk__lt=step.pk)
    last = earlier.exclude(closed_at=None).order_by("-id").first()
    return {"causes": step.case.causes, "causes_found": step.case.causes} | (last.record if last else {})


def _as_typed(field: StepField, value: Any) -> Any:
    if field.kind == "people" and isinstance(value, list):
        return "\n".join(value)
    if field.kind == "yes_no" and value is not None:
        return "yes" if value else "no"
    return value


def _form_field(field: StepField) -> forms.Field:
    label, choices = spoken(field.label), said(field.choices)
    match field.kind:
        case "number":
            return forms.CharField(label=label, widget=forms.TextInput(attrs={"inputmode": "decimal", "maxlength": 20}))
        case "date":
            return forms.CharField(label=label, widget=forms.DateInput(attrs={"type": "date"}))
        case "choice" if len(choices) <= _FEW:
            return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect)
        case "choice":
            return forms.ChoiceField(label=label, choices=[("", "—"), *choices])
        case "several":
            return forms.MultipleChoiceField(label=label, choices=choices, widget=forms.CheckboxSelectMultiple)
        case "yes_no":
            return forms.ChoiceField(
                label=label, choices=[("yes", _("yes")), ("no", _("no"))], widget=forms.RadioSelect
            )
        case "people":
            widget = forms.Textarea(attrs={"rows": 4})
            return forms.CharField(label=label, widget=widget, help_text=_("One name on each line."))
        case _:
            return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": 1, "maxlength": LONGEST_TEXT}))


class LeadForm(forms.Form):
    """What was heard about a household, at the desk or by phone."""

    channel = forms.ChoiceField(label=gettext_lazy("How it was heard"))
    region_code = forms.ChoiceField(label=gettext_lazy("Where the household lives"))
    causes = causes_field(required=False)
    words = forms.CharField(
        label=gettext_lazy("What was said"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 4})
    )
    who = forms.ChoiceField(
        label=gettext_lazy("Who said it"), widget=forms.RadioSelect, initial="self",
        choices=[("self", gettext_lazy("The household itself")), ("other", gettext_lazy("A neighbour or somebody else"))],
    )  # fmt: skip
    told_by = forms.CharField(
        label=gettext_lazy("Name of who said it"), max_length=60, required=False,
        help_text=gettext_lazy("If it was not the household. Leave it empty if no name was given."),
    )  # fmt: skip
    consent = forms.BooleanField(
        label=gettext_lazy("The household agrees that houses, vehicles, businesses and salaries are looked up"),
        required=False, help_text=gettext_lazy("It is signed at the visit."),
    )  # fmt: skip

    def __init__(self, officer: Officer, *args: Any, known: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        channels = [pair for pair in Lead.Channel.choices if pair[0] != Lead.Channel.SCREENING]
        self.fields["channel"].choices = channels
        if officer.role == Role.DEPARTMENT_OFFICER:
            self.fields["channel"].initial = Lead.Channel.DEPARTMENT
        if known:
            del self.fields["region_code"]
        else:
            del self.fields["consent"]
            self.fields["words"].help_text = _("Say who it is about and where they can be found.")
            self.fields["region_code"].choices = _places(officer)

    @property
    def speaker(self) -> str:
        """Whoever spoke; blank if it was the household itself."""
        if self.cleaned_data["who"] == "self":
            return ""
        return self.cleaned_data["told_by"] or _("somebody who gave no name")


def _places(officer: Officer) -> list[tuple[str, str]]:
    villages = [(each.code, path_of(each.code, below=officer.region_code[:9])) for each in villages_of(officer)]
    if len(officer.region_code) == LEVEL_DIGITS["village"]:
        return villages or [(officer.region_code, name_of(officer.region_code))]
    return [(officer.region_code, _("Village not known")), *villages]


class DismissForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why it is not confirmed"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 2})
    )


class MeasureForm(forms.Form):
    category = forms.ChoiceField(label=gettext_lazy("Category"))
    kind = forms.CharField(
        label=gettext_lazy("What it is"), max_length=60, help_text=gettext_lazy("As the register writes it.")
    )
    causes = causes_field(required=False)
    amount_cny = forms.CharField(
        label=gettext_lazy("Amount (CNY)"), required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "maxlength": 20}),
    )  # fmt: skip
    starts_on = forms.DateField(label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"}))
    ends_on = forms.DateField(
        label=gettext_lazy("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 1})
    )

    def __init__(self, case: Case, missing: tuple[Need, ...], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fitting = list(dict.fromkeys(name for need in missing for name in need.accepts))
        others = [name for name in MEASURE_CATEGORIES if name not in fitting]
        words = dict(said(MEASURE_CATEGORIES))
        fit = [(name, words.get(name, name)) for name in fitting]
        rest = [(name, words[name]) for name in others]
        groups = [(_("Answers what is lacking"), fit), (_("Others"), rest)] if fit else rest
        self.fields["category"].choices = [("", "—"), *groups]
        known = [pair for pair in said(CAUSES) if pair[0] in case.causes]
        self.fields["causes"].choices = known or said(CAUSES)
        self.fields["starts_on"].initial = timezone.localdate


class HelperForm(forms.Form):
    helper = forms.ModelChoiceField(label=gettext_lazy("Helper"), queryset=Officer.objects.none())

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["helper"].queryset = helpers_for(case)
        self.fields["helper"].label_from_instance = lambda each: f"{each.full_name} · {chosen(each, 'role')}"
        self.fields["helper"].initial = case.helper_id


class ObjectionForm(forms.Form):
    words = forms.CharField(
        label=gettext_lazy("What was said"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 2})
    )
    said_by = forms.CharField(
        label=gettext_lazy("Who said it"), max_length=60, required=False,
        help_text=gettext_lazy("Leave it empty if they gave no name."),
    )  # fmt: skip


class AnswerForm(forms.Form):
    upheld = forms.ChoiceField(
        label=gettext_lazy("The objection"), widget=forms.RadioSelect,
        choices=[("yes", gettext_lazy("is right: upheld")), ("no", gettext_lazy("is not right"))],
    )  # fmt: skip
    answer = forms.CharField(
        label=gettext_lazy("Answer"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 2})
    )


class CampaignForm(forms.Form):
    region_code = forms.ChoiceField(label=gettext_lazy("Region"))
    size = forms.IntegerField(label=gettext_lazy("Households to draw"), min_value=1, max_value=500, initial=10)

    def __init__(self, officer: Officer, codes: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region_code"].choices = [(code, path_of(code, below=officer.region_code[:-1])) for code in codes]
