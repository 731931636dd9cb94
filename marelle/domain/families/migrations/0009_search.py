"""The words by which families are found, and what keeps them right: triggers, so that no write can forget them.

Each row that bears a name owns its words (`source`, `source_key`): whoever changes it holds it already, so that two
people who change the father and the daughter of one family need not wait for each other. Words of a child are those of
each home: a custody that begins takes the child in share first, or a name changed meanwhile would be missed.

Variants have no unique constraint on purpose: two people who bring the same new name would wait for each other until
the end of an import. A word learnt twice is found once, and tidied in the night.
"""

import django.db.models.deletion
from django.db import migrations, models

import marelle.foundation.tenancy
from marelle.foundation.constraints import AddConstraint, AddIndex

HOLDS = r"""
-- Small plain letters: « Élise D’Œuvre-Łopez » gives elise, d, oeuvre, lopez. Both sides of a search go through here.
CREATE FUNCTION families_search_words(said text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array_remove(
        regexp_split_to_array(
            lower(regexp_replace(
                normalize(
                    translate(
                        replace(replace(replace(replace(replace(said, 'œ', 'oe'), 'Œ', 'oe'), 'æ', 'ae'), 'Æ', 'ae'),
                            'ß', 'ss'),
                        'ØøĐđŁłı', 'ooddlli'),
                    NFKD),
                '[\u0300-\u036f]', '', 'g')),
            '[\s!-/:-@\[-`{-~\u00a0-\u00bf\u02b9-\u02bc\u2000-\u206f]+'),
        '')
$$;

-- A name of several words is found in one too: « Le Goff » by legoff.
CREATE FUNCTION families_search_name(said text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN cardinality(words) > 1 THEN words || array_to_string(words, '') ELSE words END
    FROM (SELECT families_search_words(said) AS words) AS found
$$;

-- National digits: « +33 6 12 34 56 78 » gives 0612345678.
CREATE FUNCTION families_search_phone(said text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT ltrim(regexp_replace(regexp_replace(said, '[^0-9+]', '', 'g'), '^(\+33|0033)0?', '0'), '+')
$$;

CREATE FUNCTION families_search_learn(keys bigint[]) RETURNS void LANGUAGE sql AS $$
    WITH fresh AS (
        SELECT DISTINCT entry.authority_id, entry.word
        FROM families_searchentry AS entry
        WHERE entry.id = ANY (keys) AND entry.word ~ '^[a-z]{3,24}$'
        AND NOT EXISTS (
            SELECT 1 FROM families_searchvariant AS known
            WHERE known.authority_id = entry.authority_id AND known.variant = entry.word AND known.word = entry.word
        )
    )
    INSERT INTO families_searchvariant (authority_id, variant, word)
    SELECT authority_id, word, word FROM fresh
    UNION
    SELECT authority_id, left(word, sign - 1) || substr(word, sign + 1), word
    FROM fresh, generate_series(1, length(word)) AS sign
$$;

CREATE FUNCTION families_search_families(keys bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    added bigint[];
BEGIN
    WITH fresh AS (
        INSERT INTO families_searchentry (authority_id, word, family_id, source, source_key)
        SELECT DISTINCT family.authority_id, left(word, 254), family.id, 'f', family.id
        FROM families_family AS family, unnest(
            families_search_name(family.name) || families_search_words(family.code)
            || array_to_string(families_search_words(family.code), '') || lower(btrim(family.email))
            || families_search_phone(family.phone) || families_search_phone(family.other_phone)
        ) AS word
        WHERE family.id = ANY (keys) AND word <> ''
        RETURNING id
    )
    SELECT array_agg(id) INTO added FROM fresh;
    PERFORM families_search_learn(added);
END $$;

CREATE FUNCTION families_search_guardians(keys bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    added bigint[];
BEGIN
    WITH fresh AS (
        INSERT INTO families_searchentry (authority_id, word, family_id, source, source_key)
        SELECT DISTINCT person.authority_id, left(word, 254), person.family_id, 'g', person.id
        FROM families_guardian AS person, unnest(
            families_search_name(person.first_name) || families_search_name(person.last_name)
            || lower(btrim(person.email)) || families_search_phone(person.phone)
        ) AS word
        WHERE person.id = ANY (keys) AND word <> ''
        RETURNING id
    )
    SELECT array_agg(id) INTO added FROM fresh;
    PERFORM families_search_learn(added);
END $$;

CREATE FUNCTION families_search_children(keys bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    added bigint[];
BEGIN
    WITH fresh AS (
        INSERT INTO families_searchentry (authority_id, word, family_id, source, source_key)
        SELECT DISTINCT child.authority_id, left(word, 254), custody.family_id, 'c', child.id
        FROM families_child AS child
        JOIN families_custody AS custody ON custody.child_id = child.id AND custody.authority_id = child.authority_id
        CROSS JOIN unnest(families_search_name(child.first_name) || families_search_name(child.last_name)) AS word
        WHERE child.id = ANY (keys) AND custody.withdrawn_at IS NULL AND word <> ''
        RETURNING id
    )
    SELECT array_agg(id) INTO added FROM fresh;
    PERFORM families_search_learn(added);
END $$;

CREATE FUNCTION families_search_of_family() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    keys bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(id) INTO keys FROM come;
    ELSIF TG_OP = 'UPDATE' THEN
        SELECT array_agg(come.id) INTO keys FROM come JOIN gone USING (id)
        WHERE (come.authority_id, come.name, come.code, come.email, come.phone, come.other_phone)
        IS DISTINCT FROM (gone.authority_id, gone.name, gone.code, gone.email, gone.phone, gone.other_phone);
        DELETE FROM families_searchentry AS entry USING gone
        WHERE gone.id = ANY (keys) AND entry.authority_id = gone.authority_id AND entry.family_id = gone.id
        AND entry.source = 'f';
    ELSE
        DELETE FROM families_searchentry AS entry USING gone
        WHERE entry.authority_id = gone.authority_id AND entry.family_id = gone.id AND entry.source = 'f';
    END IF;
    IF keys IS NOT NULL THEN
        PERFORM families_search_families(keys);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION families_search_of_guardian() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    keys bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(id) INTO keys FROM come;
    ELSIF TG_OP = 'UPDATE' THEN
        SELECT array_agg(come.id) INTO keys FROM come JOIN gone USING (id)
        WHERE (come.authority_id, come.family_id, come.first_name, come.last_name, come.email, come.phone)
        IS DISTINCT FROM (gone.authority_id, gone.family_id, gone.first_name, gone.last_name, gone.email, gone.phone);
        DELETE FROM families_searchentry AS entry USING gone
        WHERE gone.id = ANY (keys) AND entry.authority_id = gone.authority_id AND entry.family_id = gone.family_id
        AND entry.source = 'g' AND entry.source_key = gone.id;
    ELSE
        DELETE FROM families_searchentry AS entry USING gone
        WHERE entry.authority_id = gone.authority_id AND entry.family_id = gone.family_id
        AND entry.source = 'g' AND entry.source_key = gone.id;
    END IF;
    IF keys IS NOT NULL THEN
        PERFORM families_search_guardians(keys);
    END IF;
    RETURN NULL;
END $$;

-- A child that goes leaves its custodies, before or after: their triggers do the rest.
CREATE FUNCTION families_search_of_child() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    keys bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(id) INTO keys FROM come;
    ELSE
        SELECT array_agg(come.id) INTO keys FROM come JOIN gone USING (id)
        WHERE (come.authority_id, come.first_name, come.last_name)
        IS DISTINCT FROM (gone.authority_id, gone.first_name, gone.last_name);
    END IF;
    IF keys IS NOT NULL THEN
        DELETE FROM families_searchentry AS entry USING families_custody AS custody
        WHERE custody.child_id = ANY (keys) AND entry.authority_id = custody.authority_id
        AND entry.family_id = custody.family_id AND entry.source = 'c' AND entry.source_key = custody.child_id;
        PERFORM families_search_children(keys);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION families_search_of_custody() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    keys bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT child_id) INTO keys FROM come;
    ELSIF TG_OP = 'UPDATE' THEN
        SELECT array_agg(DISTINCT child) INTO keys FROM come JOIN gone USING (id),
            unnest(ARRAY[come.child_id, gone.child_id]) AS child
        WHERE (come.authority_id, come.family_id, come.child_id, come.withdrawn_at)
        IS DISTINCT FROM (gone.authority_id, gone.family_id, gone.child_id, gone.withdrawn_at);
    ELSE
        SELECT array_agg(DISTINCT child_id) INTO keys FROM gone;
    END IF;
    IF keys IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM 1 FROM families_child WHERE id = ANY (keys) ORDER BY id FOR SHARE;
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM families_searchentry AS entry USING gone
        WHERE gone.child_id = ANY (keys) AND entry.authority_id = gone.authority_id
        AND entry.family_id = gone.family_id AND entry.source = 'c' AND entry.source_key = gone.child_id;
    END IF;
    DELETE FROM families_searchentry AS entry USING families_custody AS custody
    WHERE custody.child_id = ANY (keys) AND entry.authority_id = custody.authority_id
    AND entry.family_id = custody.family_id AND entry.source = 'c' AND entry.source_key = custody.child_id;
    PERFORM families_search_children(keys);
    RETURN NULL;
END $$;
"""

