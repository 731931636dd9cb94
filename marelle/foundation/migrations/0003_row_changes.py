from django.db import migrations, models

from marelle.foundation.constraints import AddIndex
from marelle.foundation.row_changes import ACT, KEEP

ACT_COLUMN = models.UUIDField(null=True, db_default=models.Func(function="foundation_act"))


class Migration(migrations.Migration):
    dependencies = [
        ("foundation", "0002_cache"),
    ]

    operations = [
        migrations.RunSQL(ACT, "DROP FUNCTION foundation_act()"),
        migrations.CreateModel(
            name="RowChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("authority_key", models.BigIntegerField()),
                ("act", models.UUIDField()),
                ("object_type", models.CharField(max_length=40)),
                ("object_key", models.BigIntegerField()),
                ("before", models.JSONField(verbose_name="disait")),
                ("after", models.JSONField(null=True, verbose_name="dit")),
                ("recorded_at", models.DateTimeField(verbose_name="le")),
            ],
            options={
                "verbose_name": "ancienne valeur",
            },
        ),
        # Added without its default: lines written before belong to no act, and the table is not made anew.
        migrations.RunSQL(
            [
                "ALTER TABLE foundation_auditentry ADD COLUMN act uuid",
                "ALTER TABLE foundation_auditentry ALTER COLUMN act SET DEFAULT foundation_act()",
            ],
            "ALTER TABLE foundation_auditentry DROP COLUMN act",
            state_operations=[migrations.AddField(model_name="auditentry", name="act", field=ACT_COLUMN)],
        ),
        AddIndex(
            model_name="auditentry",
            index=models.Index(
                condition=models.Q(("actor_kind", "agent")),
                fields=["authority_key", "actor_key", "recorded_at"],
                name="audit_by_agent",
            ),
        ),
        AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["act"], name="audit_by_act"),
        ),
        AddIndex(
            model_name="rowchange",
            index=models.Index(fields=["authority_key", "object_type", "object_key"], name="change_by_object"),
        ),
        AddIndex(
            model_name="rowchange",
            index=models.Index(fields=["act"], name="change_by_act"),
        ),
        AddIndex(
            model_name="rowchange",
            index=models.Index(fields=["recorded_at"], name="change_by_moment"),
        ),
        migrations.RunSQL(KEEP, "DROP FUNCTION foundation_keep_changes()"),
    ]
