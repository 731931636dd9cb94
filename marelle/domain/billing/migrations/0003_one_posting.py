"""An invoice is posted once, and no line moves into an issued one."""

from marelle.foundation.constraints import AddConstraint
from django.db import migrations, models

HOLDS = """
CREATE TRIGGER issued_are_joined_by_no_line AFTER UPDATE ON billing_invoiceline
REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION billing_issued_lines_are_frozen();
"""

NO_HOLDS = "DROP TRIGGER issued_are_joined_by_no_line ON billing_invoiceline;"


class Migration(migrations.Migration):
    dependencies = [("billing", "0002_ledger_holds")]

    operations = [
        AddConstraint(
            model_name="posting",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "invoice")),
                fields=("authority", "invoice"),
                name="one_posting_of_an_invoice",
            ),
        ),
        migrations.RunSQL(HOLDS, NO_HOLDS),
    ]
