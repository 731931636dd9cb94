"""What a former software's tables come to beside what is known: facts in, lines out."""

from datetime import date

import pytest

from marelle.domain.onboarding.rules.imports.columns import recognized
from marelle.domain.onboarding.rules.imports.kinds import Amount, Options, TakeBalance, TakeDay, TakeInvoice
from marelle.domain.onboarding.rules.imports.known import Known, KnownChild, KnownFamily, KnownGuardian
from marelle.domain.onboarding.rules.imports.takeover import balances, days, invoices, mandates, whose
from marelle.domain.onboarding.rules.imports.takeover.accounts import (
    Accounts,
    KnownInvoice,
    KnownMandate,
    KnownOpening,
)
from marelle.domain.onboarding.rules.imports.takeover.days import DaysToCome, KnownDays, KnownProduct, Triple, asked
from marelle.domain.onboarding.rules.imports.takeover.money import read_cents
from marelle.domain.onboarding.rules.imports.takeover.whose import KnownRegie
from marelle.foundation.table_files import Row

ON = date(2026, 11, 23)
OPTIONS = Options(on=ON)
MOREAU = KnownFamily(201, "D-1", "Moreau", "1 rue du Bac", "foyer@exemple.fr")
FATHER = KnownFamily(202, "D-2", "Moreau", "")
PETIT = KnownFamily(203, "D-3", "Petit", "3 rue Haute")
LUCIA = KnownChild(101, "Lucia", "Moreau", date(2018, 4, 9))
PAUL = KnownChild(102, "Paul", "Moreau", date(2017, 1, 2))
NOAH, NOAH_TOO = (KnownChild(key, "Noah", "Petit", date(2016, 6, 6)) for key in (103, 104))
ORPHAN = KnownChild(105, "Zoé", "Roy", date(2016, 6, 6))
FAMILIES = Known(
    children=(LUCIA, PAUL, NOAH, NOAH_TOO, ORPHAN),
    families=(MOREAU, FATHER, PETIT),
    guardians=(
        KnownGuardian(301, 201, "Jeanne", "Moreau", "jeanne@exemple.fr"),
        KnownGuardian(302, 202, "Marc", "Moreau", "marc@exemple.fr"),
        KnownGuardian(303, 203, "Ève", "Petit"),
    ),
    homes=((101, 201), (102, 201), (102, 202), (103, 203), (104, 203)),
)
CANTEEN = KnownRegie(1, "cantine", "Régie cantine", ics="FR72ZZZ123456")
SPORT = KnownRegie(2, "sport", "Régie des sports")
ONE = Accounts(FAMILIES, (CANTEEN,))
TWO = Accounts(FAMILIES, (CANTEEN, SPORT))
IBAN, OTHER_IBAN = "FR7630006000011234567890189", "DE89370400440532013000"


def compare(kind, titles, *rows, known=ONE, options=OPTIONS):
    where = recognized(titles.split(";"), kind.columns)
    table = [Row(number, tuple(row.split(";"))) for number, row in enumerate(rows, 2)]
    return kind.lines(kind.entries(table, where, on=options.on), known, options)


def only(*args, **more):
    (line,) = compare(*args, **more)
    return line


def said(line):
    return line.verdict.value, " ".join(line.words)


class TestAmounts:
    @pytest.mark.parametrize(
        ("text", "cents"),
        [("12", 1200), ("12,3", 1230), ("1 234.56 €", 123456), ("1\u202f234,56", 123456), ("0", 0)],
    )
    def test_are_read_as_other_software_writes_them(self, text, cents):
        assert read_cents(text) == cents

    @pytest.mark.parametrize("text", ["-12", "12,345", "douze", "", "1,2,3", "٣", "12e3"])
    def test_that_are_none_are_none(self, text):
        assert read_cents(text) is None


