"""`marelle run`: the whole portal on one machine, from an empty folder or as it was left."""

from __future__ import annotations

import argparse
import http.client
import os
import secrets
import signal
import sys
import time
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from types import FrameType
from typing import NamedTuple
from zoneinfo import ZoneInfo

from marelle.commands.database import folder_taken, started_server
from marelle.commands.ports import free_port, refuse_taken
from marelle.commands.preparation import prepare
from marelle.commands.processes import Programs
from marelle.commands.refusal import Refused
from marelle.config.environment import Environment, environment, read, var_folder
from marelle.foundation.child_processes import stop_with_own_parent
from marelle.foundation.embedded_postgres import EmbeddedPostgres, data_folder

WEB_PROCESSES = 2
WEB_THREADS = 3  # of each process
# The account site answers people who sign in and the other sites, which wait for it: on its own, it waits for none.
ACCOUNT_PROCESSES, ACCOUNT_THREADS = 1, 4
READY_SECONDS = 60
HIGHEST_PORT = 65535
LOOPBACKS = ("127.0.0.1", "0.0.0.0", "::", "localhost")  # noqa: S104 — addresses to recognise, not to listen on
ADDRESS_KINDS = {
    "famille": "family_hosts",
    "mairie": "office_hosts",
    "factures": "invoices_hosts",
}


class StandIn(NamedTuple):
    """What stands for somebody else's service in the demonstration: its name in messages, its module, its options."""

    name: str
    module: str
    options: tuple[str | int, ...]


class Identifying(NamedTuple):
    """Who identifies people for the State: its name, what imitates it, and the variables that say our client there."""

    title: str
    profile: str
    url_name: str
    id_name: str
    secret_name: str


IDENTIFYING = (
    Identifying(
        "FranceConnect",
        "franceconnect",
        "MARELLE_FRANCECONNECT_URL",
        "MARELLE_FRANCECONNECT_CLIENT_ID",
        "MARELLE_FRANCECONNECT_CLIENT_SECRET",
    ),
    Identifying(
        "ProConnect",
        "proconnect",
        "MARELLE_PROCONNECT_URL",
        "MARELLE_PROCONNECT_CLIENT_ID",
        "MARELLE_PROCONNECT_CLIENT_SECRET",
    ),
)


class Stopped(Exception):
    """Somebody asked us to stop."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Say what can be chosen, and by which variable from make."""
    parser.add_argument("--port", default=os.environ.get("PORT") or "8000", help="port du portail (8000)")
    parser.add_argument(
        "--account-port",
        default=os.environ.get("ACCOUNT_PORT") or "",
        metavar="PORT",
        help="port du site du compte (celui du portail plus deux)",
    )
    parser.add_argument("--host", default="127.0.0.1", help="adresse d'écoute (127.0.0.1)")
    parser.add_argument(
        "--on", default=os.environ.get("ON") or "", metavar="AAAA-MM-JJ", help="visite le site à cette date"
    )


def run(options: argparse.Namespace) -> int:
    """Serve until a signal; everything that was started is stopped at the end, whatever the end."""
    port = _port(options.port)
    account_port = _port(options.account_port, "ACCOUNT_PORT") if options.account_port else None
    host = "127.0.0.1" if options.host == "localhost" else options.host
    days_ahead = _days_ahead(options.on)
    if os.environ.get("MARELLE_STOPS_WITH_PARENT"):  # under make: when make is killed, nobody else would tell us
        stop_with_own_parent(signal.SIGTERM)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        with ExitStack() as stack:
            _serve(stack, host, port, account_port, days_ahead)
    except Stopped:
        print("\nMarelle est arrêtée.", flush=True)
    return 0


def _serve(stack: ExitStack, host: str, port: int, account_port: int | None, days_ahead: int) -> None:
    var = var_folder(os.environ)
    stack.enter_context(folder_taken(var, f"« marelle run » (port {port}, processus {os.getpid()})"))
    programs = Programs(var / "run.json")
    programs.stop_leftovers()
    refuse_taken(host, port)
    if account_port:
        refuse_taken(host, account_port)
    account_port = account_port or free_port(port + 2)
    _say_where_the_account_is(host, account_port)
    stand_ins = _complete_environment(port, days_ahead)
    _open_database(stack, var)
    surroundings = environment()
    stack.callback(programs.stop)
    for name, module, chosen in stand_ins:
        programs.start(name, [sys.executable, "-m", module, *(str(part) for part in chosen)])
    _set_django_up()
    prepare(var, is_demonstration=surroundings.is_demonstration)
    programs.start("le serveur web", _web_command(host, port))
    programs.start("le site du compte", _web_command(host, account_port, ACCOUNT_PROCESSES, ACCOUNT_THREADS))
    programs.start("l'exécution des tâches", [sys.executable, "-m", "marelle", "worker"])
    _wait_until_healthy(programs, host, port)
    _wait_until_healthy(programs, host, account_port)
    _say_ready(surroundings, host, port)
    programs.wait()


