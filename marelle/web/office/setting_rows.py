"""Rows of a form that are added and taken away without a script: some blank ones always wait at the end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeVar

from django import forms

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.http import QueryDict

MOST_ROWS: Final = 60


class Row(forms.Form):
    """A row: `code` names the one it was, empty for a new one; a blank row asks for nothing."""

    use_required_attribute = False
    code = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    is_removed = forms.BooleanField(label="Retirer", required=False)

    @property
    def is_gone(self) -> bool:
        """Will tell whether an agent takes it away: what else it says no longer matters."""
        return bool(self.is_bound and self.data.get(self.add_prefix("is_removed")))

    @property
    def is_blank(self) -> bool:
        """Will tell whether nothing was written in it."""
        return not self.is_bound or not self.has_changed()

    @property
    def is_new(self) -> bool:
        """Will tell whether it stands for nothing yet."""
        return not (self.data.get(self.add_prefix("code")) if self.is_bound else self.initial.get("code"))


R = TypeVar("R", bound=Row)


def rows_shown(
    form: type[R], prefix: str, initial: Iterable[Mapping[str, Any]], *, blanks: int, **more: Any
) -> list[R]:
    """Will return the rows that are there, then blank ones."""
    present = [dict(one) for one in initial]
    return [
        form(prefix=f"{prefix}-{place}", initial=one, **more)
        for place, one in enumerate([*present, *({} for _blank in range(blanks))])
    ]


def rows_sent(form: type[R], prefix: str, data: QueryDict, **more: Any) -> list[R]:
    """Will return the rows of a form that was sent, in their order, the first `MOST_ROWS` of them."""
    named = re.compile(rf"{re.escape(prefix)}-([0-9]{{1,2}})-[a-z_]+")
    places = sorted({int(found[1]) for name in data if (found := named.fullmatch(name))})[:MOST_ROWS]
    return [form(data, prefix=f"{prefix}-{place}", empty_permitted=True, **more) for place in places]


def rows_kept(rows: Iterable[R]) -> list[R]:
    """Will return those that say something and stay."""
    return [row for row in rows if not row.is_gone and not row.is_blank]
