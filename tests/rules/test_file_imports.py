"""What files from elsewhere come to beside what is known: facts in, lines out."""

from datetime import date

import pytest

from marelle.domain.families.rules.removals import KeptOutOf
from marelle.domain.onboarding.rules.imports.cells import Cells, as_people_write, read_day
from marelle.domain.onboarding.rules.imports.class_change import LEAVES, STAYS, ClassChange, moved, proposed
from marelle.domain.onboarding.rules.imports.columns import chosen, missing, recognized, signature
from marelle.domain.onboarding.rules.imports.guardians import COLUMNS as GUARDIAN_COLUMNS
from marelle.domain.onboarding.rules.imports.guardians import GuardiansOfPupils
from marelle.domain.onboarding.rules.imports.homes import ADDRESS_LEFT, KEPT_OUT
from marelle.domain.onboarding.rules.imports.households import ChildrenAndGuardians
from marelle.domain.onboarding.rules.imports.kinds import IS_NEW, Create, Entry, Options, Ref, Set
from marelle.domain.onboarding.rules.imports.known import (
    Known,
    KnownChild,
    KnownClass,
    KnownFamily,
    KnownGuardian,
    KnownSchool,
)
from marelle.domain.onboarding.rules.imports.pupils import COLUMNS as PUPIL_COLUMNS
from marelle.domain.onboarding.rules.imports.pupils import PupilsOfASchool
from marelle.domain.onboarding.rules.imports.teachers import TeachersOfASchool
from marelle.foundation.table_files import Row

ON = date(2026, 11, 23)
TILLEULS, LILAS = KnownSchool(1, "École des Tilleuls"), KnownSchool(2, "École des Lilas")
CP, CE1 = KnownClass(11, 1, "cp", "CP", "CP"), KnownClass(12, 1, "ce1", "CE1 - CE2", "CE1, CE2", "Mme Durand")
OTHER_CP = KnownClass(21, 2, "cp", "CP")
LUCIA = KnownChild(101, "Lucia", "Moreau", date(2018, 4, 9), 11)
PAUL = KnownChild(102, "Paul", "Moreau", date(2017, 1, 2), 12)
NOAH = KnownChild(103, "Noah", "Petit", date(2018, 4, 9), 21)
NOAH_TOO = KnownChild(104, "Noah", "Petit", date(2016, 6, 6), 11)
MOREAU = KnownFamily(201, "D-1", "Moreau", "1 rue du Bac, 77000 Melun", "", "")
FATHER = KnownFamily(202, "D-2", "Moreau", "9 quai Hippolyte, 77000 Melun")
JEANNE = KnownGuardian(301, 201, "Jeanne", "Moreau", "jeanne@exemple.fr", "")
MARC = KnownGuardian(302, 202, "Marc", "Moreau", "", "06 12 34 56 78")
KNOWN = Known(
    schools=(TILLEULS, LILAS),
    classes=(CP, CE1, OTHER_CP),
    children=(LUCIA, PAUL, NOAH, NOAH_TOO),
    families=(MOREAU, FATHER),
    guardians=(JEANNE, MARC),
    homes=((101, 201), (102, 201), (102, 202)),
)
SCHOOL = Options(on=ON, facility=1)
# Paul, and two homes of his with the same guardian.
TWICE = Known(
    schools=(TILLEULS, LILAS),
    classes=(CP, CE1, OTHER_CP),
    children=(PAUL,),
    families=(MOREAU, FATHER),
    guardians=(JEANNE, KnownGuardian(304, 202, "Jeanne", "Moreau")),
    homes=((102, 201), (102, 202)),
)


def read(kind, titles, *rows):
    """Read rows of cells between « ; » under such titles."""
    where = recognized(titles.split(";"), kind.columns)
    return kind.entries([Row(number, tuple(row.split(";"))) for number, row in enumerate(rows, 2)], where, on=ON)


def compare(kind, titles, *rows, known=KNOWN, options=SCHOOL):
    return kind.lines(read(kind, titles, *rows), known, options)


def short(line):
    """Return a line as a story: its number, its label, its verdict and what differs."""
    return line.number, line.label, line.verdict.value, {one.field: one.after for one in line.differences}


def created(line, table):
    """Return the values of the rows of a table that a line creates, whether it is taken or ticked."""
    acts = [*line.acts, *(act for one in line.differences for act in one.acts)]
    return [dict(act.values) for act in acts if isinstance(act, Create) and act.table == table]