class TestWhose:
    TITLES = "Dossier;E-mail;Prénom du responsable;Nom du responsable;Prénom enfant;Nom enfant;Né le;Reste à payer"

    @pytest.mark.parametrize(
        ("row", "family"),
        [
            ("d-1;;;;;;;5", 201),
            (";JEANNE@exemple.fr;;;;;;5", 201),
            (";marc@exemple.fr;Marc;MOREAU;;;;5", 202),
            (";foyer@exemple.fr;N;Importe;;;;5", 201),
            (";;;;Lucia;MOREAU;09/04/2018;5", 201),
            ("D-2;;;;Paul;Moreau;02/01/2017;5", 202),
        ],
        ids=["number", "e-mail", "name and e-mail", "e-mail of the home", "child", "which home of a child"],
    )
    def test_all_that_a_row_says_names_one_family(self, row, family):
        line = only(balances.BalancesOfFamilies(), self.TITLES, row)
        assert (line.verdict.value, line.acts[0].family) == ("new", family)

    @pytest.mark.parametrize(
        ("row", "words"),
        [
            ("D-9;;;;;;;5", whose.NO_CODE),
            (";marc@exemple.fr;Luc;Durand;;;;5", whose.NO_GUARDIAN),
            (";x@exemple.fr;;;;;;5", whose.NO_GUARDIAN),
            (";;;;Lucia;Moreau;10/04/2018;5", whose.NO_CHILD),
            (";;;;Zoé;Roy;06/06/2016;5", whose.NO_HOME),
            (";;Jeanne;Moreau;;;;5", whose.NOBODY_SAID),
            ("D-3;;;;Lucia;Moreau;09/04/2018;5", whose.NOT_TOGETHER),
            (";;;;Lucia;;;5", "Nom de l’enfant : il manque. Date de naissance : il manque."),
            (";pas une adresse;;;;;;5", whose.NOBODY_SAID),
        ],
        ids=["number", "name", "e-mail", "child", "home", "name alone", "two families", "half a child", "no e-mail"],
    )
    def test_nobody_is_guessed(self, row, words):
        line = only(balances.BalancesOfFamilies(), self.TITLES, row)
        assert line.verdict.value == "refused"
        assert words in " ".join(line.words)

    def test_of_two_homes_an_agent_says_which(self):
        row = ";;;;Paul;Moreau;02/01/2017;5"
        line = only(balances.BalancesOfFamilies(), self.TITLES, row)
        assert said(line) == ("ambiguous", whose.WHICH_FAMILY)
        assert [one.key for one in line.candidates] == [201, 202]
        assert "dossier D-1, 1 rue du Bac" in line.candidates[0].words
        for answer, verdict in (("202", "new"), ("203", "ambiguous"), ("new", "ambiguous")):
            options = Options(on=ON, decided={2: answer})
            line = only(balances.BalancesOfFamilies(), self.TITLES, row, options=options)
            assert line.verdict.value == verdict

    @pytest.mark.parametrize(
        ("regie", "found"),
        [("", whose.WHICH_REGIE), ("Régie Cantine", 1), ("SPORT", 2), ("eau", whose.NO_REGIE)],
    )
    def test_the_regie_is_named_unless_there_is_one(self, regie, found):
        line = only(balances.BalancesOfFamilies(), "Dossier;Régie;Reste à payer", f"D-1;{regie};5", known=TWO)
        assert (line.acts[0].regie if line.acts else " ".join(line.words)) == found


