"""A statement to import, and what an agent says of a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from marelle.domain.payments.models import BankStatement
from marelle.domain.payments.rules.statements import UnreadableStatementError, read_statement
from marelle.web.office.billing.forms import Form, words
from marelle.web.office.reconciliation import wording

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from marelle.domain.payments.rules.statements import Statement


class ImportForm(Form):
    """A file, whose it is, and the names of its columns when they are not recognized."""

    source = forms.ChoiceField(
        label="Ce fichier est",
        choices=BankStatement.Source.choices,
        widget=forms.RadioSelect,
        initial=BankStatement.Source.BANK,
        error_messages={"required": wording.CHOOSE, "invalid_choice": wording.CHOOSE},
    )
    file = forms.FileField(
        label="Relevé",
        allow_empty_file=True,
        max_length=1000,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
        error_messages=dict.fromkeys(("required", "invalid", "missing", "empty", "max_length"), wording.NO_FILE),
    )

    def __init__(self, *args: Any, remembered: Mapping[str, Mapping[str, str]], **kwargs: Any) -> None:
        """Will know the columns of the last statement of each source: those that are not said again."""
        super().__init__(*args, **kwargs)
        self.remembered = remembered
        self.statement: Statement | None = None
        for name, label in wording.COLUMNS.items():
            self.fields[name] = words(label, "", longest=60, required=False)

    @property
    def columns(self) -> list[forms.BoundField]:
        """Will return the fields of the columns."""
        return [self[name] for name in wording.COLUMNS]

    def clean(self) -> dict[str, Any]:
        """Will read the file, with the columns that are said, else those of the last time, else as it seems."""
        given = self.cleaned_data
        upload, source = given.get("file"), given.get("source")
        if upload is None or source is None:
            return given
        said = {name: given[name] for name in wording.COLUMNS if given.get(name)}
        content = upload.read()
        guesses: list[Mapping[str, str]] = [said] if said else [self.remembered.get(source, {}), {}]
        fault: UnreadableStatementError | None = None
        for columns in guesses:
            try:
                self.statement = read_statement(content, columns)
            except UnreadableStatementError as error:
                fault = error
            else:
                return given
        if fault is not None:
            self.add_error("file", f"{fault.fault.value}{wording.columns_seen(fault.names)}")
        return given


class CashForm(Form):
    """For whom a transfer is, and which invoices it settles first."""

    payer = forms.ChoiceField(
        label="Compte", error_messages={"required": wording.CHOOSE, "invalid_choice": wording.CHOOSE}
    )
    invoices = forms.MultipleChoiceField(
        label="Factures à régler d’abord",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": wording.CHOOSE, "invalid_list": wording.CHOOSE},
    )

    def __init__(self, *args: Any, payer: tuple[str, str], invoices: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        """Will offer this payer (public id, name), and its invoices."""
        super().__init__(*args, **kwargs)
        self.fields["payer"].choices = [payer]  # type: ignore[attr-defined]
        self.fields["payer"].widget = forms.HiddenInput()
        self.fields["payer"].initial = payer[0]
        self.fields["invoices"].choices = list(invoices)  # type: ignore[attr-defined]


class DismissForm(Form):
    """Why a line is none of ours."""

    reason = words("Raison", wording.NO_REASON, longest=300, rows=2)
