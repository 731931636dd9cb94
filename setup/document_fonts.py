"""Makes the fonts of the PDF documents from the npm package of Figtree; only for whoever changes them.

typst reads neither woff2 nor a font split by alphabet: the Latin and extended Latin files become one TrueType font for
each weight. Four signs that our sentences use and Figtree has not are drawn from its own: ᵉ, ʳ, → and the narrow
no-break space.

    npm pack @fontsource-variable/figtree@5.3.0 && tar xzf fontsource-variable-figtree-5.3.0.tgz
    uv run --with fonttools --with brotli setup/document_fonts.py package/files marelle/letters/documents/fonts
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.merge import Merger
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

FAMILY = "Figtree Marelle"
WEIGHTS = {"Regular": 400, "Bold": 700}
RAISED = {"e": 0x1D49, "r": 0x02B3}


def main(source: Path, target: Path) -> None:
    """Will write one font for each weight into `target`."""
    for style, weight in WEIGHTS.items():
        parts = []
        for alphabet in ("latin", "latin-ext"):
            font = TTFont(source / f"figtree-{alphabet}-wght-normal.woff2")
            font.flavor = None
            font = instantiateVariableFont(font, {"wght": weight})
            for table in ("STAT", "DSIG"):
                if table in font:
                    del font[table]
            part = target / f"{style}-{alphabet}.ttf"
            font.save(part)
            parts.append(part)
        merged = Merger().merge([str(part) for part in parts])
        for part in parts:
            part.unlink()
        _draw_what_is_missing(merged, heavy=weight > WEIGHTS["Regular"])
        _name(merged, style, weight)
        merged.save(target / f"figtree-marelle-{style.lower()}.ttf")


def _draw_what_is_missing(font: TTFont, *, heavy: bool) -> None:
    glyphs, widths, known = font["glyf"], font["hmtx"], font.getBestCmap()
    em = font["head"].unitsPerEm
    shapes = font.getGlyphSet()

    def add(code: int, name: str, pen: TTGlyphPen | None, width: int) -> None:
        font.setGlyphOrder([*font.getGlyphOrder(), name])
        glyphs[name] = (pen or TTGlyphPen(None)).glyph()
        if pen:
            glyphs[name].recalcBounds(glyphs)
        widths[name] = (width, getattr(glyphs[name], "xMin", 0) if pen else 0)
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap[code] = name

    for letter, code in RAISED.items():
        pen = TTGlyphPen(None)
        shapes[known[ord(letter)]].draw(TransformPen(pen, (0.62, 0, 0, 0.62, 0, 0.33 * em)))
        add(code, f"raised_{letter}", pen, round(widths[known[ord(letter)]][0] * 0.62))
    add(0x202F, "narrow_no_break_space", None, round(widths[known[0x20]][0] * 0.7))

    half, axis, head = (0.045 if heavy else 0.034) * em, 0.34 * em, 0.2 * em
    left, right = 0.08 * em, 0.86 * em
    pen = TTGlyphPen(None)
    upper = [
        (left, half),
        (right - 2.6 * half, half),
        (right - head, head - half),
        (right - head + 1.5 * half, head + 0.6 * half),
    ]
    outline = [(x, axis + y) for x, y in upper] + [(right, axis)] + [(x, axis - y) for x, y in reversed(upper)]
    pen.moveTo(tuple(map(round, outline[0])))
    for point in outline[1:]:
        pen.lineTo(tuple(map(round, point)))
    pen.closePath()
    add(0x2192, "arrow_right", pen, round(0.94 * em))


def _name(font: TTFont, style: str, weight: int) -> None:
    licence = [record for record in font["name"].names if record.nameID in {0, 13, 14}]
    font["name"].names = licence
    postscript = f"{FAMILY.replace(' ', '')}-{style}"
    for name, text in {1: FAMILY, 2: style, 3: postscript, 4: f"{FAMILY} {style}", 6: postscript}.items():
        font["name"].setName(text, name, 3, 1, 0x409)
    font["OS/2"].usWeightClass = weight
    bold = weight > WEIGHTS["Regular"]
    font["head"].macStyle = int(bold)
    font["OS/2"].fsSelection = 0x20 if bold else 0x40


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
