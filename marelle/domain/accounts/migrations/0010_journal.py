from django.db import migrations

from marelle.foundation.row_changes import KeepChanges


class Migration(migrations.Migration):
    dependencies = [
        ("foundation", "0003_row_changes"),
        ("accounts", "0009_rights_to_know"),
    ]

    operations = [
        KeepChanges("accounts_agent", remembers=True),
        KeepChanges("accounts_grant", remembers=True),
    ]