class TestColumns:
    def test_titles_are_known_whatever_their_case_accents_spaces_and_order(self):
        found = recognized([" Cycle", "PRENOM ELEVE", "nom  d'usage élève", "Inconnue", "Nom Elève"], PUPIL_COLUMNS)
        assert found == {"first_name": (1,), "usage_name": (2,), "last_name": (4,)}
        assert missing(found, PUPIL_COLUMNS) == ("Date naissance",)

    def test_a_repeated_title_counts_once_unless_it_is_said_of_each_child(self):
        titles = ["Nom responsable", "Nom responsable", "Prénom enfant", "Prénom enfant"]
        assert recognized(titles, GUARDIAN_COLUMNS) == {"last_name": (0,), "child_first_name": (2, 3)}

    def test_an_agent_says_which_column_is_which(self):
        said = {3: "last_name", 0: "first_name", 1: "last_name", 2: "nothing", 4: ""}
        assert chosen(said, PUPIL_COLUMNS) == {"first_name": (0,), "last_name": (1,)}

    def test_files_of_the_same_titles_are_told_by_them(self):
        assert signature(["Nom", "Prénom"]) == signature([" NOM", "prenom"]) != signature(["Prénom", "Nom"])


class TestCells:
    @pytest.mark.parametrize(
        ("text", "day"),
        [
            ("09/04/2018", date(2018, 4, 9)),
            ("9.4.2018", date(2018, 4, 9)),
            ("2018-04-09", date(2018, 4, 9)),
            ("2018-04-09T00:00:00", date(2018, 4, 9)),
            ("09/04/2018 00:00", date(2018, 4, 9)),
            ("31/02/2018", None),
            ("2018-13-01", None),
            ("04/2018", None),
            ("43199", None),
        ],
    )
    def test_a_day_is_read_or_is_none(self, text, day):
        assert read_day(text) == day

    @pytest.mark.parametrize(
        ("written", "read"),
        [("MARTIN-DUPONT", "Martin-Dupont"), ("D’ORSAY", "D’Orsay"), ("de Vries", "de Vries"), ("X", "X"), ("", "")],
    )
    def test_capitals_alone_are_written_as_people_do(self, written, read):
        assert as_people_write(written) == read

    def cells(self, **said):
        return Cells(tuple(said.values()), {code: (place,) for place, code in enumerate(said)})

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("=HYPERLINK(1)", "Nom : « = » au début est une formule, pas un texte."),
            ("+1", "Nom : « + » au début est une formule, pas un texte."),
            ("x" * 81, "Nom : 80 caractères au plus."),
            ("123", "Nom : « 123 » n’est pas un nom."),
            ("", "Nom : il manque."),
        ],
    )
    def test_a_name_that_is_none_is_said_to_be(self, text, fault):
        cells = self.cells(name=text)
        assert (cells.name("name", "Nom", is_needed=True), cells.faults) == ("", [fault])

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("", "Date de naissance : il manque."),
            ("hier", "Date de naissance : « hier » n’est pas un jour. Exemple : 09/04/2017."),
            ("01/01/1890", "Date de naissance : 01/01/1890 n’est pas possible."),
            ("24/11/2026", "Date de naissance : 24/11/2026 n’est pas possible."),
        ],
    )
    def test_nobody_is_born_on_a_day_that_is_none(self, text, fault):
        cells = self.cells(day=text)
        assert (cells.birth_date("day", on=ON), cells.faults) == ("", [fault])

    def test_an_address_that_is_none_is_left_aside_with_a_note(self):
        cells = self.cells(
            mail="Pas d'adresse", worse="=a@exemple.fr", good="Ana@Exemple.fr", phone="612345678", bad="12"
        )
        assert [cells.email(one) for one in ("mail", "worse", "good", "none")] == ["", "", "ana@exemple.fr", ""]
        assert [cells.phone(one) for one in ("phone", "bad", "none")] == ["06 12 34 56 78", "", ""]
        assert (len(cells.notes), cells.faults) == (3, [])

    def test_an_address_is_one_line_and_not_too_long_a_one(self):
        cells = self.cells(street="1 rue du Bac", code="1000", town="BOURG-EN-BRESSE", long="x" * 199)
        assert cells.address("street", "code", "town") == "1 rue du Bac, 01000 Bourg-En-Bresse"
        assert cells.address("none", "none", "town") == "Bourg-En-Bresse"
        assert (cells.address("long", "code", "town"), len(cells.faults)) == ("", 1)

    def test_a_row_shorter_than_its_titles_lacks_its_last_cells(self):
        assert Cells(("a",), {"x": (0, 5)}).raw("x", 1) == ""
        assert Cells(("a",), {"x": (0, 5)}).groups("x") == 2


PUPILS = "Nom élève;Nom d'usage élève;Prénom élève;Date naissance;Niveau;Libellé classe"