class TestBalances:
    TITLES = "Dossier;Reste à payer;Avance;Dont factures;Solde au"
    KIND = balances.BalancesOfFamilies()

    def test_what_is_due_and_what_is_in_advance_come_apart_and_the_invoices_are_not_in_it(self):
        first, second = compare(self.KIND, self.TITLES, "D-1;30,00;5;12,50;31/08/2026", "D-2;;8,4;;")
        assert first.acts == (TakeBalance(201, 1, 1750, 500, date(2026, 8, 31)),)
        assert first.amount == Amount("Régie cantine", 1250)
        assert "17,50\u00a0€ dus, 5,00\u00a0€ d’avance, au 31/08/2026" in first.words[0]
        assert second.acts == (TakeBalance(202, 1, 0, 840, ON),)

    @pytest.mark.parametrize(
        ("row", "words"),
        [
            ("D-1;-5;;;", "un montant s’écrit sans signe"),
            ("D-1;=A1;;;", "un montant s’écrit sans signe"),
            ("D-1;cinq;;;", "« cinq » n’est pas un montant"),
            ("D-1;100000,01;;;", "100 000 € au plus"),
            ("D-1;;;;", balances.NOTHING_SAID),
            ("D-1;5;;5,01;", balances.TOO_MUCH_INCLUDED),
            ("D-1;5;;;31/02/2026", "n’est pas un jour"),
            ("D-1;5;;;24/11/2026", "le 24/11/2026 n’est pas possible ici"),
            ("=D;5;;;", "est une formule"),
        ],
    )
    def test_hostile_cells_are_refused_in_words(self, row, words):
        line = only(self.KIND, self.TITLES, row)
        assert line.verdict.value == "refused"
        assert words in " ".join(line.words)
        assert line.amount is None

    def test_nothing_due_is_nothing_to_do(self):
        line = only(self.KIND, self.TITLES, "D-1;0;0;;")
        assert said(line) == ("unchanged", balances.NOTHING_LEFT)

    def test_a_family_comes_once_a_regie(self):
        _first, second = compare(self.KIND, self.TITLES, "D-1;5;;;", "d-1;6;;;")
        assert said(second) == ("refused", "Cette famille est déjà à la ligne 2, pour la même régie.")

    @pytest.mark.parametrize(
        ("row", "verdict"),
        [
            ("D-1;30;5;;31/08/2026", "unchanged"),
            ("D-1;30;5;;", "unchanged"),
            ("D-1;31;5;;31/08/2026", "refused"),
            ("D-1;30;5;;30/08/2026", "refused"),
        ],
    )
    def test_the_same_again_changes_nothing_and_another_is_never_written_over_it(self, row, verdict):
        known = Accounts(FAMILIES, (CANTEEN,), openings={(201, 1): KnownOpening(3000, 500, date(2026, 8, 31))})
        line = only(self.KIND, self.TITLES, row, known=known)
        assert (line.verdict.value, line.acts) == (verdict, ())
        assert ("Un autre solde est déjà repris : 30,00" in line.words[0]) is (verdict == "refused")

    def test_an_agent_is_told_of_the_invoices_that_came_by_themselves(self):
        known = Accounts(FAMILIES, (CANTEEN,), invoices={(1, "F1"): KnownInvoice("F1", 201, 1200, ON, ON)})
        assert "le solde ne doit pas les comprendre" in only(self.KIND, self.TITLES, "D-1;5;;;", known=known).words[-1]
        assert len(only(self.KIND, self.TITLES, "D-1;;5;;", known=known).words) == 1


