"""Files that are alike: an agent looks at both, then unites them, or says that they are different."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.domain.families.models import Family
from marelle.domain.families.operations.uniting import say_different
from marelle.domain.families.queries.doubles import doubles, health_of_pairs, people_of_file
from marelle.domain.families.rules.likeness import Named
from marelle.domain.families.rules.merging import (
    CHILD_FIELDS,
    FAMILY_FIELDS,
    GUARDIAN_FIELDS,
    HEALTH_FIELDS,
    Obstacle,
    Side,
    differing,
    health_differs,
    is_same_person,
    proposed_pairs,
)
from marelle.domain.procedures.operations.uniting import Choices, UnableToUniteError, merge_children, merge_families
from marelle.domain.procedures.queries.uniting import obstacles_seen, what_passes
from marelle.foundation import clock
from marelle.foundation.french_dates import in_digits
from marelle.web.office.custody.shown import pair_of, url_of_child
from marelle.web.office.doubles import wording
from marelle.web.office.doubles.forms import Asked, Person, Question, TwoFilesForm, UniteForm, taken_in
from marelle.web.office.need_to_know import whose_health
from marelle.web.office.surroundings import ROLES, office_context, whole_authority_page
from marelle.web.readings import notes_readings, reads_health
from marelle.web.see_other import SeeOther

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpRequest, HttpResponse

    from marelle.domain.families.models import Child, Guardian
    from marelle.domain.families.queries.doubles import PeopleOfFile
    from marelle.web.doors import OfficeVisit


@require_safe
@whole_authority_page(ROLES.MANAGE_RESERVATIONS)
def listing(request: HttpRequest) -> HttpResponse:
    """Will show the files that are alike; two numbers lead to any other two."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    form = TwoFilesForm(
        request.GET if "autre" in request.GET else None, initial={"dossier": request.GET.get("dossier")}
    )
    if form.is_bound and form.is_valid():
        kept, ended = (_of_number(form, name) for name in ("dossier", "autre"))
        if kept is not None and ended is not None:
            return SeeOther(_url(visit, "office_merge_preview", kept, ended))
    context = office_context(
        visit,
        "office_doubles",
        form=form,
        pairs=[
            {
                "why": [str(one) for one in pair.why],
                "homes": [_home_view(home, visit) for home in dict.fromkeys((pair.first, pair.second))],
                "names": wording.pair(pair.first, pair.second),
                "preview_url": _url(visit, "office_merge_preview", pair.first, pair.second),
                "different_url": _url(visit, "office_say_different", pair.first, pair.second),
                "is_one_file": pair.first == pair.second,
            }
            for pair in doubles(visit.authority.pk)
        ],
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "office/doubles/page.html", context, status=status)