TRIGGERS = "".join(
    f"""
CREATE TRIGGER search_{event.lower()} AFTER {event} ON families_{table}
REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION families_search_of_{table}();
"""
    for table, events in (
        ("family", ("INSERT", "UPDATE", "DELETE")),
        ("guardian", ("INSERT", "UPDATE", "DELETE")),
        ("child", ("INSERT", "UPDATE")),
        ("custody", ("INSERT", "UPDATE", "DELETE")),
    )
    for event in events
    for tables in (
        {"INSERT": "NEW TABLE AS come", "UPDATE": "OLD TABLE AS gone NEW TABLE AS come", "DELETE": "OLD TABLE AS gone"}[
            event
        ],
    )
)

FILL = """
SELECT families_search_families(array_agg(id)) FROM families_family;
SELECT families_search_guardians(array_agg(id)) FROM families_guardian;
SELECT families_search_children(array_agg(id)) FROM families_child;
"""

LET_GO = """
DROP FUNCTION families_search_of_custody() CASCADE;
DROP FUNCTION families_search_of_child() CASCADE;
DROP FUNCTION families_search_of_guardian() CASCADE;
DROP FUNCTION families_search_of_family() CASCADE;
DROP FUNCTION families_search_children(bigint[]);
DROP FUNCTION families_search_guardians(bigint[]);
DROP FUNCTION families_search_families(bigint[]);
DROP FUNCTION families_search_learn(bigint[]);
DROP FUNCTION families_search_phone(text);
DROP FUNCTION families_search_name(text);
DROP FUNCTION families_search_words(text);
"""