class TestPupils:
    kind = PupilsOfASchool()

    def test_each_comes_to_something(self):
        lines = compare(
            self.kind,
            PUPILS,
            "MOREAU;;Lucia;09/04/2018;CP;CP",
            "MOREAU;;PAUL;02/01/2017;CP;cp",
            "PETIT;;Noah;06/06/2016;CM1;CM1 A",
            "NEUF;;Zoé;01/02/2019;CM1;cm1-a",
            ";;Zoé;31/02/2019;CP;CP",
        )
        assert [short(one) for one in lines] == [
            (2, "Lucia Moreau", "unchanged", {}),
            (3, "Paul Moreau", "changed", {"school_class": "CP, École des Tilleuls"}),
            (4, "Noah Petit", "changed", {"school_class": "CM1 A, École des Tilleuls"}),
            (5, "Zoé Neuf", "new", {}),
            (6, "Zoé", "refused", {}),
        ]
        # Both lines would create the same class.
        (one,) = lines[2].differences
        assert one.acts[0] == lines[3].acts[0]
        assert dict(one.acts[0].values)["code"] == "cm1-a"
        assert one.acts[1] == Set("child", 104, "school_class", 11, Ref("class 1 cm1-a"))
        assert not one.is_ticked

    def test_the_children_of_the_school_who_are_not_in_the_file_are_shown_as_having_left(self):
        lines = compare(self.kind, PUPILS, "MOREAU;;Lucia;09/04/2018;CP;CP")
        assert [short(one) for one in lines[1:]] == [
            (0, "Paul Moreau", "left", {"school_class": ""}),
            (0, "Noah Petit", "left", {"school_class": ""}),
        ]
        assert not any(one.differences[0].is_ticked for one in lines[1:])
        assert lines[1].identity == (0, 102)

    def test_a_name_of_use_or_of_birth_is_the_same_child(self):
        (line, *_) = compare(self.kind, PUPILS, "MOREAU;DUVAL;Lucia;09/04/2018;CP;CP")
        assert short(line) == (2, "Lucia Duval", "unchanged", {})

    def test_a_child_said_twice_is_refused_the_second_time(self):
        lines = compare(self.kind, PUPILS, "NEUF;;Zoé;25/12/2019;;", "Neuf;;ZOE;2019-12-25;;",
                        "MOREAU;;Lucia;09/04/2018;;",
                        "MOREAU;;Lucia Anna;09/04/2018;;")  # fmt: skip
        assert [one.words for one in lines[:4]] == [
            (), ("Cet enfant est déjà à la ligne 2.",), (), ("Lucia Moreau est déjà à la ligne 4.",),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("row", "words"),
        [
            ("MOREAU;;Lucie;09/04/2018;;", "Un enfant connu y ressemble : dites si c’est lui."),
            ("MOREAU;;Lucia;04/09/2018;;", "Un enfant connu y ressemble : dites si c’est lui."),
        ],
    )
    def test_somebody_who_may_be_known_is_asked_about(self, row, words):
        (line, *others) = compare(self.kind, PUPILS, row)
        assert (line.verdict.value, line.words, line.acts) == ("ambiguous", (words,), ())
        assert [(one.key, one.words) for one in line.candidates] == [
            (101, "Lucia Moreau, 09/04/2018, CP, École des Tilleuls")
        ]
        # Whom it may be about has not left.
        assert 101 not in {one.key for one in others}

    def test_who_it_is_about_is_answered(self):
        row = "DUVAL;;Lucia;09/04/2018;;"
        said = {answer: compare(self.kind, PUPILS, row, options=Options(ON, 1, {2: answer}))[0]
                for answer in ("101", "103", IS_NEW, "nobody")}  # fmt: skip
        assert short(said["101"]) == (2, "Lucia Duval", "changed", {"last_name": "Duval"})
        assert [one.verdict.value for one in said.values()] == ["changed", "ambiguous", "new", "ambiguous"]

    def test_the_day_and_the_first_name_of_whom_it_is_about_may_differ_too(self):
        (line, *_) = compare(self.kind, PUPILS, "MOREAU;;Lucia Anna;04/09/2018;;", options=Options(ON, 1, {2: "101"}))
        assert short(line)[3] == {"first_name": "Lucia Anna", "birth_date": "04/09/2018"}

    def test_twins_of_the_base_are_never_guessed(self):
        twins = (LUCIA, KnownChild(105, "Lucia", "Moreau", LUCIA.birth_date))
        (line, *_) = compare(
            self.kind, PUPILS, "MOREAU;;Lucia;09/04/2018;;", known=Known(KNOWN.schools, KNOWN.classes, twins)
        )
        assert (line.verdict.value, [one.key for one in line.candidates]) == ("ambiguous", [101, 105])
        assert line.candidates[1].words == "Lucia Moreau, 09/04/2018"
        close = (LUCIA, KnownChild(105, "Lucia", "Moreau", date(2018, 9, 4)))
        (line, *_) = compare(
            self.kind,
            PUPILS,
            "MOREAU;;Lucie;09/04/2018;;",
            known=Known(children=close, schools=(TILLEULS,), classes=(CP,)),
        )
        assert line.verdict.value == "ambiguous"
        both = (LUCIA, KnownChild(105, "Lucie", "Moreau", LUCIA.birth_date))
        (line, *_) = compare(
            self.kind, PUPILS, "MOREAU;;Luce;09/04/2018;;", known=Known(KNOWN.schools, KNOWN.classes, both)
        )
        assert line.words == ("Des enfants connus y ressemblent : dites si c’est l’un d’eux.",)

    def test_two_new_classes_alike_have_two_codes(self):
        classes = (CP, KnownClass(13, 1, "cm1-a", "Les grands"))
        known = Known(KNOWN.schools, classes)
        (line,) = compare(self.kind, PUPILS, "NEUF;;Zoé;01/02/2019;CM1;CM1 A!", known=Known(KNOWN.schools, (CP,)))
        assert created(line, "class")[0]["code"] == "cm1-a"
        (line,) = compare(self.kind, PUPILS, "NEUF;;Zoé;01/02/2019;CM1;CM1 A", known=known)
        # The code of a class names it too: nothing is created.
        assert created(line, "class") == []
        long = "x" * 40
        known = Known(KNOWN.schools, (KnownClass(14, 1, "x" * 36, "Autre"),))
        (line,) = compare(self.kind, PUPILS, f"NEUF;;Zoé;01/02/2019;;{long}", known=known)
        assert created(line, "class")[0]["code"] == "x" * 36 + "-2"


