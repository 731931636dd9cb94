"""A family is registered at the counter on one screen, and never twice."""

from datetime import date

import pytest

from marelle.domain.accounts.models import Grant
from marelle.domain.families.models import Child, Custody, Family, Guardian, Invitation, MembershipCode
from marelle.domain.procedures.operations.shutting_out import remove_access
from marelle.domain.reservations.models import Enrollment
from marelle.foundation import clock, tenancy
from marelle.foundation.actors import SYSTEM
from marelle.foundation.models import AuditEntry
from marelle.foundation.writes import permitted
from tests.factories import town
from tests.web.office.conftest import TODAY, signed_in
from tests.web.office.test_day import body

pytestmark = pytest.mark.urls("marelle.config.urls_office")

TYPED = {
    "key": "aB3dE5fG7hJ9",
    "rows": "2",
    "g1_first_name": "Élise",
    "g1_last_name": "Le Goff",
    "g1_relation": "Mère",
    "g1_phone": "0612345678",
    "g1_email": "Elise@exemple.fr",
    "address": "3, rue des Lilas\n77163 Dammartin",
    "is_resident": "on",
    "c1_first_name": "Zoé",
    "c1_birth_date": "2018-05-02",
    "c1_class": "ecole-des-tilleuls/ce2",
    "c1_activities": ["cantine:Cantine"],
    "way_in": "link",
}


@pytest.fixture
def counter(office, in_scope):
    in_scope(office.authority)
    activity = office.meal.activity
    office.typed = TYPED | {
        "c1_class": f"{office.school.code}/{office.ce2.code}",
        "c1_activities": [f"{office.canteen.code}:{activity.name}"],
    }
    office.send = lambda client=None, **changed: (client or office.client).post(
        office.at("familles/inscrire/"), office.typed | changed
    )
    return office


def nothing_written():
    return Family.objects.count() == 1 and not Child.objects.exists() and not Invitation.objects.exists()


def test_a_family_is_registered_whole_and_its_link_leaves(counter):
    response = counter.send()

    family = Family.objects.get(name="Le Goff")
    assert response.status_code == 303
    assert response.url == counter.at(f"familles/{family.public_id}/")
    assert (family.address, family.is_resident, family.phone) == (
        "3, rue des Lilas\n77163 Dammartin",
        True,
        "06 12 34 56 78",
    )
    guardian = Guardian.objects.get(family=family)
    assert (guardian.first_name, guardian.email, guardian.relation) == ("Élise", "elise@exemple.fr", "Mère")
    custody = Custody.objects.get(family=family)
    assert (custody.child.full_name, custody.child.school_class_id, custody.starts_on) == (
        "Zoé Le Goff",
        counter.ce2.pk,
        TODAY,
    )
    assert Enrollment.objects.get(child=custody.child).activity_id == counter.meal.activity_id
    assert Invitation.objects.get(guardian=guardian).email == "elise@exemple.fr"
    assert AuditEntry.objects.filter(verb="register_family", object_key=family.pk).count() == 1
    page = body(counter.client.get(response.url))
    assert "La famille Le Goff est inscrite" in page
    assert "1 lien en route" in page


def test_the_same_form_sent_twice_opens_one_file_and_sends_one_letter(counter):
    counter.send()
    again = counter.send(double="new")

    assert again.status_code == 303
    assert Family.objects.filter(name="Le Goff").count() == 1
    assert Child.objects.count() == 1
    assert Invitation.objects.count() == 1


def test_a_code_on_paper_leads_to_its_letter_alone(counter):
    other = town.make_family(counter.authority, "Autre")
    counter.client.post(counter.at("familles/acces/codes/"), {"tous": "1", "remise": "letter"})
    response = counter.send(way_in="letter", g1_email="")

    family = Family.objects.get(name="Le Goff")
    assert response.url == counter.at(f"familles/acces/?famille={family.public_id}")
    assert MembershipCode.objects.get(family=family).delivery == "letter"
    assert "1 code par courrier" in body(counter.client.get(response.url))
    assert other.pk != family.pk


