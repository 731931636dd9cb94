"""The colors an authority's pages are drawn with, from the one color it gives.

Only the hue and the chroma of the given color are kept; its lightness is set, role by role, so that every contrast
holds whatever the hue. Colors are computed in OKLCH (lightness 0 to 1, chroma, hue in degrees), where equal lightness
looks equally light. A color that a screen cannot show loses chroma, never lightness.
"""

import math
import re
from dataclasses import dataclass

CHROMA_STEP = 0.002

# A channel this far outside is only rounding.
ROUNDING = 1e-6

# Below these, the sRGB curve is a straight line (IEC 61966-2-1).
LINEAR_LIMIT = 0.0031308
ENCODED_LIMIT = 0.04045

HEX = re.compile(r"#[0-9a-fA-F]{6}")

_Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Palette:
    """Colors as « #3953A8 »."""

    accent: str
    """Fills, links and focus, in the light theme."""
    pressed: str
    tint: str
    """A selected card or row."""
    edge: str
    dark_accent: str
    dark_pressed: str
    dark_tint: str
    dark_edge: str


def palette(accent_hex: str) -> Palette:
    """Return the palette of the authority that gave this color. Raises ValueError unless it is like « #3953A8 »."""
    chroma, hue = chroma_and_hue(accent_hex)
    return palette_of(chroma=chroma, hue=hue)


def palette_of(*, chroma: float, hue: float) -> Palette:
    """Return the palette of a hue, in degrees, and a chroma."""
    return Palette(
        accent=color(0.47, min(chroma, 0.15), hue),
        pressed=color(0.40, min(chroma, 0.15), hue),
        tint=color(0.955, min(chroma, 0.022), hue),
        edge=color(0.80, min(chroma, 0.08), hue),
        dark_accent=color(0.80, min(chroma, 0.11), hue),
        dark_pressed=color(0.72, min(chroma, 0.11), hue),
        dark_tint=color(0.30, min(chroma, 0.05), hue),
        dark_edge=color(0.46, min(chroma, 0.08), hue),
    )


def css(colors: Palette) -> str:
    """Return the stylesheet of an authority: custom properties for both themes, nothing else."""
    properties = {
        "--light-accent": colors.accent,
        "--light-pressed": colors.pressed,
        "--light-tint": colors.tint,
        "--light-edge": colors.edge,
        "--dark-accent": colors.dark_accent,
        "--dark-pressed": colors.dark_pressed,
        "--dark-tint": colors.dark_tint,
        "--dark-edge": colors.dark_edge,
    }
    return ":root{" + ";".join(f"{name}:{value}" for name, value in properties.items()) + "}\n"


def contrast(first_hex: str, second_hex: str) -> float:
    """Return the contrast between two colors as WCAG defines it, from 1 to 21."""
    lighter, darker = sorted((_luminance(first_hex), _luminance(second_hex)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def color(lightness: float, chroma: float, hue: float) -> str:
    """Return an OKLCH color as « #3953A8 », with the nearest lower chroma that a screen can show."""
    while True:
        red, green, blue = _to_linear_rgb(lightness, chroma, hue)
        if all(-ROUNDING <= channel <= 1 + ROUNDING for channel in (red, green, blue)):
            return "#" + "".join(f"{_to_byte(channel):02X}" for channel in (red, green, blue))
        chroma = max(0.0, chroma - CHROMA_STEP)


def chroma_and_hue(color_hex: str) -> tuple[float, float]:
    """Return the chroma and the hue, in degrees, of a color. Raises ValueError unless it is like « #3953A8 »."""
    red, green, blue = _linear_rgb(color_hex)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    green_to_red = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    blue_to_yellow = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return math.hypot(green_to_red, blue_to_yellow), math.degrees(math.atan2(blue_to_yellow, green_to_red)) % 360


def _to_linear_rgb(lightness: float, chroma: float, hue: float) -> _Triple:
    green_to_red = chroma * math.cos(math.radians(hue))
    blue_to_yellow = chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * green_to_red + 0.2158037573 * blue_to_yellow) ** 3
    medium = (lightness - 0.1055613458 * green_to_red - 0.0638541728 * blue_to_yellow) ** 3
    short = (lightness - 0.0894841775 * green_to_red - 1.2914855480 * blue_to_yellow) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _to_byte(linear: float) -> int:
    linear = min(1.0, max(0.0, linear))
    encoded = 12.92 * linear if linear <= LINEAR_LIMIT else 1.055 * linear ** (1 / 2.4) - 0.055
    return round(encoded * 255)


def _linear_rgb(color_hex: str) -> _Triple:
    if not HEX.fullmatch(color_hex):
        raise ValueError(f"{color_hex!r} is not a color like #3953A8")
    red, green, blue = (int(color_hex[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return _to_linear(red), _to_linear(green), _to_linear(blue)


def _to_linear(encoded: float) -> float:
    return encoded / 12.92 if encoded <= ENCODED_LIMIT else float(((encoded + 0.055) / 1.055) ** 2.4)


def _luminance(color_hex: str) -> float:
    red, green, blue = _linear_rgb(color_hex)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