@require_POST
@whole_authority_page(ROLES.MANAGE_RESERVATIONS)
def different(request: HttpRequest, family: str, second: str) -> HttpResponse:
    """Will note that two files are not of one family."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    say_different(_family_or_404(family), _family_or_404(second), by=visit.actor, at=visit.at)
    messages.success(request, str(wording.SAID_DIFFERENT), extra_tags="green")
    return SeeOther(reverse("office_doubles", kwargs={"authority": visit.authority.slug}))


@require_http_methods(["GET", "HEAD", "POST"])
@whole_authority_page(ROLES.MANAGE_RESERVATIONS)
@notes_readings
def preview(request: HttpRequest, family: str, second: str) -> HttpResponse:
    """Will show two files side by side, the one that is kept first, and what becomes of the other; a POST unites."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    rows = {row.public_id: row for row in Family.objects.filter(public_id__in={family, second})}
    if {family, second} - rows.keys():
        raise Http404
    for row in rows.values():
        if row.merged_into_id is not None:
            return SeeOther(_page_of(visit, Family.objects.get(pk=row.merged_into_id)))
    files = _Files.of(rows[family], rows[second])
    pairs = files.pairs(request.POST if request.method == "POST" else None)
    known = pairs.children.keys() <= whose_health(visit, list(pairs.children)) and set(
        pairs.children.values()
    ) <= whose_health(visit, list(pairs.children.values()))
    asked, names = _asked(files, pairs, knows_health=known)
    if request.method != "POST":
        form = UniteForm(asked=asked, first_act="families" if asked.has_families else "children")
        return _show(request, files, pairs, form, asked)
    form = UniteForm(request.POST, asked=asked)
    if not form.is_valid():
        return _show(request, files, pairs, form, asked, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    said = form.cleaned_data
    choices = Choices(
        guardians=pairs.guardians,
        children=pairs.children,
        taken=taken_in(said, names),
        health={one: Side(said[f"h-{one}"]) for one in pairs.children if f"h-{one}" in said},
    )
    if said["act"] == "children" and not pairs.children:
        form.add_error("act", wording.NO_CHILD)
        return _show(request, files, pairs, form, asked, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        if said["act"] == "children":
            is_done, words = merge_children(choices, by=visit.actor, at=visit.at), wording.CHILDREN_UNITED
        else:
            is_done, words = _merge(files, choices, visit), wording.UNITED
    except UnableToUniteError as error:
        why = [Obstacle.HEALTH_UNKNOWN if one is Obstacle.HEALTH_TO_CHOOSE and not known else one for one in error.why]
        return _show(request, files, pairs, form, asked, why=why, status=HTTPStatus.CONFLICT)
    messages.success(request, str(words if is_done else wording.ALREADY), extra_tags="green")
    return SeeOther(_next_page(visit, files, pairs, said["act"]))


def _next_page(visit: OfficeVisit, files: _Files, pairs: _Pairs, act: str) -> str:
    """Will return the file that is kept; of a child who so has two homes, the terms of its custody, which come next."""
    for child in files.kept_people.children if act == "children" else ():
        if child.pk in pairs.children.values() and pair_of(child.pk, today=visit.today) is not None:
            return url_of_child(visit, "office_custody_terms", files.kept, child)
    return _page_of(visit, files.kept)


def _merge(files: _Files, choices: Choices, visit: OfficeVisit) -> bool:
    return merge_families(
        files.ended.pk, files.kept.pk, choices, by=visit.actor, at=visit.at, machine=clock.machine_now()
    )


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Who is the same (keys of the file that ends → of the other)."""

    guardians: Mapping[int, int]
    children: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class _Files:
    """The two files and their people."""

    kept: Family
    ended: Family
    kept_people: PeopleOfFile
    ended_people: PeopleOfFile

    @classmethod
    def of(cls, kept: Family, ended: Family) -> _Files:
        """Will read who is in them."""
        return cls(kept, ended, people_of_file(kept.pk), people_of_file(ended.pk))

    @property
    def surely(self) -> dict[int, int]:
        """Will return the guardians who bear the same name: a file notes nobody twice."""
        return {
            one.pk: other.pk
            for one in self.ended_people.guardians
            for other in self.kept_people.guardians
            if is_same_person((one.first_name, one.last_name), (other.first_name, other.last_name))
        }

    def pairs(self, data: Mapping[str, str] | None) -> _Pairs:
        """Will return who is the same: as the form says, as the names say before anybody has answered."""
        if self.kept == self.ended:
            surely: dict[int, int] = {}
        else:
            surely = self.surely
        own = {one.pk for one in self.kept_people.children}
        if data is None:
            others = {one.pk: _named(one) for one in self.ended_people.children}
            if self.kept == self.ended:
                return _Pairs({}, _within(others))
            others = {key: named for key, named in others.items() if key not in own}
            return _Pairs(surely, proposed_pairs(others, {one.pk: _named(one) for one in self.kept_people.children}))
        guardians = surely | _chosen(data, "g", self.ended_people.guardians, self.kept_people.guardians)
        children = _chosen(data, "c", self.ended_people.children, self.kept_people.children)
        return _Pairs(guardians, {one: other for one, other in children.items() if one != other})


def _within(children: Mapping[int, Named]) -> dict[int, int]:
    """Will return the children of one file who are noted twice there: the later one ends."""
    found: dict[int, int] = {}
    for key in sorted(children, reverse=True):
        earlier = {other: named for other, named in children.items() if other < key and other not in found}
        found |= proposed_pairs({key: children[key]}, earlier)
    return found


def _chosen(
    data: Mapping[str, str], prefix: str, ended: Sequence[Guardian | Child], kept: Sequence[Guardian | Child]
) -> dict[int, int]:
    others = {one.public_id: one.pk for one in kept}
    return {
        one.pk: others[data[name]] for one in ended if (name := f"{prefix}-{one.pk}") in data and data[name] in others
    }


def _named(child: Child) -> Named:
    return Named(child.first_name, child.last_name, child.birth_date)


def _asked(files: _Files, pairs: _Pairs, *, knows_health: bool) -> tuple[Asked, dict[str, str]]:
    """Will return what the form asks, and for each of its fields the name by which the operation knows it."""
    is_one_file = files.kept == files.ended
    people = [*([] if is_one_file else _guardians_asked(files)), *_children_asked(files, pairs)]
    guardians = {one.pk: one for one in (*files.kept_people.guardians, *files.ended_people.guardians)}
    children = {one.pk: one for one in (*files.kept_people.children, *files.ended_people.children)}
    found = [] if is_one_file else _differences("", "", files.kept, files.ended, FAMILY_FIELDS)
    for one, other in pairs.guardians.items():
        whose = f" de {_full(guardians[other])}"
        found += _differences(f"guardian:{one}:", whose, guardians[other], guardians[one], GUARDIAN_FIELDS)
    for one, other in pairs.children.items():
        whose = f" de {children[other].first_name}"
        found += _differences(f"child:{one}:", whose, children[other], children[one], CHILD_FIELDS)
    questions = [question for question, _name in found]
    if knows_health:
        for one, (kept, ended) in health_of_pairs(pairs.children).items():
            if health_differs(kept, ended):
                label = f"Fiche sanitaire de {children[pairs.children[one]].first_name}"
                questions.append(Question(f"h-{one}", label, _health(kept), _health(ended), is_health=True))
    names = {question.name: name for question, name in found}
    return Asked(tuple(people), tuple(questions), not is_one_file, bool(people) and bool(children)), names


def _guardians_asked(files: _Files) -> list[Person]:
    """Will ask who each guardian of the file that ends is, but for those whose name says it."""
    choices = [("", wording.NOBODY_ELSE), *((one.public_id, _is(one)) for one in files.kept_people.guardians)]
    surely = files.surely
    return [Person(f"g-{one.pk}", _full(one), choices) for one in files.ended_people.guardians if one.pk not in surely]


def _children_asked(files: _Files, pairs: _Pairs) -> list[Person]:
    """Will ask who each child of the file that ends is, but for one who is in both."""
    found = []
    kept = {one.pk: one for one in files.kept_people.children}
    for child in files.ended_people.children:
        others = [one for one in kept.values() if one.pk != child.pk]
        if not others or (child.pk in kept and files.kept != files.ended):
            continue
        choices = [("", wording.OTHER_CHILD), *((one.public_id, _is(one)) for one in others)]
        first = kept[pairs.children[child.pk]].public_id if child.pk in pairs.children else ""
        found.append(Person(f"c-{child.pk}", f"{_full(child)}, {in_digits(child.birth_date)}", choices, first))
    return found


def _differences(of: str, whose: str, kept: Any, ended: Any, fields: Sequence[str]) -> list[tuple[Question, str]]:
    """Will ask about each field that both say otherwise, with its name of the operation."""
    before, after = ({name: getattr(row, name) for name in fields} for row in (kept, ended))
    return [
        (
            Question(
                f"f-{of}{name}".replace(":", "-"),
                f"{wording.FIELDS[name]}{whose}",
                wording.value(name, before[name]),
                wording.value(name, after[name]),
            ),
            f"{of}{name}",
        )
        for name in differing(before, after)
    ]


def _health(said: Any) -> str:
    return " · ".join(
        f"{wording.FIELDS[name]} : {getattr(said, name)}" for name in HEALTH_FIELDS if getattr(said, name)
    )


def _full(one: Guardian | Child) -> str:
    return f"{one.first_name} {one.last_name}"


def _is(one: Guardian | Child) -> str:
    return f"C’est {_full(one)}"


def _show(
    request: HttpRequest,
    files: _Files,
    pairs: _Pairs,
    form: UniteForm,
    asked: Asked,
    *,
    why: Sequence[Obstacle] | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """Will show both files; what stands against it is said before anybody tries."""
    visit: OfficeVisit = request.visit  # type: ignore[attr-defined]
    is_one_file = files.kept == files.ended
    shown = {int(one.name.removeprefix("h-")) for one in asked.questions if one.is_health}
    reads_health(request, shown | {pairs.children[one] for one in shown})
    if why is None:
        chosen = dict.fromkeys(shown, Side.KEPT)
        why = [
            Obstacle.HEALTH_UNKNOWN if one is Obstacle.HEALTH_TO_CHOOSE else one
            for one in obstacles_seen(files.ended, files.kept, children=pairs.children, health=chosen, on=visit.today)
        ]
    passing = None if is_one_file else what_passes(files.ended.pk, files.kept.pk, pairs.children)
    health = {one.name for one in asked.questions if one.is_health}
    context = office_context(
        visit,
        "office_doubles",
        form=form,
        kept=_file_view(files.kept, files.kept_people, visit),
        ended=_file_view(files.ended, files.ended_people, visit),
        is_one_file=is_one_file,
        people=[form[one.name] for one in asked.people],
        questions=[form[one.name] for one in asked.questions if one.name not in health],
        health=[form[name] for name in health],
        why=why,
        is_shut=bool(why) and not form.is_bound,
        passing=[wording.counted(count, wording.PASSING[name]) for name, count in passing.moves.items() if count]
        if passing
        else [],
        dying=[wording.counted(count, wording.DYING[name]) for name, count in passing.goes.items() if count]
        if passing
        else [],
        twice=passing.twice if passing else 0,
        regies=passing.regies if passing else [],
        swap_url=_url(visit, "office_merge_preview", files.ended, files.kept),
        different_url=_url(visit, "office_say_different", files.kept, files.ended),
        back_url=reverse("office_doubles", kwargs={"authority": visit.authority.slug}),
    )
    return render(request, "office/doubles/preview.html", context, status=status)


def _file_view(home: Family, people: PeopleOfFile, visit: OfficeVisit) -> dict[str, Any]:
    return {
        "url": _page_of(visit, home),
        "name": home.name,
        "code": home.code,
        "facts": [
            (wording.FIELDS[name], said)
            for name in FAMILY_FIELDS
            if name != "name" and (said := wording.value(name, getattr(home, name)))
        ],
        "guardians": [
            (_full(one), ", ".join(each for each in (one.phone, one.email) if each)) for one in people.guardians
        ],
        "children": [
            (one.full_name, in_digits(one.birth_date), one.school_class.name if one.school_class else "")
            for one in people.children
        ],
    }


def _home_view(home: Family, visit: OfficeVisit) -> dict[str, Any]:
    """Will return a file of the list, from what was read with it."""
    children = {one.child_id: one.child for one in home.custodies.all() if one.withdrawn_at is None}
    return {
        "url": _page_of(visit, home),
        "name": home.name,
        "code": home.code,
        "guardians": ", ".join(_full(one) for one in home.guardians.all() if one.merged_into_id is None),
        "children": ", ".join(f"{one.full_name} ({in_digits(one.birth_date)})" for one in children.values()),
    }


def _of_number(form: TwoFilesForm, name: str) -> Family | None:
    """Will return the file of the number that was typed; a number of no file is said above it."""
    code = form.cleaned_data[name].strip()
    found: Family | None = Family.objects.filter(code__iexact=code, merged_into__isnull=True).first()
    if found is None:
        form.add_error(name, str(wording.NO_FILE))
    return found


def _family_or_404(public_id: str) -> Family:
    return get_object_or_404(Family, public_id=public_id, merged_into__isnull=True)


def _page_of(visit: OfficeVisit, home: Family) -> str:
    return reverse("office_family", kwargs={"authority": visit.authority.slug, "family": home.public_id})


def _url(visit: OfficeVisit, name: str, kept: Family, ended: Family) -> str:
    at = {"authority": visit.authority.slug, "family": kept.public_id, "second": ended.public_id}
    return reverse(name, kwargs=at)
