"""A file of invoices, and the régie that they are paid to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from marelle.web.office.billing.forms import Form
from marelle.web.office.imported_invoices import wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from marelle.domain.authorities.models import Regie


class FileForm(Form):
    """A file, and whose."""

    regie = forms.ChoiceField(
        label="Régie",
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), wording.CHOOSE_REGIE),
    )
    file = forms.FileField(
        label="Fichier des factures",
        allow_empty_file=True,
        max_length=1000,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
        error_messages=dict.fromkeys(("required", "invalid", "missing", "empty", "max_length"), wording.NO_FILE),
    )

    def __init__(self, *args: Any, regies: Sequence[Regie], **kwargs: Any) -> None:
        """Will offer these régies."""
        super().__init__(*args, **kwargs)
        field = self.fields["regie"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared above
        field.choices = [(one.code, one.name) for one in regies]
        if len(regies) == 1:
            self.initial.setdefault("regie", regies[0].code)
