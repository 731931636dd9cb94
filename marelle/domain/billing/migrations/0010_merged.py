import django.db.models.deletion
import marelle.foundation.tenancy
from django.db import migrations, models

from marelle.foundation.constraints import AddConstraint

# What an issued invoice says never changes; whose file it is in follows that file, when the database itself knows that
# the file, or the child of a line, was united with that other one. The paper, its number and its amounts are the same.
HOLDS = """
CREATE OR REPLACE FUNCTION billing_issued_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (to_jsonb(NEW) - 'recovery_at' - 'recovery_number' - 'withdrawn_at' - 'family_id')
            IS DISTINCT FROM (to_jsonb(OLD) - 'recovery_at' - 'recovery_number' - 'withdrawn_at' - 'family_id')
            OR (OLD.withdrawn_at IS NOT NULL AND NEW.withdrawn_at IS DISTINCT FROM OLD.withdrawn_at)
            OR (NEW.family_id IS DISTINCT FROM OLD.family_id AND NOT EXISTS (
                SELECT 1 FROM families_family f WHERE f.authority_id = OLD.authority_id AND f.id = OLD.family_id
                AND f.merged_into_id = NEW.family_id)) THEN
        RAISE EXCEPTION 'invoice % is issued: correct it by another one', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION billing_issued_lines_say_the_same() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM former o FULL JOIN latter n ON n.authority_id = o.authority_id AND n.id = o.id
        WHERE ((to_jsonb(n) - 'child_id') IS DISTINCT FROM (to_jsonb(o) - 'child_id')
            OR (n.child_id IS DISTINCT FROM o.child_id AND NOT EXISTS (
                SELECT 1 FROM families_child c WHERE c.authority_id = o.authority_id AND c.id = o.child_id
                AND c.merged_into_id = n.child_id)))
        AND EXISTS (SELECT 1 FROM billing_invoice i WHERE i.state = 'issued'
            AND ((i.authority_id = o.authority_id AND i.id = o.invoice_id)
                OR (i.authority_id = n.authority_id AND i.id = n.invoice_id)))
    ) THEN
        RAISE EXCEPTION 'an invoice is issued: its lines are frozen' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER issued_are_joined_by_no_line ON billing_invoiceline;
DROP TRIGGER issued_lines_stay ON billing_invoiceline;
CREATE TRIGGER issued_lines_stay AFTER UPDATE ON billing_invoiceline
REFERENCING OLD TABLE AS former NEW TABLE AS latter
FOR EACH STATEMENT EXECUTE FUNCTION billing_issued_lines_say_the_same();
"""

HELD_BEFORE = """
DROP TRIGGER issued_lines_stay ON billing_invoiceline;
CREATE TRIGGER issued_lines_stay AFTER UPDATE ON billing_invoiceline
REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION billing_issued_lines_are_frozen();
CREATE TRIGGER issued_are_joined_by_no_line AFTER UPDATE ON billing_invoiceline
REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION billing_issued_lines_are_frozen();
DROP FUNCTION billing_issued_lines_say_the_same;

CREATE OR REPLACE FUNCTION billing_issued_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (to_jsonb(NEW) - 'recovery_at' - 'recovery_number' - 'withdrawn_at')
            IS DISTINCT FROM (to_jsonb(OLD) - 'recovery_at' - 'recovery_number' - 'withdrawn_at')
            OR (OLD.withdrawn_at IS NOT NULL AND NEW.withdrawn_at IS DISTINCT FROM OLD.withdrawn_at) THEN
        RAISE EXCEPTION 'invoice % is issued: correct it by another one', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("authorities", "0004_journal"),
        ("billing", "0009_a_nouveau"),
        ("families", "0011_merged"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="payeraccount",
            name="one_payer_account",
        ),
        migrations.AddField(
            model_name="payeraccount",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="billing.payeraccount",
                verbose_name="réuni avec",
            ),
        ),
        migrations.AlterField(
            model_name="posting",
            name="kind",
            field=models.CharField(
                choices=[
                    ("invoice", "Facture"),
                    ("payment", "Paiement"),
                    ("allocation", "Imputation"),
                    ("refund", "Remboursement"),
                    ("reversal", "Annulation d’un paiement"),
                    ("recovery", "Paiement au Trésor"),
                    ("write_off", "Admission en non-valeur"),
                    ("withdrawal", "Retrait d’une facture importée"),
                    ("opening", "Reprise d’un solde"),
                    ("union", "Réunion de deux dossiers"),
                ],
                max_length=10,
                verbose_name="nature",
            ),
        ),
        AddConstraint(
            model_name="payeraccount",
            constraint=models.UniqueConstraint(
                condition=models.Q(("family__isnull", False), ("merged_into__isnull", True)),
                fields=("authority", "regie", "family"),
                name="one_payer_account",
            ),
        ),
        AddConstraint(
            model_name="payeraccount",
            constraint=marelle.foundation.tenancy.SameAuthority(
                field="merged_into", name="billing_payeraccount_merged_into_same"
            ),
        ),
        migrations.RunSQL(HOLDS, HELD_BEFORE),
    ]
