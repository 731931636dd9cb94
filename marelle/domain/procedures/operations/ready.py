"""An authority takes procedures that ship ready, and makes them its own afterwards."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from marelle.domain.authorities.models import Authority
from marelle.domain.procedures.models import AnswerTemplate, Procedure, ServiceInCharge
from marelle.domain.procedures.operations.publishing import publish_procedure, save_service
from marelle.domain.procedures.operations.templates import TemplateWords, save_template
from marelle.domain.procedures.queries.ready import CODES, ready_content, ready_services, ready_templates
from marelle.foundation.actors import Actor
from marelle.foundation.writes import operation


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was added: codes of procedures and of services, and how many templates."""

    procedures: tuple[str, ...]
    services: tuple[str, ...]
    templates: int

    @property
    def has_changed(self) -> bool:
        """Will tell whether anything was added."""
        return bool(self.procedures or self.services or self.templates)


@operation
def load_ready(authority: Authority, codes: Collection[str] = CODES, *, by: Actor, at: datetime) -> Loaded:
    """Will offer ready procedures that the authority does not have, with the services that answer them.

    One it has, edited or shut, stays as it is. A service it lacks is made with the authority's own contacts. Templates
    are made when there is none at all. Asked again, nothing is added. Raises KeyError for a code that does not ship.
    """
    contents = {code: ready_content(code) for code in codes}
    Authority.objects.select_for_update(no_key=True).get(pk=authority.pk)
    known = set(Procedure.objects.values_list("code", flat=True))
    wanted = [code for code in CODES if code in contents and code not in known]
    answering = set(ServiceInCharge.objects.values_list("code", flat=True))
    lacking = {contents[code]["service"] for code in wanted} - answering
    made = [one for one in ready_services() if one.code in lacking]
    for one in made:
        said = {
            "name": one.name,
            "role": one.role,
            "phone": authority.phone,
            "email": authority.email,
            "address": authority.address,
            "opening_hours": authority.opening_hours,
        }
        save_service(authority, one.code, said, by=by, at=at)
    for code in wanted:
        publish_procedure(authority, code, contents[code], by=by, at=at)
    begins = bool(wanted) and not AnswerTemplate.objects.exists()
    templates = ready_templates() if begins else ()
    for words in templates:
        save_template(authority, None, TemplateWords(words.purpose, words.title, words.body), by=by, at=at)
    return Loaded(tuple(wanted), tuple(one.code for one in made), len(templates))
