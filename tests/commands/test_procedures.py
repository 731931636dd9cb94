"""`marelle procedures`, as the operator types it."""

from __future__ import annotations

from argparse import ArgumentParser

import pytest

from marelle.commands import procedures
from marelle.commands.refusal import Refused
from marelle.domain.procedures.models import Procedure
from marelle.domain.procedures.operations.publishing import open_procedure
from marelle.foundation import tenancy
from marelle.foundation.actors import SYSTEM
from tests.domain.household import NOW
from tests.factories.procedures import make_procedure
from tests.factories.town import make_authority

pytestmark = pytest.mark.django_db


@pytest.fixture
def marelle(capsys):
    """Type a line, and read what is answered."""

    def typed(*line):
        parser = ArgumentParser()
        procedures.configure(parser)
        assert procedures.run(parser.parse_args(line)) == 0
        return capsys.readouterr().out

    return typed


def test_those_that_ship_are_listed(marelle):
    said = marelle("list").splitlines()

    assert len(said) == 12
    assert said[0] == "recuperation   Autorisation de récupération d’un enfant"


def test_an_authority_takes_some_then_all_and_then_there_is_nothing_to_do(marelle):
    authority = make_authority()

    some = marelle("load", "message", "quotient", "--authority", authority.slug)
    assert "démarche quotient (ajoutée, ouverte)" in some
    assert "service regie" in some
    with tenancy.scope({authority.pk}):
        assert Procedure.objects.count() == 2
        open_procedure(Procedure.objects.get(code="quotient"), is_open=False, by=SYSTEM, at=NOW)
    make_procedure(authority, "piscine")

    marelle("load", "--authority", authority.slug)
    assert "rien à changer" in marelle("load", "--authority", authority.slug)
    listed = marelle("list", "--authority", authority.slug)
    assert "Nouveau quotient familial (fermée)" in listed
    assert "Changement de garde (ouverte)" in listed
    assert listed.endswith("Et les siennes : piscine.\n")


@pytest.mark.parametrize("line", [["list"], ["load"]])
def test_an_authority_that_is_not_there_is_said(marelle, line):
    with pytest.raises(Refused, match="aucune collectivité « ailleurs »"):
        marelle(*line, "--authority", "ailleurs")


def test_a_procedure_that_does_not_ship_is_said(marelle):
    with pytest.raises(Refused, match="piscine"):
        marelle("load", "piscine", "--authority", make_authority().slug)