GUARDIANS = (
    "Civilité Responsable;Nom usage responsable;Nom responsable;Prénom responsable;Adresse responsable;CP responsable;"
    "Commune responsable;Pays;Courriel;Téléphone domicile;Téléphone travail;Numéro de poste;Téléphone portable;"
    "Nom d'usage enfant;Nom de famille enfant;Prénom enfant;Classes enfants;"
    "Nom d'usage enfant;Nom de famille enfant;Prénom enfant;Classes enfants"
)


def adult(usage, last, first, address="", *children, email="", phone=""):
    street, code, town = address.split("/") if address else ("", "", "")
    said = [";".join(("", *child)) for child in children]
    return f"MME;{usage};{last};{first};{street};{code};{town};FRANCE;{email};{phone};;;;{';'.join(said)}"


class TestGuardians:
    kind = GuardiansOfPupils()
    options = Options(on=ON)
    bac = "1 rue du Bac/77000/MELUN"

    def compare(self, *rows, known=KNOWN, options=None):
        return compare(self.kind, GUARDIANS, *rows, known=known, options=options or self.options)

    def test_a_guardian_who_is_known_changes_only_what_differs(self):
        row = adult(
            "", "MOREAU", "Jeanne", self.bac, ("MOREAU", "Lucia", "CP"), email="j2@exemple.fr", phone="0123456789"
        )
        (line,) = self.compare(row)
        assert short(line) == (
            2,
            "Jeanne Moreau",
            "changed",
            {"guardian_email": "j2@exemple.fr", "guardian_phone": "01 23 45 67 89"},
        )
        assert [one.is_ticked for one in line.differences] == [False, True]

    def test_who_says_nothing_new_changes_nothing(self):
        (line,) = self.compare(adult("", "MOREAU", "Jeanne", self.bac, ("MOREAU", "Lucia", "CP")))
        assert short(line)[2] == "unchanged"

    def test_two_adults_at_one_address_are_one_new_home_and_at_two_addresses_two(self):
        child = ("PETIT", "Noah", "CP")
        known = Known(KNOWN.schools, KNOWN.classes, (NOAH,))
        lines = self.compare(
            adult("DURAND", "PETIT", "Ana", self.bac, child),
            adult("", "PETIT", "Luc", self.bac, child),
            adult("", "ROY", "Max", "8 rue Neuve/77000/MELUN", child),
            known=known,
        )  # fmt: skip
        assert [short(one)[1:3] for one in lines] == [("Ana Durand", "new"), ("Luc Petit", "new"), ("Max Roy", "new")]
        families = [act.ref for one in lines for act in one.acts if act.table == "family"]
        assert families == ["family 2", "family 2", "family 4"]
        assert created(lines[0], "family")[0]["name"] == created(lines[1], "family")[0]["name"] == "Durand"
        assert [len(created(one, "custody")) for one in lines] == [1, 1, 1]

    def test_another_adult_at_the_address_of_a_known_home_joins_it(self):
        (line,) = self.compare(adult("", "ROY", "Max", self.bac, ("MOREAU", "Lucia", "CP")))
        assert short(line) == (2, "Max Roy", "new", {"guardian": "Max Roy"})
        assert created(line, "guardian")[0]["family"] == 201

    def test_another_adult_elsewhere_is_a_second_home(self):
        (line,) = self.compare(adult("", "ROY", "Max", "8 rue Neuve/77000/MELUN", ("MOREAU", "Lucia", "CP")))
        assert (short(line)[2], line.words) == ("new", ("Deuxième foyer de Lucia Moreau.",))

    def test_a_brother_whom_the_home_does_not_have_yet_joins_it(self):
        known = Known(KNOWN.schools, KNOWN.classes, (LUCIA, NOAH), (MOREAU,), (JEANNE,), ((101, 201),))
        children = ("MOREAU", "Lucia", "CP"), ("PETIT", "Noah", "CP")
        (line,) = self.compare(adult("", "MOREAU", "Jeanne", self.bac, *children), known=known)
        assert short(line) == (2, "Jeanne Moreau", "changed", {"custody": "Noah Petit : famille Moreau"})

    def test_two_addresses_for_one_home_the_second_is_left_aside(self):
        known = Known(
            KNOWN.schools,
            KNOWN.classes,
            (LUCIA,),
            (MOREAU,),
            (JEANNE, KnownGuardian(303, 201, "Luc", "Moreau")),
            ((101, 201),),
        )
        lines = self.compare(
            adult("", "MOREAU", "Jeanne", "2 rue A/77000/MELUN", ("MOREAU", "Lucia", "CP")),
            adult("", "MOREAU", "Luc", "3 rue B/77000/MELUN", ("MOREAU", "Lucia", "CP")),
            known=known,
        )
        assert short(lines[0])[3] == {"address": "2 rue A, 77000 Melun"}
        assert (short(lines[1])[3], lines[1].words) == (
            {}, ("Une autre adresse que celle de la ligne 2, pour le même foyer : elle est laissée de côté.",),
        )  # fmt: skip

    def test_children_of_one_name_are_told_by_their_class_or_asked_about(self):
        lines = self.compare(
            adult("", "PETIT", "Ana", self.bac, ("PETIT", "Noah", "CP")),
            options=Options(on=ON),
            known=Known(KNOWN.schools, KNOWN.classes, (NOAH, KnownChild(104, "Noah", "Petit", date(2016, 6, 6), 12))),
        )
        assert created(lines[0], "custody")[0]["child"] == 103
        row = adult("", "PETIT", "Ana", self.bac, ("PETIT", "Noah", ""))
        (line,) = self.compare(row)
        assert (line.verdict.value, [one.key for one in line.candidates]) == ("ambiguous", [103, 104])
        (line,) = self.compare(row, options=Options(on=ON, decided={2: "104"}))
        assert created(line, "custody")[0]["child"] == 104

    def test_children_whom_nobody_knows_come_first(self):
        (line,) = self.compare(adult("", "NEUF", "Ana", "", ("NEUF", "Zoé", "CP")))
        assert line.words == (
            "Aucun de ses enfants n’est connu : importez d’abord les élèves.",
            "Enfant inconnu : Zoé Neuf.",
        )

    def test_a_person_said_twice_and_a_row_without_a_name_are_refused(self):
        row = adult("", "NEUF", "Ana", "", ("MOREAU", "Lucia", "CP"))
        lines = self.compare(row, row, adult("", "", "", ""))
        assert [one.words for one in lines[1:]] == [
            ("Cette personne est déjà à la ligne 2.",), ("Nom : il manque.", "Prénom : il manque."),
        ]  # fmt: skip
        assert lines[2].label == "Sans nom"

    def test_homes_that_share_a_child_at_one_address_are_one_however_they_come(self):
        children = (LUCIA, KnownChild(105, "Zoé", "Roy", date(2019, 1, 1)))
        known = Known(KNOWN.schools, KNOWN.classes, children)
        first, second = ("MOREAU", "Lucia", "CP"), ("ROY", "Zoé", "")
        lines = self.compare(
            adult("", "A", "Un", self.bac, first), adult("", "B", "Deux", self.bac, second),
            adult("", "C", "Trois", self.bac, first, second), known=known,
        )  # fmt: skip
        assert {act.ref for one in lines for act in one.acts if act.table == "family"} == {"family 2"}

    def test_two_known_homes_of_the_same_adult_and_child_are_not_chosen_between(self):
        (line,) = self.compare(adult("", "MOREAU", "Jeanne", "", ("MOREAU", "Paul", "")), known=TWICE)
        assert line.verdict.value == "refused"
        (line,) = self.compare(adult("", "MOREAU", "Jeanne", self.bac, ("MOREAU", "Paul", "")), known=TWICE)
        assert line.verdict.value == "unchanged"


