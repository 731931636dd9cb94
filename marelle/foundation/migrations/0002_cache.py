"""The shared cache of the sign-in library, in the database: several web processes must see the same throttles."""

from django.db import migrations


class Migration(migrations.Migration):
    """Makes the table that Django's DatabaseCache expects."""

    dependencies = [("foundation", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "CREATE UNLOGGED TABLE marelle_cache ("
            "cache_key varchar(255) NOT NULL PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);"
            "CREATE INDEX marelle_cache_expires ON marelle_cache (expires);",
            "DROP TABLE marelle_cache;",
        )
    ]
