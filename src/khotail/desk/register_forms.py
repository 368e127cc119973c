"""Forms of the register: one per thing that happens to a household."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khotail.accounts.language import readers_language
from khotail.accounts.models import Officer
from khotail.desk.regions import path_of
from khotail.facts.schema import HOUSEHOLD_TYPES, TABLES
from khotail.facts.schema.codes import RELATIONS
from khotail.facts.schema.columns import Column
from khotail.register.correcting import correctable
from khotail.register.members import NewPerson
from khotail.register.models import Household, Person
from khotail.register.queries import villages_of
from khotail.report.names import unit_name

#: Tables that a person may add to or correct on the household page, besides households and persons.
FACT_TABLES = ("incomes", "house_checks", "water_checks", "livestock", "disaster_losses", "benefits", "incidents")
_LIVING = (Person.Leaving.DIED, Person.Leaving.MOVED, Person.Leaving.MARRIED_OUT, Person.Leaving.OTHER)


def in_words(zh: str, en: str) -> str:
    """The register's word in Chinese, with its meaning for readers of English."""
    return zh if readers_language() == "zh" else f"{en} ({zh})"


def _choices(codes: tuple[tuple[str, str], ...], empty: bool = True) -> list[tuple[str, Any]]:
    words = [(code, in_words(code, en)) for code, en in codes]
    return [("", "—"), *words] if empty else words


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}), **more)


class WithReason(forms.Form):
    on = _day(_("Day it happened"))
    reason = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = timezone.localdate
        self.order_fields([name for name in self.fields if name not in ("on", "reason")] + ["on", "reason"])