def of_authority() -> models.ForeignKey:
    """Will return the key of the tenant."""
    return models.ForeignKey(
        db_index=False,
        on_delete=django.db.models.deletion.CASCADE,
        related_name="+",
        to="authorities.authority",
        verbose_name="collectivité",
    )


class Migration(migrations.Migration):
    dependencies = [("authorities", "0003_facturation"), ("families", "0008_adresses_garde_sante")]

    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.CharField(db_collation="C", max_length=254, verbose_name="mot")),
                (
                    "source",
                    models.CharField(choices=[("f", "Famille"), ("g", "Responsable"), ("c", "Enfant")], max_length=1),
                ),
                ("source_key", models.BigIntegerField()),
                ("authority", of_authority()),
                (
                    "family",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="search_entries",
                        to="families.family",
                    ),
                ),
            ],
            options={"verbose_name": "mot d’une famille"},
        ),
        migrations.CreateModel(
            name="SearchVariant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("variant", models.CharField(db_collation="C", max_length=30, verbose_name="variante")),
                ("word", models.CharField(db_collation="C", max_length=30, verbose_name="mot")),
                ("authority", of_authority()),
            ],
            options={"verbose_name": "variante d’un mot"},
        ),
        AddConstraint(
            model_name="searchentry",
            constraint=marelle.foundation.tenancy.SameAuthority(
                field="family", name="families_searchentry_family_same"
            ),
        ),
        AddIndex(
            model_name="searchentry",
            index=models.Index(fields=["authority", "word", "family"], name="search_entry_by_word"),
        ),
        AddIndex(
            model_name="searchentry",
            index=models.Index(fields=["authority", "family", "word"], name="search_entry_by_family"),
        ),
        AddIndex(
            model_name="searchvariant",
            index=models.Index(fields=["authority", "variant", "word"], name="search_variant"),
        ),
        migrations.RunSQL(HOLDS + TRIGGERS + FILL, LET_GO),
    ]