def test_one_more_child_keeps_what_was_typed_and_writes_nothing(counter):
    response = counter.send(more="1", rows="1")

    page = response.content.decode()
    assert response.status_code == 200
    assert 'name="c2_first_name"' in page
    assert 'value="Élise"' in page
    assert page.count(" checked") == 3  # lives here, the canteen, a link
    assert nothing_written()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (
            {"g1_first_name": "", "g1_last_name": "", "g1_relation": "", "g1_phone": "", "g1_email": ""},
            "au moins un responsable",
        ),
        ({"g1_phone": "12"}, "Vérifiez ce numéro"),
        ({"g1_email": "elise"}, "Vérifiez cette adresse"),
        ({"g1_email": ""}, "ou choisissez un code sur papier"),
        ({"c1_first_name": "", "c1_birth_date": ""}, "au moins un enfant"),
        ({"c1_birth_date": "02/05/2099"}, "Indiquez une date de naissance"),
        ({"c1_birth_date": "31/02/2018"}, "Indiquez une date de naissance"),
        ({"c1_class": ""}, "Choisissez sa classe"),
        ({"c1_class": "ailleurs/cp"}, "Choisissez une classe de la liste"),
        ({"c1_activities": ["inconnue"]}, "Choisissez des activités de la liste"),
        ({"c2_first_name": "ZOE", "c2_birth_date": "02/05/2018"}, "écrit deux fois"),
        ({"g2_first_name": "Elise", "g2_last_name": "le-goff"}, "écrit deux fois"),
        ({"way_in": "pigeon"}, "Choisissez comment la famille ouvrira son compte"),
        ({"address": "x" * 250}, "trop long"),
        ({"g1_last_name": "x" * 500}, "80 caractères"),
        ({"key": "../../x"}, ""),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(counter, changed, words):
    response = counter.send(**changed)

    assert response.status_code == 422
    assert words in body(response)
    assert 'value="Zoé"' in response.content.decode() or "c1_first_name" in changed
    assert nothing_written()


class TestWhoLooksLikeIt:
    @pytest.fixture
    def known(self, counter):
        family = town.make_family(counter.authority, "Le Goff")
        child = town.make_child(family, "Zoe", birth_date=date(2018, 5, 2))
        return family, child

    def test_is_shown_before_anything_is_written(self, counter, known):
        response = counter.send()

        assert response.status_code == 409
        page = body(response)
        assert "a peut-être déjà un dossier" in page
        assert "même enfant : Zoe Le Goff, 02/05/2018" in page
        assert Family.objects.filter(name="Le Goff").count() == 1

    def test_of_who_is_kept_out_of_it_the_agent_is_warned_before_anything_is_written(self, counter, known):
        elise = known[0].guardians.get()
        elise.first_name, elise.last_name = "Élise", "Le Goff-Roy"
        with permitted("test"):
            elise.save()
        now = clock.machine_now()
        remove_access(elise, kind="court_order", words="Ordonnance", by=SYSTEM, at=now, machine=now)

        shown = body(counter.send())

        assert "L’accès de Élise Le Goff-Roy au dossier de" in shown
        assert "Ordonnance" not in shown
        # Another parent of the child is not warned of.
        assert "est retiré" not in body(counter.send(g1_first_name="Paul", g1_email="paul@exemple.fr", g1_phone=""))

    def test_is_the_same_family_and_is_completed(self, counter, known):
        family, child = known
        response = counter.send(double=family.public_id, c2_first_name="Malo", c2_birth_date="2021-01-09")

        assert response.status_code == 303
        assert Family.objects.filter(name="Le Goff").count() == 1
        assert sorted(Child.objects.values_list("first_name", flat=True)) == ["Malo", "Zoe"]
        assert Enrollment.objects.get().child_id == child.pk
        assert Guardian.objects.filter(family=family).count() == 2
        assert AuditEntry.objects.filter(verb="complete_family", object_key=family.pk).exists()

    def test_is_another_family_when_the_agent_says_so(self, counter, known):
        assert counter.send(double="new").status_code == 303
        assert Family.objects.filter(name="Le Goff").count() == 2

    def test_by_an_address_or_a_number(self, counter):
        family = town.make_family(counter.authority, "Roussel")
        with permitted("factory"):
            Guardian.objects.filter(family=family).update(email="elise@exemple.fr", phone="+33 6 12 34 56 78")

        page = body(counter.send())

        assert "même adresse e-mail et même téléphone" in page

    def test_of_a_place_that_is_not_hers_is_said_and_not_shown(self, counter, known):
        page = body(counter.send(limited(counter)))

        assert "dont vous n’avez pas la charge" in page
        assert known[0].code not in page


def limited(counter):
    """An agent who manages the reservations of the school alone."""
    agent = town.make_agent(counter.authority, "Inès Roy", "manage_reservations")
    with permitted("factory"), tenancy.scope({counter.authority.pk}):
        Grant.objects.filter(agent=agent).update(facility=counter.school)
    return signed_in(agent)


def test_an_agent_of_one_place_registers_for_that_place(counter):
    client = limited(counter)

    refused = counter.send(client, c1_activities=[])
    assert refused.status_code == 409
    assert "une activité dont vous avez la charge" in body(refused)
    assert counter.send(client).status_code == 303
