"""The days that were invoiced are counted, in one statement, of one authority."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.domain.billing.models import Invoice
from marelle.domain.billing.queries.invoiced import invoiced_days
from marelle.foundation import tenancy
from tests.house.whole_town import MONDAY, make_whole_town

pytestmark = pytest.mark.django_db


def test_only_days_on_issued_invoices_of_that_product_and_time_are_counted(in_scope):
    town = make_whole_town("Dammartin")
    in_scope(town.authority)
    assert Invoice.objects.filter(state="issued", origin="marelle").count() == 1

    def counted(first, before=None, product=town.meal.pk):
        return invoiced_days(product, authority=town.authority.pk, first=first, before=before)

    with CaptureQueriesContext(connection) as read:
        assert counted(MONDAY) == 1
    assert len(read) == 1
    assert counted(date(2026, 11, 24)) == 0
    assert counted(date(2026, 9, 1), before=MONDAY) == 0
    assert counted(date(2026, 9, 1), before=date(2026, 11, 24)) == 1
    assert counted(MONDAY, product=0) == 0
    with tenancy.scope(set()), pytest.raises(tenancy.UnscopedQueryError):
        counted(MONDAY)