ALL = (
    "Nom de l'enfant;Prénom de l'enfant;Date de naissance;École;Classe;Numéro de dossier;Adresse;"
    "Nom du responsable 1;Prénom du responsable 1;E-mail du responsable 1;Téléphone du responsable 1;"
    "Nom du responsable 2;Prénom du responsable 2"
)


class TestChildrenAndGuardians:
    kind = ChildrenAndGuardians()
    options = Options(on=ON)

    def compare(self, *rows, known=KNOWN):
        return compare(self.kind, ALL, *rows, known=known, options=self.options)

    def test_brothers_of_one_new_home_are_told_by_their_guardian_or_its_code(self):
        lines = self.compare(
            "NEUF;Zoé;01/02/2019;École des Tilleuls;CP;;1 rue A;NEUF;Ana;ana@exemple.fr;;ROY;Max",
            "NEUF;Tom;01/02/2016;ecole des tilleuls;CP;;1 rue A;NEUF;Ana;;;;",
            "ROY;Lou;01/02/2016;;;D-9;;ROY;Max;;;;",
            "ROY;Eva;01/02/2015;;;d-9;;;;;;;",
            "SEUL;Gil;01/02/2015;;;;;;;;;;",
            "PERE;Ian;01/02/2015;;;;;PERE;Al;al@exemple.fr;;;",
        )
        refs = [[act.ref for act in one.acts if act.table == "family"] for one in lines[:6]]
        assert refs[0] == refs[1] != refs[2] == refs[3]
        assert [len(one) for one in refs] == [1, 1, 1, 1, 0, 1]
        assert [one["first_name"] for one in created(lines[0], "guardian")] == ["Ana", "Max"]
        assert "Aucun responsable : l’enfant est créé sans famille." in lines[4].words
        assert created(lines[3], "family")[0]["name"] == "d-9"

    def test_a_child_who_is_known_keeps_its_home_and_says_what_differs(self):
        (line, *_) = self.compare(
            "Moreau;Lucia;09/04/2018;École des Tilleuls;CE1 CE2;;2 rue B;Moreau;Jeanne;;0123456789;;"
        )
        assert short(line)[3] == {
            "school_class": "CE1 - CE2, École des Tilleuls", "guardian_phone": "01 23 45 67 89", "address": "2 rue B",
        }  # fmt: skip

    def test_a_child_of_two_homes_is_at_the_one_whose_guardian_is_said(self):
        (line, *_) = self.compare("Moreau;Paul;02/01/2017;;;;;Moreau;Marc;marc@exemple.fr;;;")
        assert short(line)[1:] == ("Paul Moreau", "changed", {"guardian_email": "marc@exemple.fr"})

    def test_a_new_child_of_a_guardian_who_is_known_joins_her_home(self):
        for said in ("JEANNE@exemple.fr;;;", ";;;"):
            (line, *_) = self.compare(f"Moreau;Zoé;01/02/2020;;;;1 rue du Bac, 77000 Melun;Moreau;Jeanne;{said}")
            assert short(line)[2:] == ("new", {"custody": "Zoé Moreau : famille Moreau"})
        (line, *_) = self.compare("Moreau;Zoé;01/02/2020;;;;;Moreau;Marc;;06 12 34 56 78;;")
        assert created(line, "custody")[0]["family"] == 202
        (line, *_) = self.compare("Moreau;Zoé;01/02/2020;;;;;Moreau;Marc;;;;")
        assert len(created(line, "family")) == 1

    def test_the_code_of_a_family_says_which(self):
        (line, *_) = self.compare("Neuf;Zoé;01/02/2020;;;d-1;;;;;;;")
        assert created(line, "custody")[0]["family"] == 201

    def test_two_homes_alike_a_school_unknown_or_unsaid_and_half_a_name_are_refused(self):
        (line, *_) = self.compare("Moreau;Paul;02/01/2017;;;;;Moreau;Jeanne;;;;", known=TWICE)
        assert (line.verdict.value, line.differences) == ("refused", ())
        lines = self.compare(
            "Neuf;Zoé;01/02/2020;Ailleurs;;;;;;;;;",
            "Neuf;Tom;01/02/2020;;CP;;;;;;;;",
            "Neuf;Lou;01/02/2020;;;;;Roy;;;;;",
        )
        assert [one.words for one in lines[:3]] == [
            ("École inconnue : « Ailleurs ». Créez-la, ou écrivez son nom comme ici.",),
            ("La classe est dite, mais pas l’école.",),
            ("Prénom du responsable : il manque.",),
        ]

    def test_the_only_school_needs_not_be_said(self):
        known = Known((TILLEULS,), (CP,), (LUCIA,))
        lines = self.compare("Neuf;Zoé;01/02/2020;;CP;;;;;;;;", "Moreau;Paul;09/04/2018;;;;;;;;;;", known=known)
        assert created(lines[0], "child")[0]["school_class"] == 11
        # A child who may be known has not left, and nothing is said of its home.
        assert [one.verdict.value for one in lines] == ["new", "ambiguous"]

    def test_nothing_said_of_the_home_of_a_known_child_changes_nothing(self):
        (line, *_) = self.compare("Moreau;Lucia;09/04/2018;;;;;;;;;;")
        assert line.verdict.value == "unchanged"

    def test_another_home_of_a_known_child_is_a_second_one(self):
        (line, *_) = self.compare("Moreau;Lucia;09/04/2018;;;;9 rue C;Roy;Max;;;;")
        assert (line.verdict.value, line.words) == ("changed", ("Deuxième foyer de Lucia Moreau.",))


