"""What a row said before and after, kept by the database itself: no operation, bulk write or file can forget it.

A trigger of each table compares whole sets of rows, so that a thousand rows cost one more statement of the database. It
keeps what differs and the *act*: the name of the transaction, which the line of the journal written by the operation
carries too, and which says who and why. What is born is not kept here: the row itself says it, and the journal that
it was made. Encrypted columns are never compared: health is said to have been written, never what it was.
"""

from __future__ import annotations

from django.db import migrations

ACT = """
CREATE FUNCTION foundation_act() RETURNS uuid LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    found text := current_setting('marelle.act', true);
BEGIN
    -- A setting of the transaction: empty in the next one, back to what it was when a savepoint is undone.
    IF found IS NULL OR found = '' THEN
        found := gen_random_uuid()::text;
        PERFORM set_config('marelle.act', found, true);
    END IF;
    RETURN found::uuid;
END $$
"""
# The first argument of a trigger says what is never compared, the second whether what disappears is remembered.
KEEP = """
CREATE FUNCTION foundation_keep_changes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    aside text[] := string_to_array(TG_ARGV[0], ',');
    remembers boolean := TG_ARGV[1] = 'remembers';
    named text := split_part(TG_TABLE_NAME, '_', 2);
BEGIN
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO foundation_rowchange (authority_key, act, object_type, object_key, before, after, recorded_at)
        SELECT said.authority, foundation_act(), named, said.id, differing.before, differing.after, clock_timestamp()
        FROM (
            SELECT f.id, COALESCE((to_jsonb(f) ->> 'authority_id')::bigint, f.id) AS authority,
                   to_jsonb(f) - aside AS former, to_jsonb(l) - aside AS latter
            FROM former f JOIN latter l USING (id)
        ) said
        CROSS JOIN LATERAL (
            SELECT jsonb_object_agg(one.key, one.value) AS before,
                   jsonb_object_agg(one.key, said.latter -> one.key) AS after
            FROM jsonb_each(said.former) one
            WHERE said.latter -> one.key IS DISTINCT FROM one.value
        ) differing
        WHERE differing.before IS NOT NULL;
    ELSE
        IF NOT remembers THEN
            DELETE FROM foundation_rowchange kept USING former f
            WHERE kept.authority_key = COALESCE((to_jsonb(f) ->> 'authority_id')::bigint, f.id)
              AND kept.object_type = named AND kept.object_key = f.id;
        END IF;
        INSERT INTO foundation_rowchange (authority_key, act, object_type, object_key, before, after, recorded_at)
        SELECT COALESCE((to_jsonb(f) ->> 'authority_id')::bigint, f.id), foundation_act(), named, f.id,
               CASE WHEN remembers THEN to_jsonb(f) - aside ELSE '{}'::jsonb END, NULL, clock_timestamp()
        FROM former f;
    END IF;
    RETURN NULL;
END $$
"""


class KeepChanges(migrations.RunSQL):
    """Will keep what the rows of a table said before each change, but for the columns `but` (encrypted, or heavy).

    A table of an authority with a key `id`. With `remembers`, a row that is deleted is kept as it was (what a town
    offered); without, it is about people, and all that was kept of it goes with it: only that it went is said.
    """

    def __init__(self, table: str, *, but: tuple[str, ...] = (), remembers: bool = False) -> None:
        """Will make the statements of the two triggers."""
        said = f"'{','.join(('id', 'authority_id', *but))}', '{'remembers' if remembers else ''}'"
        each = f"FOR EACH STATEMENT EXECUTE FUNCTION foundation_keep_changes({said})"
        super().__init__(
            [
                f"CREATE TRIGGER keep_changes AFTER UPDATE ON {table} REFERENCING OLD TABLE AS former NEW TABLE AS latter {each}",  # noqa: E501
                f"CREATE TRIGGER keep_removals AFTER DELETE ON {table} REFERENCING OLD TABLE AS former {each}",
            ],
            [f"DROP TRIGGER keep_changes ON {table}", f"DROP TRIGGER keep_removals ON {table}"],
        )
        self._said = (table, but, remembers)

    def deconstruct(self) -> tuple[str, tuple[str], dict[str, object]]:
        """Will say how it is written in a migration."""
        table, but, remembers = self._said
        return self.__class__.__name__, (table,), {"but": but, "remembers": remembers}
