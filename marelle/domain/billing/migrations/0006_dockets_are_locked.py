"""What the database itself holds of dockets: one that left is not edited, nor is what it asks for."""

from django.db import migrations

HOLDS = """
CREATE FUNCTION billing_docket_is_locked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'docket % has left', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    -- Its answer, the accounts of the people who made it, which may be erased, and the file under another key: its
    -- digest stays.
    IF (to_jsonb(NEW) - 'state' - 'answered_at' - 'refusal' - 'prepared_by_id' - 'exported_by_id' - 'content')
            IS NOT DISTINCT FROM
            (to_jsonb(OLD) - 'state' - 'answered_at' - 'refusal' - 'prepared_by_id' - 'exported_by_id' - 'content') THEN
        RETURN NEW;
    END IF;
    -- Refused at the gate: another file of the same number, régie and exercice, for the same sum.
    IF OLD.state = 'refused' AND NEW.state = 'exported'
            AND (NEW.authority_id, NEW.regie_id, NEW.kind, NEW.exercice, NEW.town_code, NEW.budget_code, NEW.sequence,
                 NEW.total_cents)
            IS NOT DISTINCT FROM
            (OLD.authority_id, OLD.regie_id, OLD.kind, OLD.exercice, OLD.town_code, OLD.budget_code, OLD.sequence,
             OLD.total_cents) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'docket % has left: it is locked', OLD.id USING ERRCODE = 'check_violation';
END $$;

CREATE TRIGGER dockets_are_locked BEFORE UPDATE OR DELETE ON billing_collectionbatch
FOR EACH ROW WHEN (OLD.state <> 'prepared') EXECUTE FUNCTION billing_docket_is_locked();

CREATE FUNCTION billing_order_is_locked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (to_jsonb(NEW) - 'state' - 'said' - 'taken_on' - 'told_cents')
            IS DISTINCT FROM (to_jsonb(OLD) - 'state' - 'said' - 'taken_on' - 'told_cents') THEN
        RAISE EXCEPTION 'order % has left: it is locked', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER orders_are_locked BEFORE UPDATE OR DELETE ON billing_collectionorder
FOR EACH ROW WHEN (OLD.piece IS NOT NULL) EXECUTE FUNCTION billing_order_is_locked();

CREATE TRIGGER collection_events_only_grow BEFORE UPDATE OR DELETE ON billing_collectionevent
FOR EACH ROW EXECUTE FUNCTION billing_only_grows();
"""

NO_HOLDS = """
DROP TRIGGER collection_events_only_grow ON billing_collectionevent;
DROP TRIGGER orders_are_locked ON billing_collectionorder;
DROP FUNCTION billing_order_is_locked;
DROP TRIGGER dockets_are_locked ON billing_collectionbatch;
DROP FUNCTION billing_docket_is_locked;
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0005_recovery")]

    operations = [migrations.RunSQL(HOLDS, NO_HOLDS)]