class TestInvoices:
    TITLES = "Numéro de facture;Objet;Date;Échéance;Montant;Reste à payer;Dossier"
    KIND = invoices.UnpaidInvoices()

    def test_what_is_left_of_an_invoice_is_what_comes(self):
        part, whole = compare(
            self.KIND, self.TITLES,
            "2026-12;Juin;30/06/2026;31/07/2026;40;15;D-1", "2026-13;;30/06/2026;;15;15;D-1",
        )  # fmt: skip
        assert part.acts == (
            TakeInvoice(
                201, 1, "2026-12", "Juin (reste dû sur 40,00\u00a0€)", 1500, date(2026, 6, 30), date(2026, 7, 31)
            ),
        )
        assert (whole.acts[0].label, whole.acts[0].due_on) == ("Facture 2026-13", date(2026, 6, 30))
        assert part.amount == Amount("Régie cantine", 1500)

    @pytest.mark.parametrize(
        ("row", "words"),
        [
            (";Juin;30/06/2026;;40;15;D-1", "Numéro de facture : il manque."),
            ("…;Juin;30/06/2026;;40;15;D-1", invoices.NO_SIGN),
            ("1;Juin;;;40;15;D-1", "Date : il manque."),
            ("1;Juin;30/06/2027;;40;15;D-1", "Date : le 30/06/2027 n’est pas possible ici."),
            ("1;Juin;30/06/2026;29/06/2026;40;15;D-1", invoices.WRONG_TERM),
            ("1;Juin;30/06/2024;01/10/2026;40;15;D-1", invoices.WRONG_TERM),
            ("1;Juin;30/06/2026;;10;15;D-1", invoices.MORE_THAN_TOTAL),
            ("1;Juin;30/06/2026;;40;;D-1", "Reste à payer : il manque."),
            ("1;Juin;30/06/2026;;40;15;", whose.NOBODY_SAID),
        ],
    )
    def test_hostile_cells_are_refused_in_words(self, row, words):
        line = only(self.KIND, self.TITLES, row)
        assert line.verdict.value == "refused"
        assert words in line.words

    def test_one_of_a_number_and_none_that_is_paid(self):
        lines = compare(self.KIND, self.TITLES, "f1;;30/06/2026;;;5;D-1", "F1;;30/06/2026;;;5;D-2",
                        "F2;;30/06/2026;;5;0;D-1")  # fmt: skip
        assert [said(one) for one in lines[1:]] == [
            ("refused", "Cette facture est déjà à la ligne 2."), ("unchanged", invoices.NOTHING_LEFT),
        ]  # fmt: skip

    @pytest.mark.parametrize(("family", "cents", "verdict"), [(201, 500, "unchanged"), (201, 600, "refused"),
                                                              (None, 500, "refused")])  # fmt: skip
    def test_one_that_is_here_is_the_same_or_is_refused(self, family, cents, verdict):
        day = date(2026, 6, 30)
        known = Accounts(FAMILIES, (CANTEEN,), invoices={(1, "F1"): KnownInvoice("F1", family, cents, day, day)})
        line = only(self.KIND, self.TITLES, "F1;;30/06/2026;;;5;D-1", known=known)
        assert (line.verdict.value, line.acts) == (verdict, ())


MEAL, STUDY, OTHER_MEAL = KnownProduct(1, "repas", "Repas"), KnownProduct(2, "etude", "Étude", True), KnownProduct(
    3, "repas-lilas", "Repas"
)  # fmt: skip
THURSDAY = date(2026, 11, 26)


def known_days(**more):
    return KnownDays(FAMILIES, (MEAL, STUDY), **more)


