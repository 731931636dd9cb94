"""Whatever color an authority gives, its pages stay readable."""

import pytest

from marelle.domain.authorities.rules.palette import (
    HEX,
    Palette,
    chroma_and_hue,
    color,
    contrast,
    css,
    palette,
    palette_of,
)

PAPER, CARD, INK, INK_2 = "#FBF8F2", "#FFFFFF", "#1F2233", "#555970"
DARK_PAPER, DARK_CARD, DARK_INK, DARK_INK_2 = "#17161D", "#22202B", "#F3F0EA", "#B9B5C6"
CHROMAS = (0.0, 0.04, 0.08, 0.15, 0.32)
EVERY_PALETTE = [palette_of(chroma=chroma, hue=hue) for hue in range(360) for chroma in CHROMAS]


@pytest.mark.parametrize(
    ("what", "least", "pair"),
    [
        ("white words on the accent", 6.3, lambda colors: (CARD, colors.accent)),
        ("a link on paper", 6.0, lambda colors: (PAPER, colors.accent)),
        ("a link on a selected card", 5.6, lambda colors: (colors.tint, colors.accent)),
        ("white words on a pressed button", 8.6, lambda colors: (CARD, colors.pressed)),
        ("ink on a selected card", 13.6, lambda colors: (INK, colors.tint)),
        ("secondary ink on a selected card", 5.9, lambda colors: (INK_2, colors.tint)),
        ("dark words on the accent of the dark theme", 9.1, lambda colors: (DARK_PAPER, colors.dark_accent)),
        ("dark words on a pressed button of the dark theme", 6.8, lambda colors: (DARK_PAPER, colors.dark_pressed)),
        ("a link on a card of the dark theme", 8.1, lambda colors: (DARK_CARD, colors.dark_accent)),
        ("a pressed link on a card of the dark theme", 6.1, lambda colors: (DARK_CARD, colors.dark_pressed)),
        ("a link on a selected card of the dark theme", 7.0, lambda colors: (colors.dark_tint, colors.dark_accent)),
        ("ink on a selected card of the dark theme", 11.6, lambda colors: (DARK_INK, colors.dark_tint)),
        ("secondary ink on a selected card of the dark theme", 6.6, lambda colors: (DARK_INK_2, colors.dark_tint)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_hue_and_chroma_keeps_its_contrast(what, least, pair):
    worst = min(contrast(*pair(colors)) for colors in EVERY_PALETTE)

    assert worst >= least, what


def test_every_color_of_every_palette_can_be_shown():
    for colors in EVERY_PALETTE:
        for name in Palette.__dataclass_fields__:
            assert HEX.fullmatch(getattr(colors, name))


@pytest.mark.parametrize(
    ("hue", "accent"), [(5, "#9A2A4F"), (95, "#6C5901"), (150, "#046E30")], ids=["raspberry", "mustard", "fir"]
)
def test_known_hues_give_known_accents(hue, accent):
    assert palette_of(chroma=0.15, hue=hue).accent == accent


def test_a_light_and_a_dark_shade_of_a_color_give_the_same_palette():
    light, dark = chroma_and_hue(color(0.70, 0.05, 200)), chroma_and_hue(color(0.45, 0.05, 200))

    assert light == pytest.approx(dark, rel=0.05)
    assert palette("#3953A8").accent == "#3953A8"


def test_a_gray_gives_grays():
    colors = palette("#777777")

    red, green, blue = (int(colors.accent[start : start + 2], 16) for start in (1, 3, 5))
    assert max(red, green, blue) - min(red, green, blue) <= 1


@pytest.mark.parametrize("wrong", ["", "3953A8", "#395", "#3953AG", "red", "#3953A8; }"])
def test_what_is_not_a_color_is_refused(wrong):
    with pytest.raises(ValueError, match="is not a color"):
        palette(wrong)


def test_the_stylesheet_only_sets_the_properties_of_both_themes():
    sheet = css(palette("#3953A8"))

    assert sheet.startswith(":root{--light-accent:#")
    assert sheet.count(":#") == len(Palette.__dataclass_fields__)
