"""Forms of files that come in. What is right is decided by the actions; forms shape what was typed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khotail.accounts.models import Officer
from khotail.desk.templatetags.khotail import spoken
from khotail.intake import queries
from khotail.intake.models import Batch, DoubtfulMatch
from khotail.intake.preview import Preview
from khotail.intake.sources import source_of, sources_for

#: Files in one upload; more are sent in another.
MOST_FILES = 20


class ManyFiles(forms.FileField):
    """Several files under one name."""

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = [super(ManyFiles, self).clean(one, initial) for one in data or [None]]
        if len(files) > MOST_FILES:
            raise forms.ValidationError(_("At most %(number)d files at a time.") % {"number": MOST_FILES})
        return files


class _ManyFilesInput(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[UploadedFile]:
        return list(files.getlist(name)) if hasattr(files, "getlist") else []


class UploadForm(forms.Form):
    # A browser's name of a file may be of any length; it is only ever shown.
    files = ManyFiles(
        label=gettext_lazy("Files"), allow_empty_file=True,
        widget=_ManyFilesInput(attrs={"accept": ".xlsx,.xls,.csv,.parquet", "multiple": True}),
    )  # fmt: skip
    source = forms.ChoiceField(label=gettext_lazy("Which list"), required=False)
    as_of = forms.DateField(
        label=gettext_lazy("Day the data hold for"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("Left empty, it is taken from the file's title or name"),
    )  # fmt: skip

    def __init__(self, officer: Officer, *given: Any) -> None:
        super().__init__(*given)
        self.fields["source"].choices = [("", _("By its headers")), *named_sources(officer)]


class BatchFilter(forms.Form):
    state = forms.ChoiceField(
        label=gettext_lazy("State"), required=False, choices=[("", gettext_lazy("All")), *Batch.State.choices]
    )
    source = forms.ChoiceField(label=gettext_lazy("List"), required=False)
    sender = forms.TypedChoiceField(label=gettext_lazy("Sent by"), required=False, coerce=int, empty_value=None)

    def __init__(self, officer: Officer, *given: Any) -> None:
        super().__init__(*given)
        self.fields["source"].choices = [("", _("All")), *named_sources(officer)]
        senders = queries.batches(officer).order_by("sent_by__full_name", "sent_by")
        self.fields["sender"].choices = [
            ("", _("All")),
            *senders.values_list("sent_by", "sent_by__full_name").distinct(),
        ]

    def wanted(self) -> dict[str, str]:
        """The filters of `khotail.intake.queries.batches`; what cannot be understood filters nothing."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in ("state", "source")}

    def sent_by(self) -> int | None:
        self.is_valid()
        sender: int | None = self.cleaned_data.get("sender")
        return sender


class DoubtFilter(forms.Form):
    state = forms.ChoiceField(
        label=gettext_lazy("State"), required=False,
        choices=[("", gettext_lazy("To decide")), *DoubtfulMatch.State.choices[1:], ("all", gettext_lazy("All"))],
    )  # fmt: skip

    def wanted(self) -> str:
        """A state; "" for all of them."""
        self.is_valid()
        chosen: str = self.cleaned_data.get("state") or DoubtfulMatch.State.OPEN
        return "" if chosen == "all" else chosen


class MeaningForm(forms.Form):
    """Which list a file is, its day, and what its columns mean: one field per column that a person may correct.

    every  whether the columns that are known without doubt can be corrected too
    """

    source = forms.ChoiceField(label=gettext_lazy("Which list"))
    as_of = forms.DateField(label=gettext_lazy("Day the data hold for"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, officer: Officer, batch: Batch, shown: Preview, *, every: bool, data: Any = None) -> None:
        known = named_sources(officer)
        source = shown.guessed_source or batch.source
        super().__init__(data, initial={"source": source, "as_of": batch.as_of.isoformat()})
        names = {identifier for identifier, _name in known}
        self.fields["source"].choices = known if source in names else [("", _("Not known yet")), *known]
        self.batch, self.guessed = batch, source
        self.headers: dict[str, str] = {}
        self.guesses: dict[str, str] = {}
        options = [("", _("Leave out")), *((name, spoken(text)) for name, text in shown.choices)]
        for place, guess in enumerate(shown.columns):
            if not guess.header or guess.header in self.headers.values() or not (every or guess.confidence < 1):
                continue
            field = f"column-{place}"
            self.headers[field], self.guesses[field] = guess.header, guess.column
            self.fields[field] = forms.ChoiceField(
                label=guess.header, choices=options, required=False, initial=guess.column
            )

    def column(self, place: int) -> Any:
        """The field of one column, if it can be corrected."""
        return self[f"column-{place}"] if f"column-{place}" in self.fields else None

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        # Columns of one list mean nothing in another: whoever chooses another list sees its columns next.
        for field in self.headers:
            if values.get("source") != self.guessed and field in self.errors:
                del self.errors[field]
        return values

    @property
    def mapping(self) -> dict[str, str]:
        """What is known from before, and what this form says otherwise than the guess."""
        said = {
            header: self.cleaned_data[field]
            for field, header in self.headers.items()
            if self.cleaned_data[field] != self.guesses[field]
        }
        source = source_of(self.cleaned_data["source"])
        has = source.headers if source else {}
        # Of another list than the one that was guessed, only columns that it has too mean anything.
        return {header: name for header, name in {**self.batch.mapping, **said}.items() if not name or name in has}

    @property
    def day(self) -> date:
        day: date = self.cleaned_data["as_of"]
        return day


def named_sources(officer: Officer) -> Sequence[tuple[str, str]]:
    return [(one.id, spoken(one.name)) for one in sources_for(officer)]
