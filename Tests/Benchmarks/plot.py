"""A plot of a few lines over a logarithmic axis, as SVG of its own."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape


@dataclass
class Series:
    name: str
    values: Sequence[float]


COLOURS = ("#0b6e99", "#b5541c", "#4c7a34", "#7a3f8f")
DASHES = ("", "6 3", "2 3", "8 3 2 3")
WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 72, 56


def line_plot(title: str, axis: str, xs: Sequence[float], series: Sequence[Series]) -> str:
    """Lines from zero upwards, so that a flat line is a flat line."""
    low, high = math.log10(min(xs)), math.log10(max(xs))
    top = nice(max(value for one in series for value in one.values))

    def x(value: float) -> float:
        return LEFT + (math.log10(value) - low) / max(high - low, 1e-9) * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="13"><title>{escape(title)}</title>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="22" font-size="16" font-weight="bold">{escape(title)}</text>',
    ]
    for step in range(5):
        value = top * step / 4
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}" stroke="#ddd"/>'
            f'<text x="{LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end">{value:g}</text>')
    for value in xs:
        parts.append(
            f'<text x="{x(value):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{value:,.0f}</text>')
    parts.append(
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 12}" text-anchor="middle">{escape(axis)}</text>')
    for place, one in enumerate(series):
        colour, dash = COLOURS[place % 4], DASHES[place % 4]
        points = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in zip(xs, one.values))
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>')
        parts += [f'<circle cx="{x(a):.1f}" cy="{y(b):.1f}" r="3.5" fill="{colour}"/>'
                  for a, b in zip(xs, one.values)]
        parts.append(
            f'<line x1="{LEFT}" x2="{LEFT + 28}" y1="{40 + 18 * place}" y2="{40 + 18 * place}" stroke="{colour}" '
            f'stroke-width="2" stroke-dasharray="{dash}"/>'
            f'<text x="{LEFT + 36}" y="{44 + 18 * place}">{escape(one.name)}</text>')
    return "\n".join(parts) + "\n</svg>\n"


def nice(value: float) -> float:
    """The next of 1, 2, 4, 8 times a power of ten."""
    power = 10 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 4, 8, 10) if step * power >= value)
