"""The day on which a régie joins, and the name of a software."""

from __future__ import annotations

from marelle.web.office.billing.forms import DayField, Form, words


class JoiningForm(Form):
    """From which day."""

    since = DayField("Rejoindre les factures en ligne à partir du")


class TokenForm(Form):
    """Who will bring invoices."""

    name = words("Logiciel", "Nommez le logiciel qui apportera ses factures.", longest=80)
