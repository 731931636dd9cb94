"""Finding a family as one types, and opening its page: the answers that an agent waits for.

The authority that is searched is filled by statements, through the triggers that keep its words: names by a law of
Zipf, as in a town hall, so that « Martin » and « ma » are as common as they are.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

from bench.clients import Client
from bench.figures import Figure, Report, percentile
from bench.portal import cookies_of

if TYPE_CHECKING:
    from bench.portal import Portal
    from marelle.domain.accounts.models import User
    from marelle.domain.authorities.models import Authority

OFFICE = "mairie.localhost"
AT_ONCE = 5_000
WARM = 10
SMALL, TOWN, LARGE = 2_000, 20_000, 200_000
SYLLABLES = "ba be bo da de do fa la li ma me mo na ne pa ra re ri sa se ta ti va vi gue che ron mont eau".split()  # noqa: SIM905
PHONES = 100_000_000


class Names:
    """Names as they are borne: few by many people, many by few."""

    def __init__(self) -> None:
        from marelle.commands.generate import FIRST_NAMES, LAST_NAMES

        self.random = random.Random(1)
        self.last = [*LAST_NAMES, *(self._made(4) for _ in range(40_000))]
        self.first = [*FIRST_NAMES, *(self._made(3) for _ in range(3_000))]
        self._last_weights = [1 / (rank + 8) for rank in range(len(self.last))]
        self._first_weights = [1 / (rank + 8) for rank in range(len(self.first))]

    def _made(self, most: int) -> str:
        return "".join(self.random.choice(SYLLABLES) for _ in range(self.random.randint(2, most))).capitalize()

    def last_names(self, count: int) -> list[str]:
        """Will draw last names."""
        return self.random.choices(self.last, self._last_weights, k=count)

    def first_names(self, count: int) -> list[str]:
        """Will draw first names."""
        return self.random.choices(self.first, self._first_weights, k=count)

    def asked(self, count: int) -> list[str]:
        """Will draw what agents type: a name begun, two names in any order, a letter missing or wrong, a telephone."""
        asked = []
        for turn in range(count):
            last, first = self.last_names(1)[0], self.first_names(1)[0]
            cut = self.random.randrange(len(last))
            asked.append(
                (
                    last[: max(2, cut)],
                    f"{first} {last}",
                    f"{last[:3]} {first[:2]}",
                    f"{last[:cut]}{last[cut + 1 :]}",
                    f"{last[:cut]}e{last[cut + 1 :]} {first}",
                    f"06 {self.random.randrange(100):02d} {self.random.randrange(100):02d}",
                )[turn % 6]
            )
        # The worst: what begins the names of everybody.
        return [*asked, *("ma", "le ma", "ma du", "mar mi", "adam le", "martin ma", "le", "06", "l m", "de la ma")]


def agent_of(authority: Authority) -> User:
    """Will return the account of the agent that was generated, with every right: her pages are the fullest."""
    from marelle.commands.generate import KNOWN_AGENT
    from marelle.domain.accounts.models import Agent, Grant
    from marelle.foundation import tenancy
    from marelle.foundation.writes import permitted

    with permitted("bench"), tenancy.scope({authority.pk}):
        agent = Agent.objects.select_related("user").get(user__email=KNOWN_AGENT)
        for role in Grant.Role.values:
            Grant.objects.get_or_create(authority=authority, agent=agent, role=role, facility=None, service_code="")
    return agent.user


# A rank drawn so that the first names are many people's and the last ones few people's.
_DRAWN = "floor(8 * exp(random() * ln({count} / 8.0 + 1)) - 8)::int"
_HOMES = """
INSERT INTO families_family (authority_id, public_id, code, name, address, email, phone, categories)
SELECT %(authority)s, substr(md5(random()::text || homes.rank), 1, 12), 'Z' || homes.rank, last.name,
    'rue des Lilas', '', '', '{{}}'
FROM (SELECT rank, {last} AS drawn FROM generate_series(%(first)s, %(final)s) AS rank OFFSET 0) AS homes
JOIN bench_last AS last ON last.rank = drawn
"""
_GUARDIANS = """
INSERT INTO families_guardian (authority_id, public_id, family_id, first_name, last_name, relation, email, phone)
SELECT %(authority)s, substr(md5(random()::text || id), 1, 12), id, first.name, homes.name || suffix, '',
    lower(first.name) || '.' || id || suffix || '@exemple.fr', '06' || lpad(floor(random() * 1e8)::text, 8, '0')
FROM (
    SELECT id, name, suffix, {first} AS drawn FROM families_family, unnest(ARRAY['', '-Martin']) AS suffix
    WHERE authority_id = %(authority)s AND id > %(known)s OFFSET 0
) AS homes
JOIN bench_first AS first ON first.rank = drawn
"""
_CHILDREN = """
INSERT INTO families_child (authority_id, public_id, code, first_name, last_name, birth_date, animal, chalk)
SELECT %(authority)s, substr(md5(random()::text || id), 1, 12), 'Z' || id, first.name, homes.name, '2018-05-02', 'cat',
    'sky'
