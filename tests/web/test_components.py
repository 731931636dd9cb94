"""Components are strict, escape what they are given, and a line of the grid is the same alone and in its week."""

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from django import forms
from django.template import Context, Template
from django.template.exceptions import TemplateSyntaxError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from marelle.web.components.avatars import ANIMALS, AvatarView, avatar_of, pick_avatars
from marelle.web.components.basket import render_basket
from marelle.web.components.controls import field
from marelle.web.components.design import LETTERS, design_page_context, sample_basket, sample_cell, sample_weeks
from marelle.web.components.grid import ICONS, WORDS, Action, Cell, WayOut, render_legend, render_line, render_week
from marelle.web.components.icons import ICONS as DRAWN
from marelle.web.components.registry import component

NASTY = "<script>\"&'</script>"


@pytest.fixture(autouse=True)
def _files_without_fingerprints(settings):
    """Read static files where they are: nothing is collected for a unit test."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


def write(template: str, **context) -> str:
    return Template("{% load marelle %}" + template).render(Context(context))


# --- The tag is strict ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{% c %}", "needs the name"),
        ("{% c icno name='plus' %}", "did you mean 'icon'"),
        ("{% c icon %}", "needs the attribute 'name'"),
        ("{% c icon nam='plus' %}", "did you mean 'name'"),
        ("{% c icon name='pluss' %}", "did you mean 'plus'"),
        ("{% c icon 'plus' %}", "is not written attribute=value"),
        ("{% c icon name='plus' name='x' %}", "given twice"),
        ("{% c notice tone='ambre' %}x{% endc %}", "tone='ambre' is not allowed, did you mean 'amber'"),
        ("{% c notice content='x' %}x{% endc %}", "has no attribute 'content'"),
        ("{% c notice %}never closed", "Unclosed tag"),
        ("{% c icon name='plus' %}{% endc %}", "endc"),
    ],
)
def test_a_mistake_is_found_when_the_template_is_compiled(template, said):
    with pytest.raises(TemplateSyntaxError, match=said):
        Template("{% load marelle %}" + template)


def test_a_component_must_be_keyword_only():
    def positional(name: str) -> SafeString:
        return SafeString(name)

    with pytest.raises(TypeError, match="keyword-only"):
        component(positional)


def test_components_nest_and_take_their_content():
    written = write(
        "{% c notice tone='green' title='Fait' %}{% c icon name='check' %}{{ words }}{% endc %}", words="A & B"
    )

    notice = BeautifulSoup(written, "html.parser").select_one(".notice.green")
    assert notice["role"] == "status"
    assert notice.b.text == "Fait"
    assert notice.select_one("use[href$='#check']")
    assert "A &amp; B" in written


@pytest.mark.parametrize(
    "template",
    [
        "{% c notice title=nasty %}{{ nasty }}{% endc %}",
        "{% c tag text=nasty %}",
        "{% c button name=nasty value=nasty busy=nasty %}{{ nasty }}{% endc %}",
        "{% c link_button href=nasty %}x{% endc %}",
        "{% c page_title title=nasty lead=nasty above=nasty back_url=nasty back_label=nasty %}",
        "{% c child_card name=nasty url=nasty animal='cat' chalk='sun' birth=nasty school_class=nasty %}",
        "{% c choice_tile kind='radio' name=nasty value=nasty label=nasty hint=nasty id=nasty %}",
        "{% c contact_card name=nasty phone=nasty email=nasty address=nasty hours=list summary=nasty %}",
        "{% c gauge label=nasty taken=1 places=2 note=nasty %}",
        "{% c empty_state title=nasty %}x{% endc %}",
        "{% c pager previous_url=nasty today_url=nasty next_url=nasty label=nasty next_label=nasty %}",
        "{% c crest url=nasty %}",
    ],
)
def test_what_is_given_to_a_component_is_escaped(template):
    written = write(template, nasty=NASTY, list=[NASTY])

    assert "<script" not in written
    assert BeautifulSoup(written, "html.parser").select("script") == []


# --- Fields -----------------------------------------------------------------------------------------------------------


class SignInForm(forms.Form):
    email = forms.EmailField(label="Adresse e-mail", help_text="Celle que vous avez donnée.")
    password = forms.CharField(label="Mot de passe", widget=forms.PasswordInput)
    remember = forms.BooleanField(label="Rester connecté", required=False)
    days = forms.MultipleChoiceField(
        label="Jours", choices=[("1", "L"), ("2", "M")], widget=forms.CheckboxSelectMultiple
    )


def test_a_field_is_described_by_its_hint_and_its_error():
    form = SignInForm({"email": "nowhere"})

    soup = BeautifulSoup(field(bound=form["email"]), "html.parser")

    control = soup.select_one("input")
    described = [soup.find(id=name).get_text() for name in control["aria-describedby"].split()]
    assert soup.label["for"] == control["id"]
    assert described == ["Celle que vous avez donnée.", form["email"].errors[0]]
    assert control["aria-invalid"] == "true"


def test_a_password_has_a_button_that_waits_for_scripts():
    soup = BeautifulSoup(field(bound=SignInForm()["password"]), "html.parser")

    assert soup.button["type"] == "button"
    assert soup.button.has_attr("hidden")
    assert soup.button.get_text() == "Afficher le mot de passe"


def test_choices_become_tiles_in_a_fieldset():
    soup = BeautifulSoup(field(bound=SignInForm({"days": ["2"]})["days"]), "html.parser")

    assert soup.fieldset.legend.get_text() == "Jours"
    assert [box["value"] for box in soup.select(".tile input[checked]")] == ["2"]


# --- The grid ---------------------------------------------------------------------------------------------------------


def test_a_line_alone_is_the_same_as_in_its_week():
    for week in sample_weeks():
        written = render_week(week)
        for line in week.lines:
            assert written.count(render_line(line, days=week.days, week_number=week.number)) == 1


def test_every_state_has_an_icon_that_is_drawn_and_a_word():
    assert set(ICONS) == set(WORDS) == set(LETTERS.values())
    assert set(ICONS.values()) | set(ANIMALS) <= DRAWN


def square(**changes):
    cell = Cell(**{"key": "k.p.2026-11-27", "state": "bookable", "full_name": "Lucia, repas, vendredi 27", **changes})
    week = sample_weeks()[0]
    line = replace(week.lines[0], cells=(cell, None, None, None, None))
    return BeautifulSoup(render_line(line, days=week.days, week_number=48), "html.parser").select_one("td.c")


def test_a_square_that_can_change_is_a_checkbox_that_says_the_wished_day():
    box = square(ticked=True, state="reserved", title="Modifiable jusqu’au jeudi.").select_one("input")

    assert (box["type"], box["name"], box["value"]) == ("checkbox", "want", "k.p.2026-11-27")
    assert box.has_attr("checked")
    assert box["aria-label"] == "Lucia, repas, vendredi 27 : Réservé"
    assert box["aria-describedby"] == "b.k.p.2026-11-27"


def test_a_refused_square_is_a_button_that_explains_and_offers_a_way_out():
    cell = square(
        state="full",
        title="Complet.",
        explanation="Vous seriez 3ᵉ.",
        way_out=WayOut("Écrivez à la mairie", "/ecrire"),
        action=Action("wait", "k", "Entrer en liste d’attente"),
    )

    assert cell.select_one("input") is None
    assert cell.select_one("button.k")["type"] == "button"
    assert cell.select_one(".b").get_text().startswith("Complet. Vous seriez 3ᵉ. Écrivez à la mairie Entrer en liste")
    assert cell.select_one(".b button")["name"] == "wait"
    assert not cell.select_one("button.k").has_attr("disabled")


def test_a_square_with_nothing_to_say_is_text():
    cell = square(state="unbooked")

    assert cell.select("input, button") == []
    assert cell.get_text() == "Non réservé"


def test_the_grid_escapes_everything_it_is_given():
    week = sample_weeks()[0]
    cell = Cell(
        key=NASTY,
        state="bookable",
        full_name=NASTY,
        word=NASTY,
        ticked=False,
        title=NASTY,
        explanation=NASTY,
        way_out=WayOut(NASTY, NASTY),
        action=Action(NASTY, NASTY, NASTY),
    )
    line = replace(
        week.lines[0],
        key=NASTY,
        child_name=NASTY,
        product_name=NASTY,
        bookable=True,
        cells=(cell, None, None, None, None),
    )
    days = (replace(week.days[0], letter=NASTY, number=NASTY, long_name=NASTY), *week.days[1:])

    written = render_week(replace(week, key=NASTY, caption=NASTY, closed=(NASTY,), days=days, lines=(line,)))

    assert BeautifulSoup(written, "html.parser").select("script") == []
    assert "<script" not in written


def test_the_first_button_of_a_week_updates_the_basket_so_that_enter_books_nothing_more():
    week = sample_weeks()[3]

    first, *_others = BeautifulSoup(render_week(week), "html.parser").select("button:not([type=button])")

    assert (first["name"], first["value"]) == ("week", week.key)
    assert (first["tabindex"], first["aria-hidden"]) == ("-1", "true")


def test_headers_name_the_days_in_full_and_the_line():
    soup = BeautifulSoup(render_week(sample_weeks()[0]), "html.parser")

    days = [header.select_one(".v").get_text() for header in soup.select("th[scope=col]")]
    assert days[1:3] == ["mardi 25 novembre (aujourd’hui)", "mercredi 26 novembre, pas de service"]
    assert soup.select_one("th[scope=row]").get_text() == "Lucia Repas"
    assert soup.caption.h2.get_text() == "Semaine 48 du 24/11 au 28/11/2025"


def test_identifiers_are_unique_in_a_page_of_weeks():
    written = "".join(render_week(week) for week in sample_weeks()) + render_legend() + render_basket(sample_basket())

    found = [tag["id"] for tag in BeautifulSoup(written, "html.parser").select("[id]")]
    assert len(found) == len(set(found))


# --- The basket -------------------------------------------------------------------------------------------------------


def test_the_basket_is_written_once_and_removes_by_key():
    soup = BeautifulSoup(render_basket(sample_basket(csrf_token="t0ken", action_url="/panier")), "html.parser")

    removal = soup.select_one("button[name=remove]")
    assert soup.section["id"] == "panier"
    assert (removal["value"], soup.form["action"], soup.form["method"]) == ("lucia.etude", "/panier", "post")
    assert soup.select_one("[name=csrfmiddlewaretoken]")["value"] == "t0ken"
    assert removal.get_text().startswith("Retirer du panier : 3 études de Lucia")
    assert soup.get_text().count("3 études") == 2  # the line, and what its button removes


def test_an_empty_basket_says_the_next_step():
    written = render_basket(replace(sample_basket(), children=(), count=0))

    assert "Votre panier est vide." in written
    assert "<form" not in written


def test_the_basket_escapes_what_it_is_given():
    basket = sample_basket()
    child = replace(
        basket.children[0], name=NASTY, lines=(replace(basket.children[0].lines[0], text=NASTY, dates=NASTY),)
    )

    written = render_basket(replace(basket, children=(child,), note=NASTY, notice=NASTY, announcement=NASTY))

    assert BeautifulSoup(written, "html.parser").select("script") == []


# --- Avatars and pages ------------------------------------------------------------------------------------------------


def test_the_children_of_a_family_have_different_animals_that_stay_theirs():
    keys = [f"child{number}" for number in range(5)]

    picked = pick_avatars(keys)

    assert len({avatar.animal for avatar in picked.values()}) == 5
    assert len({avatar.chalk for avatar in picked.values()}) == 5
    assert pick_avatars(keys[:2]) == {key: picked[key] for key in keys[:2]}
    assert [avatar_of(key) for key in keys] == [pick_avatars([key])[key] for key in keys]
    assert isinstance(picked["child0"], AvatarView)


def test_the_design_page_shows_every_state():
    written = render_to_string("design.html", {**design_page_context(), "operator": {"name": "Marelle"}})

    for state in LETTERS.values():
        assert f'class="c {state}"' in written


@pytest.mark.parametrize("page", ["errors/400.html", "errors/403.html", "errors/404.html", "errors/500.html"])
def test_an_error_page_needs_no_context(page):
    assert "Revenir à l’accueil" in render_to_string(page, {})


def test_samples_cover_checkboxes_and_buttons():
    assert sample_cell("reserved", key="k", name="n").ticked is True
    assert sample_cell("full", key="k", name="n").ticked is None