def _open_database(stack: ExitStack, var: Path) -> None:
    if not os.environ.get("DATABASE_URL"):
        stack.enter_context(started_server(EmbeddedPostgres(data_folder(var / "postgres"))))


def _say_where_the_account_is(host: str, account_port: int) -> None:
    """Tell every program that we start; in links the account site has that port, unless a proxy gives it another.

    Whoever says the port of the portal in links (`MARELLE_PUBLIC_PORT`) says that of the account site too.
    """
    if "MARELLE_PUBLIC_PORT" not in os.environ:
        os.environ.setdefault("MARELLE_ACCOUNT_PORT", str(account_port))
    called = "127.0.0.1" if host in LOOPBACKS else host
    if called == "127.0.0.1":  # elsewhere plain http is not for what opens accounts: the operator says the address
        os.environ.setdefault("MARELLE_ACCOUNT_BACK_CHANNEL", f"http://{called}:{account_port}")


def _complete_environment(port: int, days_ahead: int) -> list[StandIn]:
    """Complete our environment, which every program we start inherits; raise BadEnvironment before anything is started.

    Return the stand-ins that the demonstration wants, on free ports. What the environment names already needs none.
    """
    os.environ.setdefault("MARELLE_DEMONSTRATION", "1")
    os.environ.setdefault("MARELLE_PUBLIC_PORT", str(port) if port != 80 else "")  # noqa: PLR2004 — http's own
    os.environ["MARELLE_BUSINESS_DAYS_AHEAD"] = str(days_ahead)
    stand_ins: list[StandIn] = []
    if not read(os.environ).is_demonstration:
        return stand_ins
    if not os.environ.get("EMAIL_HOST"):
        smtp_port, page_port = free_port(), free_port(port + 1)
        os.environ |= {
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(smtp_port),
            "MARELLE_MAILBOX_URL": f"http://127.0.0.1:{page_port}",
        }
        ports = ("--smtp-port", smtp_port, "--http-port", page_port)
        stand_ins.append(StandIn("la boîte aux lettres", "standins.mailbox", ports))
    stand_ins += [_identifying(*one) for one in IDENTIFYING if not os.environ.get(one.id_name)]
    if not os.environ.get("MARELLE_API_PARTICULIER_TOKEN"):
        quotient_port = free_port()
        os.environ |= {
            "MARELLE_API_PARTICULIER_URL": f"http://127.0.0.1:{quotient_port}",
            "MARELLE_API_PARTICULIER_TOKEN": secrets.token_hex(16),
        }
        os.environ.setdefault("MARELLE_FRANCECONNECT_QUOTIENT", "1")
        known_by = ("--port", quotient_port, "--franceconnect", os.environ.get("MARELLE_FRANCECONNECT_URL", ""))
        stand_ins.append(StandIn("la doublure d'API Particulier", "standins.api_particulier", known_by))
    if not os.environ.get("MARELLE_PAYZEN_URL"):
        payzen_port = free_port()
        os.environ |= {
            "MARELLE_PAYZEN_URL": f"http://127.0.0.1:{payzen_port}/vads-payment/",
            "MARELLE_PAYZEN_API_URL": f"http://127.0.0.1:{payzen_port}",
        }
        stand_ins.append(StandIn("la doublure de PayZen", "standins.payzen", ("--port", payzen_port)))
    if not os.environ.get("MARELLE_PAYFIP_URL"):
        payfip_port = free_port()
        os.environ |= {
            "MARELLE_PAYFIP_URL": f"http://127.0.0.1:{payfip_port}/tpa/services/securite",
            "MARELLE_PAYFIP_PAGE_URL": f"http://127.0.0.1:{payfip_port}/tpa/paiementws.web",
        }
        stand_ins.append(StandIn("la doublure de PayFiP", "standins.payfip", ("--port", payfip_port, "--anyone")))
    if not os.environ.get("MARELLE_OVH_SMS_ACCOUNT"):
        sms_port = free_port()
        os.environ |= {
            "MARELLE_OVH_SMS_URL": f"http://127.0.0.1:{sms_port}/1.0",
            "MARELLE_OVH_SMS_ACCOUNT": "sms-ab12345-1",
            "MARELLE_OVH_SMS_APPLICATION_KEY": "application",
            "MARELLE_OVH_SMS_APPLICATION_SECRET": "secret",
            "MARELLE_OVH_SMS_CONSUMER_KEY": "consumer",
            "MARELLE_OVH_SMS_PRICE": "65",
        }
        stand_ins.append(StandIn("la doublure des SMS d'OVHcloud", "standins.sms", ("--port", sms_port)))
    return stand_ins


