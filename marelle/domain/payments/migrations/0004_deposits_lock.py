"""What the database itself holds of the till: receipts freeze, a deposit handed over is locked with what it holds."""

from django.db import migrations

HOLDS = """
-- A receipt only gains the deposit that takes its money away, and may lose the account of who gave it.
CREATE FUNCTION payments_receipt_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (to_jsonb(NEW) - 'deposit_id' - 'given_by_id') IS DISTINCT FROM (to_jsonb(OLD) - 'deposit_id' - 'given_by_id')
        OR (NEW.given_by_id IS DISTINCT FROM OLD.given_by_id AND NEW.given_by_id IS NOT NULL)
    THEN
        RAISE EXCEPTION 'receipt % is given: counter it by another one', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.deposit_id IS DISTINCT FROM OLD.deposit_id AND EXISTS (
        SELECT 1 FROM payments_bankdeposit d WHERE d.authority_id = OLD.authority_id
            AND d.id IN (OLD.deposit_id, NEW.deposit_id) AND d.state <> 'prepared')
    THEN
        RAISE EXCEPTION 'receipt %: its deposit is locked', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER receipts_are_frozen BEFORE UPDATE ON payments_receipt
FOR EACH ROW EXECUTE FUNCTION payments_receipt_is_frozen();

CREATE FUNCTION payments_receipt_enters_no_locked_deposit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.deposit_id IS NOT NULL AND EXISTS (
        SELECT 1 FROM payments_bankdeposit d
        WHERE d.authority_id = NEW.authority_id AND d.id = NEW.deposit_id AND d.state <> 'prepared')
    THEN
        RAISE EXCEPTION 'a receipt cannot enter a locked deposit' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER receipts_enter_no_locked_deposit BEFORE INSERT ON payments_receipt
FOR EACH ROW EXECUTE FUNCTION payments_receipt_enters_no_locked_deposit();

CREATE FUNCTION payments_deposit_is_locked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (to_jsonb(NEW) - 'prepared_by_id' - 'handed_by_id')
            IS DISTINCT FROM (to_jsonb(OLD) - 'prepared_by_id' - 'handed_by_id')
        OR (NEW.prepared_by_id IS DISTINCT FROM OLD.prepared_by_id AND NEW.prepared_by_id IS NOT NULL)
        OR (NEW.handed_by_id IS DISTINCT FROM OLD.handed_by_id AND NEW.handed_by_id IS NOT NULL)
    THEN
        RAISE EXCEPTION 'deposit % is locked', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER deposits_lock BEFORE UPDATE ON payments_bankdeposit
FOR EACH ROW WHEN (OLD.state <> 'prepared') EXECUTE FUNCTION payments_deposit_is_locked();

CREATE TRIGGER deposits_stay BEFORE DELETE ON payments_bankdeposit
FOR EACH ROW EXECUTE FUNCTION billing_only_grows();

-- What was counted and what was signed stay as they were; the account of who wrote it may be erased.
CREATE TRIGGER cash_counts_stay BEFORE UPDATE ON payments_cashcount
FOR EACH ROW WHEN ((to_jsonb(NEW) - 'counted_by_id') IS DISTINCT FROM (to_jsonb(OLD) - 'counted_by_id'))
EXECUTE FUNCTION billing_only_grows();

CREATE TRIGGER cash_counts_remain BEFORE DELETE ON payments_cashcount
FOR EACH ROW EXECUTE FUNCTION billing_only_grows();

CREATE TRIGGER handovers_stay BEFORE UPDATE ON payments_regiehandover
FOR EACH ROW WHEN ((to_jsonb(NEW) - 'recorded_by_id') IS DISTINCT FROM (to_jsonb(OLD) - 'recorded_by_id'))
EXECUTE FUNCTION billing_only_grows();

CREATE TRIGGER handovers_remain BEFORE DELETE ON payments_regiehandover
FOR EACH ROW EXECUTE FUNCTION billing_only_grows();
"""

GONE = """
DROP TRIGGER handovers_remain ON payments_regiehandover;
DROP TRIGGER handovers_stay ON payments_regiehandover;
DROP TRIGGER cash_counts_remain ON payments_cashcount;
DROP TRIGGER cash_counts_stay ON payments_cashcount;
DROP TRIGGER deposits_stay ON payments_bankdeposit;
DROP TRIGGER deposits_lock ON payments_bankdeposit;
DROP FUNCTION payments_deposit_is_locked();
DROP TRIGGER receipts_enter_no_locked_deposit ON payments_receipt;
DROP FUNCTION payments_receipt_enters_no_locked_deposit();
DROP TRIGGER receipts_are_frozen ON payments_receipt;
DROP FUNCTION payments_receipt_is_frozen();
"""


class Migration(migrations.Migration):
    """Triggers alone."""

    dependencies = (("payments", "0003_desk_and_deposits"), ("billing", "0004_wallet_kept_reversals"))
    operations = (migrations.RunSQL(HOLDS, GONE),)
