"""What documents hold goes from the table to where files are kept; and which of them speak of health."""

from typing import Any

from django.db import migrations, models

import marelle.foundation.encryption
import marelle.foundation.files
from marelle.foundation import files
from marelle.foundation.writes import permitted

AT_ONCE = 8  # some megabytes each


def move_out(apps: Any, _schema: Any) -> None:
    """Keep each content apart. Should this be undone, nobody names these files and they are swept away."""
    documents = apps.get_model("families", "SupportingDocument")
    with permitted("migrate"):
        for row in documents.objects.order_by("pk").iterator(chunk_size=AT_ONCE):
            stored_as = files.store(bytes(row.content or b""))
            documents.objects.filter(pk=row.pk).update(stored_as=stored_as)


def move_in(apps: Any, _schema: Any) -> None:
    """Put each content back in its row; what is kept apart is then named by nobody."""
    documents = apps.get_model("families", "SupportingDocument")
    with permitted("migrate"):
        for key, stored_as in documents.objects.order_by("pk").values_list("pk", "stored_as"):
            documents.objects.filter(pk=key).update(content=files.read(stored_as))


class Migration(migrations.Migration):
    dependencies = [
        ("families", "0006_profile"),
    ]

    operations = [
        migrations.AddField(
            model_name="supportingdocument",
            name="is_health",
            field=models.BooleanField(default=False, verbose_name="parle de santé"),
        ),
        migrations.AddField(
            model_name="supportingdocument",
            name="pages",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="nombre de pages"),
        ),
        migrations.AddField(
            model_name="supportingdocument",
            name="stored_as",
            field=marelle.foundation.files.StoredFileField(max_length=32, null=True, verbose_name="contenu"),
        ),
        # Its reverse puts back a column that holds nothing yet: it must be allowed to, until `move_in` has filled it.
        migrations.AlterField(
            model_name="supportingdocument",
            name="content",
            field=marelle.foundation.encryption.EncryptedBinaryField(null=True, verbose_name="contenu"),
        ),
        migrations.RunPython(move_out, move_in),
        migrations.AlterField(
            model_name="supportingdocument",
            name="stored_as",
            field=marelle.foundation.files.StoredFileField(max_length=32, unique=True, verbose_name="contenu"),
        ),
        migrations.RemoveField(model_name="supportingdocument", name="content"),
    ]
