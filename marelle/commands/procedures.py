"""`marelle procedures`: the procedures that ship ready, and an authority that takes them."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from marelle.commands.refusal import Refused


def configure(parser: ArgumentParser) -> None:
    """Say what the command takes."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True, dest="procedures_action")
    listed = actions.add_parser(
        "list",
        help="montre les démarches prêtes, et celles d’une collectivité",
        description="Montre les démarches prêtes ; avec --authority, dit de chacune si la collectivité l’a déjà.",
    )
    load = actions.add_parser(
        "load",
        help="ajoute les démarches prêtes à une collectivité",
        description="Ajoute à une collectivité les démarches prêtes qu’elle n’a pas, et les services qui y répondent. "
        "Ce qu’elle a déjà, modifié ou fermé, ne change pas.",
    )
    load.add_argument("codes", metavar="DÉMARCHE", nargs="*", help="leurs noms courts ; toutes si aucun n’est dit")
    for one in (listed, load):
        one.add_argument(
            "--authority",
            metavar="ID",
            required=one is load,
            default="",
            help="le nom de la collectivité dans l’adresse",
        )


def run(options: Namespace) -> int:
    """Do the action; raise Refused with a sentence."""
    if options.procedures_action == "load":
        return _load(options.authority, options.codes)
    return _list(options.authority)


def _list(slug: str) -> int:
    from marelle.domain.authorities.models import Authority
    from marelle.domain.procedures.models import Procedure
    from marelle.domain.procedures.queries.ready import CODES, ready_definition
    from marelle.foundation import tenancy

    known: dict[str, bool] = {}
    if slug:
        authority = Authority.objects.filter(slug=slug).first()
        if authority is None:
            raise _unknown(slug)
        with tenancy.scope({authority.pk}):
            known = dict(Procedure.objects.order_by("position", "pk").values_list("code", "is_open"))
    for code in CODES:
        state = "" if not slug else {None: "à ajouter", True: "ouverte", False: "fermée"}[known.get(code)]
        print(f"{code:<14} {ready_definition(code).title}{f' ({state})' if state else ''}")
    own = [code for code in known if code not in CODES]
    if own:
        print(f"Et les siennes : {', '.join(own)}.")
    return 0


def _load(slug: str, codes: list[str]) -> int:
    from marelle.domain.authorities.models import Authority
    from marelle.domain.procedures.operations.ready import load_ready
    from marelle.domain.procedures.queries.ready import CODES
    from marelle.foundation import clock, tenancy
    from marelle.foundation.actors import SYSTEM

    strange = [code for code in codes if code not in CODES]
    if strange:
        raise Refused(f"aucune démarche prête ne s’appelle {strange[0]} : « marelle procedures list » les montre.")
    authority = Authority.objects.filter(slug=slug).first()
    if authority is None:
        raise _unknown(slug)
    with tenancy.scope({authority.pk}):
        loaded = load_ready(authority, codes or CODES, by=SYSTEM, at=clock.business_now())
    if not loaded.has_changed:
        print(f"{authority.name} a déjà tout : rien à changer.")
        return 0
    print(f"{authority.name} :")
    for code in loaded.procedures:
        print(f"  démarche {code} (ajoutée, ouverte)")
    for code in loaded.services:
        print(f"  service {code} (créé : dites qui répond, dans Démarches › Services)")
    if loaded.templates:
        print(f"  {loaded.templates} modèles de réponse")
    return 0


def _unknown(slug: str) -> Refused:
    return Refused(f"aucune collectivité « {slug} » n’est enregistrée.")