class TestWhoIsKeptOut:
    """Jeanne may not see the file of Lucia and Paul any more (201); she has another one (203), of Noah."""

    own = KnownFamily(203, "D-3", "Morel", "4 rue Neuve, 77000 Melun")
    known = Known(
        schools=KNOWN.schools,
        classes=KNOWN.classes,
        children=KNOWN.children,
        families=(MOREAU, FATHER, own),
        guardians=(JEANNE, MARC, KnownGuardian(305, 203, "Jeanne", "Moreau", "j2@exemple.fr")),
        homes=((101, 201), (102, 201), (102, 202), (103, 203)),
        kept_out=(
            KeptOutOf(
                guardian=301, family=201, first_name="Jeanne", last_name="Moreau",
                emails=frozenset({"jeanne@exemple.fr"}), children=frozenset({101, 102}), acts_in=frozenset({203}),
            ),
        ),
    )  # fmt: skip

    def of_pupils(self, *rows):
        return compare(GuardiansOfPupils(), GUARDIANS, *rows, known=self.known, options=Options(on=ON))

    def of_households(self, *rows):
        lines = compare(ChildrenAndGuardians(), ALL, *rows, known=self.known, options=Options(on=ON))
        return lines[: len(rows)]

    @pytest.mark.parametrize(
        ("row", "who"),
        [
            pytest.param(
                adult("", "MOREAU-ROY", "Jeanne", "8 rue Neuve/77000/MELUN", ("MOREAU", "Lucia", "")),
                "Personne concernée : Jeanne Moreau-Roy, pour Lucia Moreau.",
                id="by another name, in a home of its own",
            ),
            pytest.param(
                adult("", "ROY", "J.", "8 rue Neuve/77000/MELUN", ("MOREAU", "Lucia", ""), email="JEANNE@exemple.fr"),
                "Personne concernée : J. Roy, pour Lucia Moreau.",
                id="by her address",
            ),
            pytest.param(
                adult("ROY", "MOREAU", "Jeanne Anne", "9 quai Hippolyte/77000/MELUN", ("MOREAU", "Paul", "")),
                "Personne concernée : Jeanne Anne Roy, pour Paul Moreau.",
                id="in the other home of the child, by her name of birth",
            ),
            pytest.param(
                adult("", "MOREAU", "Jeanne Anne", "1 rue du Bac/77000/MELUN", ("MOREAU", "Lucia", "")),
                "Personne concernée : Jeanne Anne Moreau, pour Lucia Moreau.",
                id="back into the file, as somebody else",
            ),
        ],
    )
    def test_a_row_about_her_is_refused_and_named(self, row, who):
        (line,) = self.of_pupils(row)
        assert (line.verdict.value, line.words) == ("refused", (KEPT_OUT, who))
        assert (line.acts, line.differences) == ((), ())

    @pytest.mark.parametrize(
        ("row", "who"),
        [
            pytest.param(
                "Moreau;Lucia;09/04/2018;;;D-9;;Petit;Ana;;;Moreau;Jeanne",
                "Personne concernée : Jeanne Moreau, pour Lucia Moreau.",
                id="a new file",
            ),
            pytest.param(
                "Moreau;Lucia;09/04/2018;;;D-3;;;;;;;",
                "Personne concernée : Jeanne Moreau, pour Lucia Moreau.",
                id="her own file",
            ),
            pytest.param(
                "Neuf;Zoé;01/02/2020;;;D-2;;Moreau;Jeanne;;;;",
                "Personne concernée : Jeanne Moreau.",
                id="another file where a brother lives",
            ),
        ],
    )
    def test_so_is_a_child_who_would_live_where_she_is(self, row, who):
        (line,) = self.of_households(row)
        assert (line.verdict.value, line.words) == ("refused", (KEPT_OUT, who))

    def test_not_even_by_two_lines_of_which_each_says_half(self):
        lines = self.of_households(
            "Neuf;Zoé;01/02/2020;;;D-9;;Moreau;Jeanne;;;;", "Moreau;Lucia;09/04/2018;;;D-9;;;;;;;"
        )
        assert [one.verdict.value for one in lines] == ["new", "refused"]
        lines = self.of_households(
            "Moreau;Lucia;09/04/2018;;;D-9;;Petit;Ana;;;;", "Neuf;Zoé;01/02/2020;;;D-9;;Moreau;Jeanne;;;;"
        )
        assert [one.verdict.value for one in lines] == ["changed", "refused"]

    def test_what_was_there_before_stays_and_her_address_is_not_the_home_s(self):
        (line,) = self.of_pupils(adult("", "MOREAU", "Jeanne", "8 rue B/77000/MELUN", ("MOREAU", "Lucia", "")))
        assert (short(line)[2:], line.words) == (("unchanged", {}), (ADDRESS_LEFT,))
        (line,) = self.of_pupils(adult("", "MOREAU", "Jeanne", "1 rue du Bac/77000/MELUN", ("MOREAU", "Lucia", "")))
        assert line.words == ()
        lines = self.of_households(
            "Moreau;Lucia;09/04/2018;;;;2 rue B;Moreau;Jeanne;;;Roy;Max",
            "Petit;Noah;09/04/2018;;;D-3;;Moreau;Jeanne;;;;",
            "Moreau;Paul;02/01/2017;;;D-2;;Moreau;Marc;;;;",
        )
        assert [short(one)[2:] for one in lines] == [
            ("changed", {"guardian": "Max Roy", "address": "2 rue B"}), ("unchanged", {}), ("unchanged", {}),
        ]  # fmt: skip


