"""Draw the icon sprite again, from the `icons` folder of the npm package `lucide-static` (ISC).

    python -m marelle.web.components.draw_sprite LUCIDE_ICONS_FOLDER [NEW_NAME ...]

The names already in the sprite are kept; new names are added. The sprite is committed: nothing runs this at
installation, only the person who needs one more icon.
"""

import re
import sys
from pathlib import Path

SPRITE = Path(__file__).parent / "static" / "marelle" / "icons.svg"
SHAPES = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


def names_in(sprite: str) -> frozenset[str]:
    """Return the names of the icons a sprite holds."""
    return frozenset(re.findall(r'<symbol id="([a-z0-9-]+)"', sprite))


def draw(folder: Path, names: frozenset[str]) -> str:
    """Return a sprite of these icons. Raises FileNotFoundError for a name that Lucide does not have."""
    symbols = []
    for name in sorted(names):
        match = SHAPES.search((folder / f"{name}.svg").read_text(encoding="utf-8"))
        if match is None:
            raise ValueError(f"{name}.svg is not a drawing")
        shapes = " ".join(match[1].split()).replace("> <", "><").replace(" />", "/>")
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>')
    # The stroke is set on the element that uses a symbol (class "icon"), so that an icon takes the color of its words.
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def main(arguments: list[str]) -> None:
    folder, *added = arguments
    known = names_in(SPRITE.read_text(encoding="utf-8")) if SPRITE.exists() else frozenset()
    SPRITE.write_text(draw(Path(folder), known | frozenset(added)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
