"""The controls that are written without the template engine are those of Django's own templates, to the character."""

from __future__ import annotations

import datetime as dt
import re

from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe

from marelle.web.components.widgets import ControlRenderer

NASTY = 'L’<b>école</b> "d\'en haut" & co'
ATTRS = {"id": "id_x", "class": "control", "required": True, "hidden": False, "data-n": 3, "aria-label": NASTY}
CHOICES = [("", "Choisir…"), (NASTY, NASTY), (1, mark_safe("<i>un</i>")), ("Groupe <&>", [("a", "A"), ("b", "B & C")])]
WIDGETS = [
    *(
        (kind(), value)
        for kind in (forms.TextInput, forms.NumberInput, forms.EmailInput, forms.URLInput, forms.HiddenInput)
        for value in (None, "", 0, 12.5, NASTY, mark_safe("<i>sûr</i>"))
    ),
    (forms.PasswordInput(render_value=True), NASTY),
    (forms.PasswordInput(), NASTY),
    (forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), dt.date(2026, 11, 30)),
    (forms.TimeInput(format="%H:%M"), dt.time(9, 5)),
    (forms.FileInput(), None),
    (forms.CheckboxInput(), True),
    (forms.CheckboxInput(), False),
    *((forms.Textarea(), value) for value in (None, "", "\nà la ligne", NASTY)),
    *((forms.Select(choices=CHOICES), value) for value in (None, "", 1, "b", NASTY, "inconnu")),
    (forms.SelectMultiple(choices=CHOICES), ["a", 1]),
    (forms.NullBooleanSelect(), True),
]


def told(html):
    """Return it without the blanks between the tags of a list of choices, which has no other text there."""
    return re.sub(r">\s+<", "><", html) if html.startswith("<select") else html


def test_each_control_is_what_django_writes():
    for widget, value in WIDGETS:
        ours, theirs = (
            widget.render("x", value, ATTRS, renderer=one) for one in (ControlRenderer(), DjangoTemplates())
        )
        assert told(ours) == told(theirs), (widget, value)


def test_another_widget_keeps_its_template():
    choice = forms.RadioSelect(choices=[("a", NASTY)])

    assert choice.render("x", "a", renderer=ControlRenderer()) == choice.render("x", "a", renderer=DjangoTemplates())