def _identifying(title: str, profile: str, url_name: str, id_name: str, secret_name: str) -> StandIn:
    """Complete our environment with a client of FranceConnect or ProConnect, and return who stands for it.

    The account site's addresses are declared there, word for word: its port must be known by now.
    """
    port, account = free_port(), read(os.environ).account_url
    os.environ |= {
        url_name: f"http://127.0.0.1:{port}",
        id_name: f"demonstration-{profile}",
        secret_name: secrets.token_hex(16),
    }
    back, left = f"{account}/compte/{profile}/retour/", f"{account}/compte/{profile}/fin/"
    chosen = ("--profile", profile, "--port", port, "--redirect-uri", back, "--post-logout-uri", left)
    return StandIn(f"la doublure de {title}", "standins.franceconnect", chosen)


def _web_command(host: str, port: int, processes: int = WEB_PROCESSES, threads: int = WEB_THREADS) -> list[str]:
    options = {
        "--interface": "wsgi",
        "--host": host,
        "--port": str(port),
        "--workers": str(processes),
        "--blocking-threads": str(threads),
        "--workers-kill-timeout": "2",
        "--log-level": "warning",
    }
    flat = [part for option in options.items() for part in option]
    return [sys.executable, "-m", "granian", *flat, "--no-ws", "marelle.config.wsgi:application"]


def _wait_until_healthy(programs: Programs, host: str, port: int) -> None:
    asked = "127.0.0.1" if host in LOOPBACKS else host
    deadline = time.monotonic() + READY_SECONDS
    while True:
        programs.refuse_if_one_has_ended()
        connection = http.client.HTTPConnection(asked, port, timeout=5)
        try:
            connection.request("GET", "/healthz", headers={"Host": f"127.0.0.1:{port}"})
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except (OSError, http.client.HTTPException):
            pass  # not listening yet
        finally:
            connection.close()
        if time.monotonic() > deadline:
            raise Refused(f"le portail ne répond pas après {READY_SECONDS} secondes.")
        time.sleep(0.05)


def _say_ready(surroundings: Environment, host: str, port: int) -> None:
    addresses = {kind: getattr(surroundings, hosts)[0] for kind, hosts in ADDRESS_KINDS.items()}
    print("\nMarelle est prête.\n")
    print(f"  Familles    {surroundings.public_url(addresses['famille'])}")
    print(f"  Mairie      {surroundings.public_url(addresses['mairie'])}")
    print(f"  Factures    {surroundings.public_url(addresses['factures'])}")
    print(f"  Compte      {surroundings.account_url}")
    if surroundings.mailbox_url:
        print(f"  Courriels   {surroundings.mailbox_url}")
    if surroundings.is_demonstration:
        _say_who_signs_in()
        _say_what_to_pay(surroundings)
    else:
        _say_how_to_open_a_town()
    print("\nCtrl-C arrête tout.", flush=True)


def _say_who_signs_in() -> None:
    from marelle.commands.load import demonstration_people

    print("\nQui peut se connecter (adresse, mot de passe) :\n")
    for label, email, password, kind in demonstration_people():
        print(f"  {kind:<8}  {email:<44}  {password:<24}  {label}")


def _say_how_to_open_a_town() -> None:
    """Print a link for the first town, as long as there is none: whoever reads this terminal is the operator."""
    from marelle.commands.load import is_empty
    from marelle.commands.open_town import opening_link

    if is_empty():
        print("\nAucune collectivité encore. Ce lien en ouvre une, une fois, pendant deux jours :\n")
        print(f"  {opening_link()}")


def _say_what_to_pay(surroundings: Environment) -> None:
    from marelle.commands.load import demonstration_invoices

    print(
        f"\nÀ payer sans compte, sur {surroundings.public_url(surroundings.invoices_hosts[0])} (référence, montant) :\n"
    )
    for reference, amount in demonstration_invoices():
        print(f"  {reference:<18}  {amount}")


def _port(text: str, name: str = "PORT") -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= HIGHEST_PORT:
        raise Refused(f"{name}={text} n'est pas un port : nombre de 1 à {HIGHEST_PORT} attendu.")
    return int(text)


def _days_ahead(text: str) -> int:
    """Return by how many days the visited date is ahead of today's, counted once: its hours then run on."""
    if not text:
        return 0
    if os.environ.get("DATABASE_URL"):
        raise Refused("ON change la date de la démonstration ; elle est refusée quand DATABASE_URL est définie.")
    try:
        visited = date.fromisoformat(text)
    except ValueError:
        raise Refused(f"ON={text} n'est pas une date : écrivez par exemple ON=2026-11-23.") from None
    from marelle.foundation.clock import machine_now

    return (visited - machine_now().astimezone(ZoneInfo("Europe/Paris")).date()).days


def _set_django_up() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marelle.config.settings")
    django.setup()


def _stop(number: int, frame: FrameType | None) -> None:
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)  # a second Ctrl-C during the stopping would leave programs behind
    raise Stopped