class TestDays:
    TITLES = "Prénom enfant;Nom enfant;Né le;Dossier;Prestation;Jour"
    LUCIA = "Lucia;Moreau;09/04/2018;"
    KIND = DaysToCome()

    def test_a_day_is_reserved_for_the_home_that_the_row_names(self):
        rows = (f"{self.LUCIA};repas;26/11/2026", "Paul;Moreau;02/01/2017;D-2;ÉTUDE;26/11/2026")
        lunch, study = compare(self.KIND, self.TITLES, *rows, known=known_days())
        assert lunch.acts == (TakeDay(101, 201, 1, THURSDAY),)
        assert (study.acts, study.words) == ((TakeDay(102, 202, 2, THURSDAY),), (days.PAID_THERE,))
        assert lunch.label == "Lucia Moreau, repas, 26/11/2026"

    @pytest.mark.parametrize(
        ("row", "words"),
        [
            (f"{LUCIA};sieste;26/11/2026", days.NO_PRODUCT),
            (f"{LUCIA};;26/11/2026", "Prestation : il manque."),
            (f"{LUCIA};repas;22/11/2026", "Jour : le 22/11/2026 n’est pas possible ici."),
            (f"{LUCIA};repas;26/11/2030", "Jour : le 26/11/2030 n’est pas possible ici."),
            (";;;D-1;repas;26/11/2026", "Enfant : il manque."),
            ("Noah;Petit;06/06/2016;;repas;26/11/2026", whose.TWO_CHILDREN),
            ("Paul;Moreau;02/01/2017;;repas;26/11/2026", whose.WHICH_FAMILY),
        ],
        ids=["product", "no product", "past", "far", "no child", "two children", "two homes"],
    )
    def test_what_is_not_clear_is_not_taken(self, row, words):
        line = only(self.KIND, self.TITLES, row, known=known_days())
        assert words in line.words
        assert line.acts == ()

    def test_places_are_counted_down_as_the_rows_take_them(self):
        lucia, paul = Triple(101, 1, THURSDAY), Triple(102, 1, THURSDAY)
        known = known_days(slots={lucia: (9,), paul: (9, 8)}, left={9: 1})
        rows = (f"{self.LUCIA};repas;26/11/2026", "Paul;Moreau;02/01/2017;D-1;repas;26/11/2026")
        assert [said(one) for one in compare(self.KIND, self.TITLES, *rows, known=known)] == [
            ("new", ""), ("refused", days.FULL),
        ]  # fmt: skip

    def test_a_day_that_is_here_is_unchanged_for_its_home_and_refused_to_the_other(self):
        paul = Triple(102, 1, THURSDAY)
        rows = ("Paul;Moreau;02/01/2017;D-1;repas;26/11/2026",)
        assert said(only(self.KIND, self.TITLES, *rows, known=known_days(booked={paul: 201}))) == ("unchanged", "")
        assert said(only(self.KIND, self.TITLES, *rows, known=known_days(booked={paul: 202}))) == (
            "refused", days.OTHER_HOME,
        )  # fmt: skip

    def test_what_stands_against_a_day_is_said_and_the_same_day_twice_is_too(self):
        rows = [f"{self.LUCIA};repas;26/11/2026"] * 2
        closed = known_days(against={Triple(101, 1, THURSDAY): "Fermé. Grève."})
        assert said(compare(self.KIND, self.TITLES, *rows, known=closed)[0]) == ("refused", "Fermé. Grève.")
        assert said(compare(self.KIND, self.TITLES, *rows, known=known_days())[1]) == (
            "refused", "Ce jour est déjà à la ligne 2.",
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("enrolled", "found"), [((), 1), ((3,), 3), ((1, 3), days.WHICH_PRODUCT)], ids=["none", "one", "two"]
    )
    def test_of_two_products_of_one_name_it_is_the_one_of_the_child(self, enrolled, found):
        known = KnownDays(
            FAMILIES, (MEAL._replace(code="r"), OTHER_MEAL),
            enrolled=frozenset(Triple(101, one, THURSDAY) for one in enrolled),
        )  # fmt: skip
        line = only(self.KIND, self.TITLES, f"{self.LUCIA};Repas;26/11/2026", known=known)
        assert (line.acts[0].product if line.acts else line.words[0]) == found

    def test_only_the_days_that_may_be_taken_are_asked_of_the_base(self):
        where = recognized(self.TITLES.split(";"), self.KIND.columns)
        rows = (f"{self.LUCIA};Repas;26/11/2026", f"{self.LUCIA};Repas;x", "Noah;Petit;06/06/2016;;Repas;26/11/2026",
                "Paul;Moreau;02/01/2017;;Repas;26/11/2026")  # fmt: skip
        entries = self.KIND.entries([Row(n, tuple(row.split(";"))) for n, row in enumerate(rows, 2)], where, on=ON)
        products = (MEAL._replace(code="r"), OTHER_MEAL)
        assert asked(entries, FAMILIES, products, OPTIONS) == [
            (201, Triple(101, 1, THURSDAY)), (201, Triple(101, 3, THURSDAY)),
        ]  # fmt: skip