class PersonFields(WithReason):
    name = forms.CharField(label=_("Name"), max_length=60)
    id_number = forms.CharField(
        label=_("ID number"), max_length=30, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Sex and birth date are taken from it. Leave it empty if there is none."),
    )  # fmt: skip
    sex = forms.ChoiceField(label=_("Sex"), required=False)
    birth_date = _day(_("Date of birth"), required=False)
    phone = forms.CharField(label=_("Phone"), max_length=20, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sex"].choices = _choices((("男", "male"), ("女", "female")))

    def person(self) -> NewPerson:
        values = self.cleaned_data
        return NewPerson(
            values["name"], values.get("relation") or "其他", values["sex"], values["birth_date"], values["id_number"],
            values["phone"],
        )  # fmt: skip


class MemberForm(PersonFields):
    """Birth, marriage in, moving in."""

    how = forms.ChoiceField(
        label=_("What happened"),
        choices=[
            ("birth", _("Born")), ("marriage", _("Married in")), ("move", _("Moved in")), ("other", _("Other")),
        ],
    )  # fmt: skip
    relation = forms.ChoiceField(label=_("Relation to the head"))
    field_order = ("how", "name", "relation", "id_number", "sex", "birth_date", "phone", "on", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["relation"].choices = _choices(tuple(pair for pair in RELATIONS if pair[0] != "户主"))
        self.order_fields(self.field_order)


class VillageField(forms.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=kwargs.pop("label", _("Village")), **kwargs)

    def offer(self, officer: Officer, empty: bool = True) -> None:
        words = [(each.code, path_of(each.code, below=officer.region_code[:9])) for each in villages_of(officer)]
        self.choices = [("", "—"), *words] if empty else words


class HouseholdForm(PersonFields):
    region_code = VillageField()
    number = forms.CharField(
        label=_("Household number"), max_length=40, required=False, help_text=_("Leave empty to be given one.")
    )
    household_type = forms.ChoiceField(label=_("Household type"))
    field_order = (
        "region_code", "number", "household_type", "name", "id_number", "sex", "birth_date", "phone", "on", "reason",
    )  # fmt: skip

    def __init__(self, officer: Officer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region_code"].offer(officer, empty=False)
        self.fields["household_type"].choices = _choices(HOUSEHOLD_TYPES[::-1], empty=False)
        self.fields["name"].label = _("Name of the head")
        self.order_fields(self.field_order)


class LeavingForm(WithReason):
    how = forms.ChoiceField(label=_("What happened"), choices=[(each.value, each.label) for each in _LIVING])
    new_head = forms.ModelChoiceField(
        label=_("New head of the household"), queryset=Person.objects.none(), required=False
    )

    def __init__(self, person: Person, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if person.relation == "户主":
            others = Person.objects.filter(household_id=person.household_id, left_on=None).exclude(pk=person.pk)
            self.fields["new_head"].queryset = others
        else:
            del self.fields["new_head"]


class MoveForm(WithReason):
    to = VillageField(label=_("Moves to"))

    def __init__(self, officer: Officer, household: Household, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].offer(officer)


class SplitForm(WithReason):
    members = forms.ModelMultipleChoiceField(
        label=_("Who goes"), queryset=Person.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    head = forms.ModelChoiceField(label=_("Head of the new household"), queryset=Person.objects.none())
    region_code = VillageField(required=False, label=_("Village, if another"))
    number = forms.CharField(
        label=_("Number of the new household"),
        max_length=40,
        required=False,
        help_text=_("Leave empty to be given one."),
    )

    def __init__(self, officer: Officer, household: Household, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        present = Person.objects.filter(household=household, left_on=None)
        self.fields["members"].queryset = self.fields["head"].queryset = present
        self.fields["region_code"].offer(officer)


class MergeForm(WithReason):
    into = forms.CharField(label=_("Number of the household that goes on"), max_length=40)

    def __init__(self, officer: Officer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.officer = officer

    def clean_into(self) -> Household:
        found = Household.objects.visible_to(self.officer).filter(number=self.cleaned_data["into"].strip()).first()
        if found is None:
            raise forms.ValidationError(_("There is no household with this number in your region."))
        return found


class CorrectForm(forms.Form):
    """One field per column of the table; what is left as it was is not stated again."""

    reason = forms.CharField(label=_("Why, and from where it is known"), max_length=300)

    def __init__(self, table: str, known: dict[str, Any], *args: Any, only: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = known
        key = TABLES[table].key
        for column in correctable(table):
            if only and column.name != only:
                continue
            self.fields[column.name] = _field(column, required=column.name in key)
            if not column.personal:
                self.initial.setdefault(column.name, _shown(known.get(column.name)))
        self.key = [name for name in key if name in self.fields]
        self.order_fields([name for name in self.fields if name != "reason"] + ["reason"])

    def stated(self) -> dict[str, Any]:
        """Key columns, and the columns whose value is another than what is known."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "reason"}
        return {
            name: value
            for name, value in values.items()
            if name in self.key or (value not in (None, "") and str(value) != _shown(self.known.get(name)))
        }


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _field(column: Column, required: bool) -> forms.Field:
    label = in_words(column.zh, column.en)
    if column.kind == "bool":
        return forms.ChoiceField(label=label, required=required, choices=_choices((("是", "yes"), ("否", "no"))))
    if column.kind == "date":
        return _day(label, required=required)
    if column.codes:
        return forms.ChoiceField(label=label, required=required, choices=_choices(column.codes))
    unit = unit_name(column.unit)
    return forms.CharField(label=label, required=required, max_length=500, help_text=in_words(unit.zh, unit.en))


class DocumentForm(forms.Form):
    """`files` is read from the request: several may come at once, from the camera or the folder."""

    kind = forms.ChoiceField(
        label=_("What it is"),
        choices=[
            ("photo", _("Photo")), ("id_card", _("ID or certificate")), ("authorisation", _("Signed authorisation")),
            ("medical", _("Medical papers")), ("minutes", _("Minutes")), ("other", _("Other")),
        ],
    )  # fmt: skip
    title = forms.CharField(label=_("Title"), max_length=120, required=False)