TEACHERS = (
    "Civilité;Nom usage;Nom;Prénom;Adresse;CP;Commune;Pays;Courriel;Téléphone domicile;Téléphone portable;"
    "Directeur;Classe"
)


class TestTeachers:
    kind = TeachersOfASchool()

    def row(self, civility, usage, last, school_class):
        return f"{civility};{usage};{last};Ève;;;;;;;;N;{school_class}"

    def test_the_first_row_of_a_class_names_all_its_teachers(self):
        lines = compare(self.kind, TEACHERS, self.row("MME", "PETIT", "ROY", "CP"), self.row("M.", "", "BLANC", "cp"),
                        self.row("MME", "", "DURAND", "CE1 - CE2"), self.row("M.", "", "NEUF", "CM1"),
                        self.row("M.", "", "NOIR", ""), self.row("M.", "", "", "CP"))  # fmt: skip
        assert [short(one) for one in lines] == [
            (2, "CP, Mme Petit et M. Blanc", "changed", {"teacher": "Mme Petit et M. Blanc"}),
            (3, "cp, M. Blanc", "unchanged", {}),
            (4, "CE1 - CE2, Mme Durand", "unchanged", {}),
            (5, "CM1, M. Neuf", "new", {}),
            (6, "M. Noir", "unchanged", {}),
            (7, "CP, M.", "refused", {}),
        ]
        assert created(lines[3], "class")[0]["teacher"] == "M. Neuf"
        assert lines[0].differences[0].is_ticked

    def test_too_many_names_are_the_first_one(self):
        rows = [self.row("MME", "", "X" * 50, "CP"), self.row("MME", "", "Y" * 50, "CP")]
        assert compare(self.kind, TEACHERS, *rows)[0].differences[0].after == f"Mme X{'x' * 49}"