FROM (
    SELECT id, name, {first} AS drawn FROM families_family
    WHERE authority_id = %(authority)s AND id > %(known)s OFFSET 0
) AS homes
JOIN bench_first AS first ON first.rank = drawn
"""
_CUSTODIES = """
INSERT INTO families_custody (authority_id, child_id, family_id, starts_on)
SELECT %(authority)s, child.id, family.id, '2020-01-01'
FROM families_family AS family JOIN families_child AS child
ON child.authority_id = family.authority_id AND child.code = 'Z' || family.id
WHERE family.authority_id = %(authority)s AND family.id > %(known)s
"""


def fill(authority: Authority, families: int, names: Names) -> None:
    """Will bring an authority to `families` more families, each with two guardians and a child, by statements."""
    from django.db import connection

    from marelle.domain.families.models import Family
    from marelle.foundation.writes import permitted

    start, before = time.perf_counter(), Family.objects.count()
    drawn = {"last": _DRAWN.format(count=len(names.last)), "first": _DRAWN.format(count=len(names.first))}
    with permitted("bench"), connection.cursor() as cursor:
        for table, known in (("bench_last", names.last), ("bench_first", names.first)):
            cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} (rank int PRIMARY KEY, name text)")
            cursor.execute(
                f"INSERT INTO {table} SELECT rank - 1, name FROM unnest(%s::text[]) WITH ORDINALITY AS n (name, rank) "
                "ON CONFLICT DO NOTHING",
                [known],
            )
        for first in range(before, before + families, AT_ONCE):
            cursor.execute("SELECT coalesce(max(id), 0) FROM families_family")
            values = {
                "authority": authority.pk,
                "first": first,
                "final": min(first + AT_ONCE, before + families) - 1,
                "known": cursor.fetchone()[0],
            }
            for statement in (_HOMES, _GUARDIANS, _CHILDREN, _CUSTODIES):
                cursor.execute(statement.format(**drawn), values)
        for table in ("family", "guardian", "child", "custody", "searchentry", "searchvariant"):
            cursor.execute(f"ANALYZE families_{table}")
    print(f"# {families} families with their words in {time.perf_counter() - start:.0f} s", flush=True)


def measure(report: Report, portal: Portal, *, agent: User, sizes: tuple[int, ...], is_quick: bool) -> None:
    """Will measure the piece of page that follows what is typed, at each size, then the page of a family."""
    from marelle.domain.accounts.models import Site
    from marelle.domain.families.models import Family
    from marelle.foundation import tenancy

    names = Names()
    cookies = cookies_of(agent.pk, Site.OFFICE)
    smallest = 0.0
    with tenancy.scope({portal.authority.pk}):
        for size in sizes:
            fill(portal.authority, size - Family.objects.count(), names)
            before = portal.processor_seconds()
            seconds = _searched(portal, cookies, names.asked(90 if is_quick else 600))
            processor = (portal.processor_seconds() - before) / (len(seconds) + WARM) * 1000
            value = percentile(seconds, 0.95) * 1000
            smallest = smallest or value
            report.add(
                Figure(
                    "search_p95" if size == sizes[-1] else f"search_p95_{size}",
                    value,
                    "ms",
                    smallest,
                    value / smallest,
                    floor=100,
                    aim=50,
                    note=f"{size} families; median {percentile(seconds, 0.5) * 1000:.1f} ms, "
                    f"worst {max(seconds) * 1000:.0f} ms, {processor:.1f} ms of it the web process's own; "
                    f"reference: {sizes[0]} families",
                )
            )


def measure_page(report: Report, portal: Portal, *, agent: User, is_quick: bool) -> None:
    """Will measure the page of the families that were generated whole, reservations and all, one after the other."""
    from marelle.domain.accounts.models import Site
    from marelle.domain.families.models import Family
    from marelle.foundation import tenancy

    cookies = cookies_of(agent.pk, Site.OFFICE)
    client = Client(portal.port, OFFICE)
    with tenancy.scope({portal.authority.pk}):
        count = Family.objects.count()
        keys = list(
            Family.objects.exclude(code__startswith="Z")
            .order_by("?")
            .values_list("public_id", flat=True)[: 60 if is_quick else 300]
        )
    seconds, before = [], portal.processor_seconds()
    for turn, key in enumerate([*keys[:WARM], *keys]):
        answer = client.ask("GET", f"/{portal.authority.slug}/familles/{key}/", cookies=cookies)
        assert answer.status == 200, answer.status
        if turn >= WARM:
            seconds.append(answer.seconds)
    client.close()
    processor = (portal.processor_seconds() - before) / (len(keys) + WARM) * 1000
    report.add(
        Figure(
            "office_family_page_p95",
            percentile(seconds, 0.95) * 1000,
            "ms",
            floor=100,
            aim=60,
            note=f"{count} families; median {percentile(seconds, 0.5) * 1000:.1f} ms, {processor:.1f} ms of it the web "
            "process's own",
        )
    )


def _searched(portal: Portal, cookies: str, asked: list[str]) -> list[float]:
    # A connection of its own: the one before was left alone for as long as it took to fill the authority.
    client, address = Client(portal.port, OFFICE), f"/{portal.authority.slug}/familles/"
    seconds = []
    for turn, typed in enumerate([*asked[:WARM], *asked]):
        answer = client.ask("GET", f"{address}?nom={quote(typed)}", cookies=cookies, by_script=True)
        assert answer.status == 200, answer.status
        if turn >= WARM:
            seconds.append(answer.seconds)
    client.close()
    return seconds
