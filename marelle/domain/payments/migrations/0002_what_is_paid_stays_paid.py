"""What the database itself holds of payments: the terms of an attempt never change, paid stays paid, receipts freeze."""

from django.db import migrations

HOLDS = """
CREATE FUNCTION payments_attempt_keeps_its_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.reference, NEW.cents, NEW.wallet_cents, NEW.regie_id, NEW.payer_id, NEW.gateway, NEW.mode, NEW.number,
        NEW.purpose, NEW.token) IS DISTINCT FROM (OLD.reference, OLD.cents, OLD.wallet_cents, OLD.regie_id,
        OLD.payer_id, OLD.gateway, OLD.mode, OLD.number, OLD.purpose, OLD.token)
        OR (OLD.provider_id <> '' AND NEW.provider_id <> OLD.provider_id)
        OR (OLD.posting_id IS NOT NULL AND NEW.posting_id IS DISTINCT FROM OLD.posting_id)
        OR (OLD.state = 'paid' AND NEW.state <> 'paid')
    THEN
        RAISE EXCEPTION 'payment attempt % keeps its terms', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER attempts_keep_their_terms BEFORE UPDATE ON payments_paymentattempt
FOR EACH ROW EXECUTE FUNCTION payments_attempt_keeps_its_terms();

CREATE TRIGGER paid_attempts_stay BEFORE DELETE ON payments_paymentattempt
FOR EACH ROW WHEN (OLD.state = 'paid') EXECUTE FUNCTION billing_only_grows();

CREATE TRIGGER receipts_stay BEFORE DELETE ON payments_receipt
FOR EACH ROW EXECUTE FUNCTION billing_only_grows();
"""

GONE = """
DROP TRIGGER attempts_keep_their_terms ON payments_paymentattempt;
DROP TRIGGER paid_attempts_stay ON payments_paymentattempt;
DROP TRIGGER receipts_stay ON payments_receipt;
DROP FUNCTION payments_attempt_keeps_its_terms();
"""


class Migration(migrations.Migration):
    """Triggers alone."""

    dependencies = (("payments", "0001_initial"), ("billing", "0004_wallet_kept_reversals"))
    operations = (migrations.RunSQL(HOLDS, GONE),)