class TestClassChange:
    kind = ClassChange()

    def test_each_class_goes_to_the_next_and_the_last_leaves(self):
        others = (
            KnownClass(14, 1, "cm2", "CM2"),
            KnownClass(15, 1, "x", "Les grands"),
            KnownClass(16, 1, "cm1", "Les moyens", "CM1"),
        )
        assert proposed((CP, CE1, *others)) == {11: STAYS, 12: "16", 14: LEAVES, 15: STAYS, 16: "14"}
        assert proposed((KnownClass(1, 1, "x", "Les grands"),)) == {1: STAYS}

    def entries(self):
        return moved({12: LEAVES, 11: "12", 21: STAYS}, KNOWN)

    def test_the_children_of_each_class_move_with_it_those_of_the_others_stay(self):
        assert [(one.number, one.says["name"], one.says["to"]) for one in self.entries()] == [
            (1, "Paul Moreau", "0"), (2, "Lucia Moreau", "12"), (3, "Noah Petit", "12"),
        ]  # fmt: skip

    def test_a_child_may_do_otherwise_stay_or_have_gone(self):
        lines = self.kind.lines(self.entries(), KNOWN, Options(ON, decided={1: "12", 3: "21"}))
        assert [short(one) for one in lines] == [
            (1, "Paul Moreau", "unchanged", {}),
            (2, "Lucia Moreau", "changed", {"school_class": "CE1 - CE2, École des Tilleuls"}),
            (3, "Noah Petit", "changed", {"school_class": "CP, École des Lilas"}),
        ]
        assert all(one.is_ticked for line in lines for one in line.differences)
        (line, *_) = self.kind.lines(self.entries(), KNOWN, Options(ON))
        assert line.differences[0].after == "Quitte l’école"
        assert [one.key for one in line.candidates] == [11, 12]
        gone = self.kind.lines(self.entries(), Known(KNOWN.schools, KNOWN.classes), Options(ON))
        assert {one.verdict.value for one in gone} == {"refused"}
        (line, *_) = self.kind.lines([Entry(1, {"child": "101", "name": "Lucia", "to": "99"})], KNOWN, Options(ON))
        assert line.verdict.value == "refused"
        assert self.kind.entries((), {}, on=ON) == ()

    def test_who_left_meanwhile_may_come_back(self):
        known = Known(KNOWN.schools, KNOWN.classes, (KnownChild(101, "Lucia", "Moreau", LUCIA.birth_date),))
        (line,) = self.kind.lines([Entry(1, {"child": "101", "name": "Lucia", "to": "11"})], known, Options(ON))
        assert (line.differences[0].before, [one.key for one in line.candidates]) == ("", [11, 12])
