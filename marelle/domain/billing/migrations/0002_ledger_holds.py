"""What the database itself holds of the ledger: it only grows, and every posting sums to zero."""

from django.db import migrations

HOLDS = """
CREATE FUNCTION billing_posting_is_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    total bigint;
BEGIN
    SELECT sum(cents) INTO total FROM billing_ledgerentry
    WHERE authority_id = NEW.authority_id AND posting_id = NEW.posting_id;
    IF total <> 0 THEN
        RAISE EXCEPTION 'posting % does not sum to zero: %', NEW.posting_id, total USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER posting_is_balanced AFTER INSERT ON billing_ledgerentry
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_posting_is_balanced();

CREATE FUNCTION billing_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% only grows', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;

CREATE TRIGGER ledger_only_grows BEFORE UPDATE OR DELETE ON billing_ledgerentry
FOR EACH ROW EXECUTE FUNCTION billing_only_grows();

-- The account of the person who recorded it may be erased; nothing else of it changes.
CREATE TRIGGER postings_only_lose_a_name BEFORE UPDATE ON billing_posting
FOR EACH ROW WHEN ((to_jsonb(NEW) - 'by_id') IS DISTINCT FROM (to_jsonb(OLD) - 'by_id') OR NEW.by_id IS NOT NULL)
EXECUTE FUNCTION billing_only_grows();

CREATE TRIGGER postings_only_grow BEFORE DELETE ON billing_posting
FOR EACH ROW EXECUTE FUNCTION billing_only_grows();

-- An issued invoice is frozen, but for what happens to it afterwards: its hand-over to the Trésor.
CREATE FUNCTION billing_issued_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (to_jsonb(NEW) - 'recovery_at' - 'recovery_number')
            IS DISTINCT FROM (to_jsonb(OLD) - 'recovery_at' - 'recovery_number') THEN
        RAISE EXCEPTION 'invoice % is issued: correct it by another one', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER issued_is_frozen BEFORE UPDATE OR DELETE ON billing_invoice
FOR EACH ROW WHEN (OLD.state = 'issued') EXECUTE FUNCTION billing_issued_is_frozen();

CREATE FUNCTION billing_issued_lines_are_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM billing_invoice i JOIN touched t ON t.authority_id = i.authority_id AND t.invoice_id = i.id
            WHERE i.state = 'issued') THEN
        RAISE EXCEPTION 'an invoice is issued: its lines are frozen' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER issued_gain_no_line AFTER INSERT ON billing_invoiceline
REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION billing_issued_lines_are_frozen();

CREATE TRIGGER issued_lines_stay AFTER UPDATE ON billing_invoiceline
REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION billing_issued_lines_are_frozen();

CREATE TRIGGER issued_lose_no_line AFTER DELETE ON billing_invoiceline
REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION billing_issued_lines_are_frozen();
"""

NO_HOLDS = """
DROP TRIGGER issued_lose_no_line ON billing_invoiceline;
DROP TRIGGER issued_lines_stay ON billing_invoiceline;
DROP TRIGGER issued_gain_no_line ON billing_invoiceline;
DROP FUNCTION billing_issued_lines_are_frozen;
DROP TRIGGER issued_is_frozen ON billing_invoice;
DROP FUNCTION billing_issued_is_frozen;
DROP TRIGGER postings_only_grow ON billing_posting;
DROP TRIGGER postings_only_lose_a_name ON billing_posting;
DROP TRIGGER ledger_only_grows ON billing_ledgerentry;
DROP FUNCTION billing_only_grows;
DROP TRIGGER posting_is_balanced ON billing_ledgerentry;
DROP FUNCTION billing_posting_is_balanced;
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]

    operations = [migrations.RunSQL(HOLDS, NO_HOLDS)]
