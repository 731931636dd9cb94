import django.db.models.deletion
import marelle.foundation.files
import marelle.foundation.public_ids
import marelle.foundation.tenancy
from django.conf import settings
from django.db import migrations, models

from marelle.foundation.constraints import AddConstraint, AddIndex


class Migration(migrations.Migration):
    dependencies = [
        ("authorities", "0004_journal"),
        ("families", "0011_merged"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ChildPhoto",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(default=marelle.foundation.public_ids.new_public_id, max_length=12, unique=True),
                ),
                (
                    "stored_as",
                    marelle.foundation.files.StoredFileField(max_length=32, unique=True, verbose_name="contenu"),
                ),
                ("content_type", models.CharField(max_length=40, verbose_name="type du fichier")),
                ("uploaded_at", models.DateTimeField(verbose_name="donnée le")),
                (
                    "authority",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="authorities.authority",
                        verbose_name="collectivité",
                    ),
                ),
                (
                    "child",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="photo",
                        to="families.child",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "photo d’un enfant",
            },
        ),
        AddIndex(
            model_name="childphoto",
            index=models.Index(fields=["authority", "uploaded_at"], name="photo_by_age"),
        ),
        AddConstraint(
            model_name="childphoto",
            constraint=marelle.foundation.tenancy.SameAuthority(field="child", name="families_childphoto_child_same"),
        ),
    ]