class TestMandates:
    TITLES = "RUM;IBAN;BIC;Titulaire;Adresse;Signé le;Dernier prélèvement;Séquence;ICS;Dossier;Régie"
    KIND = mandates.MandatesOfFamilies()
    GOOD = f"RUM-1;{IBAN};;Jeanne Moreau;2 rue Haute;01/09/2024;05/10/2026;RCUR;;D-1;cantine"

    def test_a_mandate_keeps_its_reference_and_its_day(self):
        line = only(self.KIND, self.TITLES, self.GOOD, known=TWO)
        (act,) = line.acts
        assert (act.rum, act.signed_on, act.last_used_on) == ("RUM-1", date(2024, 9, 1), date(2026, 10, 5))
        assert (act.holder, act.address, act.iban, act.place) == (
            "Jeanne Moreau", "2 rue Haute", IBAN, mandates.UNKNOWN_PLACE,
        )  # fmt: skip
        assert IBAN not in f"{line.words} {act}"

    def test_what_is_not_said_is_that_of_the_family(self):
        (act,) = only(self.KIND, self.TITLES, f"RUM-1;{IBAN};;;;01/09/2026;;;FR72 ZZZ 123456;D-1;cantine").acts
        assert (act.holder, act.address, act.last_used_on) == ("Moreau", "1 rue du Bac", None)

    @pytest.mark.parametrize(
        ("row", "words"),
        [
            (f"RUM 1;{IBAN};;J;A;01/09/2024;;;;D-1;cantine", mandates.NOT_A_RUM),
            (f";{IBAN};;J;A;01/09/2024;;;;D-1;cantine", "RUM : il manque."),
            (f"R;{IBAN[:-1]}0;;J;A;01/09/2026;;;;D-1;cantine", "Un chiffre de cet IBAN est faux"),
            (f"R;{IBAN};X;J;A;01/09/2026;;;;D-1;cantine", "Ceci n’est pas un BIC."),
            (f"R;{IBAN};;J;A;01/09/2026;;;FR00;D-1;cantine", "Cet identifiant créancier est faux."),
            (f"R;{IBAN};;J;A;01/09/2026;;XXXX;;D-1;cantine", mandates.NOT_A_SEQUENCE),
            (f"R;{IBAN};;J;A;01/09/2026;31/08/2026;;;D-1;cantine", mandates.USED_BEFORE),
            (f"R;{IBAN};;J;A;01/09/2026;;;;D-1;sport", mandates.NO_CREDITOR),
            (f"R;{IBAN};;J;A;01/09/2026;;;FR19ZZZ654321;D-1;cantine", mandates.OTHER_CREDITOR),
            (f"R;{IBAN};;J;A;01/09/2026;;OOFF;;D-1;cantine", mandates.IS_OVER),
            (f"R;{IBAN};;J;A;01/09/2021;;;;D-1;cantine", mandates.HAS_LAPSED),
            (f"R;{IBAN};;J;;01/09/2026;;;;D-2;cantine", mandates.NO_ADDRESS),
            (f"R;{IBAN};;J;A;01/09/2026;;;;D-9;cantine", whose.NO_CODE),
        ],
    )
    def test_one_that_cannot_serve_is_refused_in_words(self, row, words):
        line = only(self.KIND, self.TITLES, row, known=TWO)
        assert line.verdict.value == "refused"
        assert words in " ".join(line.words)
        assert IBAN not in " ".join(line.words)

    def test_one_a_family_and_one_a_reference(self):
        again = self.GOOD.replace("RUM-1", "RUM-2")
        lines = compare(self.KIND, self.TITLES, self.GOOD, again, self.GOOD.replace("D-1", "D-3"))
        assert [one.verdict.value for one in lines] == ["new", "refused", "refused"]
        assert "déjà à la ligne 2" in lines[1].words[0]

    @pytest.mark.parametrize(
        ("known", "verdict", "words"),
        [
            (KnownMandate(201, 1, CANTEEN.ics, "RUM-1", IBAN, date(2024, 9, 1), False), "unchanged", "RUM-1"),
            (KnownMandate(201, 1, CANTEEN.ics, "RUM-1", OTHER_IBAN, date(2024, 9, 1), True), "refused",
             mandates.OTHERWISE),
            (KnownMandate(201, 1, CANTEEN.ics, "RUM-9", IBAN, date(2024, 9, 1), True), "refused", mandates.HAS_ONE),
            (KnownMandate(201, 1, CANTEEN.ics, "RUM-9", IBAN, date(2024, 9, 1), False), "new", "RUM-1"),
        ],
        ids=["alike", "another account", "another living", "another that is over"],
    )  # fmt: skip
    def test_one_that_is_here_is_the_same_or_is_refused(self, known, verdict, words):
        line = only(self.KIND, self.TITLES, self.GOOD, known=Accounts(FAMILIES, (CANTEEN,), mandates=(known,)))
        assert line.verdict.value == verdict
        assert words in line.words[0]
