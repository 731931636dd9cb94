"""`marelle clients`: the sites of others where people enter with their account."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from marelle.commands.refusal import Refused


def configure(parser: ArgumentParser) -> None:
    """Say what the command takes."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True, dest="clients_action")
    actions.add_parser("list", help="montre les sites déclarés")
    add = actions.add_parser("add", help="déclare un site, et dit une seule fois son secret")
    add.add_argument("name", metavar="NOM", help="le nom que les gens lisent avant d’accepter")
    add.add_argument(
        "--redirect-uri", metavar="ADRESSE", action="append", default=[], help="où l’on revient ; peut se répéter"
    )
    add.add_argument(
        "--post-logout-uri",
        metavar="ADRESSE",
        action="append",
        default=[],
        help="où l’on va une fois déconnecté ; peut se répéter",
    )
    add.add_argument("--email", action="store_true", help="le site reçoit l’adresse e-mail de qui l’accepte")
    for action, purpose in (
        ("secret", "donne un nouveau secret à un site ; l’ancien ne sert plus"),
        ("remove", "retire un site, et tout ce qui lui a été donné"),
    ):
        one = actions.add_parser(action, help=purpose)
        one.add_argument("client", metavar="IDENTIFIANT", help="ce que « marelle clients list » montre en premier")
    actions.add_parser("own", help="met à jour nos propres sites ; « marelle run » le fait à chaque démarrage")


def run(options: Namespace) -> int:
    """Do the action; raise Refused with a sentence."""
    actions = {"list": _list, "add": _add, "secret": _secret, "remove": _remove, "own": _own}
    return actions[options.clients_action](options)


def _list(_options: Namespace) -> int:
    from marelle.domain.accounts.queries import clients_of_others

    found = clients_of_others()
    for client in found:
        print(f"{client.pk}  {client.name}")
        for label, values in (
            ("revient à", client.get_redirect_uris()),
            ("part vers", client.get_post_logout_redirect_uris()),
            ("reçoit", client.get_scopes()),
        ):
            print(f"    {label:<9} {', '.join(values) or '—'}")
    if not found:
        print("Aucun site n'est déclaré, hors les nôtres.")
    return 0


def _add(options: Namespace) -> int:
    from django.conf import settings

    from marelle.domain.accounts.operations.clients import BadClientError, register_client
    from marelle.domain.accounts.rules.clients import EMAIL, OPENID
    from marelle.foundation.actors import SYSTEM
    from marelle.foundation.clock import machine_now

    try:
        client, secret = register_client(
            options.name,
            redirect_uris=options.redirect_uri,
            post_logout_uris=options.post_logout_uri,
            scopes=[OPENID, *([EMAIL] if options.email else [])],
            by=SYSTEM,
            at=machine_now(),
        )
    except BadClientError as error:
        raise Refused(str(error)) from error
    print(f"{client.name} est déclaré. À remettre à qui tient ce site ; le secret ne sera plus montré :\n")
    print(f"  issuer         {settings.ACCOUNT_URL}")
    print(f"  client_id      {client.pk}")
    print(f"  client_secret  {secret}")
    return 0


def _secret(options: Namespace) -> int:
    from marelle.domain.accounts.operations.clients import UnknownClientError, renew_client_secret
    from marelle.foundation.actors import SYSTEM
    from marelle.foundation.clock import machine_now

    try:
        secret = renew_client_secret(options.client, by=SYSTEM, at=machine_now())
    except UnknownClientError as error:
        raise _unknown(options.client) from error
    print("L'ancien secret ne sert plus. Le nouveau, qui ne sera plus montré :\n")
    print(f"  client_secret  {secret}")
    return 0


def _remove(options: Namespace) -> int:
    from marelle.domain.accounts.operations.clients import UnknownClientError, remove_client
    from marelle.foundation.actors import SYSTEM
    from marelle.foundation.clock import machine_now

    try:
        remove_client(options.client, by=SYSTEM, at=machine_now())
    except UnknownClientError as error:
        raise _unknown(options.client) from error
    print("Ce site n'est plus connu ; ce qui lui avait été donné ne sert plus.")
    return 0


def _own(_options: Namespace) -> int:
    from marelle.domain.accounts.operations.clients import keep_own_clients, own_addresses
    from marelle.foundation.actors import SYSTEM
    from marelle.foundation.clock import machine_now

    changed = keep_own_clients(own_addresses(), by=SYSTEM, at=machine_now())
    print(f"Nos sites sont à jour ({changed} changé{'s' if changed > 1 else ''}).")
    return 0


def _unknown(client: str) -> Refused:
    return Refused(f"aucun site déclaré n'a l'identifiant {client} : « marelle clients list » les montre.")
