"""Plots: bars, a stack of shares, and curves with points, as inline SVG."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from math import ceil

WIDTH, ROW, NUMBERS = 760, 26, 90
HEIGHT, EDGE = 300, 56
LETTER = 7.5  # of the widest usual font at 13 px
COLOURS = ("#2f6db5", "#d9822b", "#3c9a5f", "#a2559c", "#b8443c", "#7a7a7a", "#4fb0c6")

Points = Mapping[int, float]


def bars(values: Sequence[tuple[str, float]]) -> str:
    """A bar for each value, its number behind it."""
    most = max((value for _, value in values), default=0.0) or 1.0
    labels = LETTER * max((len(label) for label, _ in values), default=0) + 8
    room = max(WIDTH - labels - NUMBERS, WIDTH / 4)
    parts = []
    for row, (label, value) in enumerate(values):
        top, wide = row * ROW, room * value / most
        parts.append(_text(labels - 8, top + 17, label, "end"))
        parts.append(_box(labels, top + 4, wide, ROW - 8, COLOURS[0]))
        parts.append(_text(labels + wide + 6, top + 17, f"{value:,.0f}"))
    return _svg(len(values) * ROW, parts, labels + room + NUMBERS)


def stack(shares: Mapping[str, float]) -> str:
    """One bar of the shares, and what each colour stands for."""
    left, parts = 0.0, []
    shown = [(name, share) for name, share in shares.items() if share >= 0.005]
    for place, (name, share) in enumerate(shown):
        colour = COLOURS[place % len(COLOURS)]
        parts.append(_box(left * WIDTH, 0, share * WIDTH, 30, colour))
        x, y = 190 * (place % 4), 48 + 22 * (place // 4)
        parts.append(_box(x, y, 12, 12, colour))
        parts.append(_text(x + 18, y + 11, f"{name} {share:.0%}"))
        left += share
    return _svg(48 + 22 * ceil(len(shown) / 4), parts)


def curves(points: Points, laws: Sequence[tuple[str, Callable[[float], float]]]) -> str:
    """Images a second over the workers, from zero on: points, and the curves fitted to them."""
    most, top = max(points), 1.1 * max(points.values())

    def at(x: float, y: float) -> tuple[float, float]:
        return (
            EDGE + (WIDTH - 2 * EDGE) * x / most,
            HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * min(y / top, 1.1),
        )

    parts = [_line([at(0, top), at(0, 0), at(most, 0)], "currentColor")]
    for count in points:
        parts.append(_text(at(count, 0)[0], HEIGHT - EDGE + 18, str(count), "middle"))
    parts.append(_text(EDGE - 6, at(0, top)[1] + 4, f"{top:,.0f}", "end"))
    parts.append(_text(WIDTH / 2, HEIGHT - 8, "workers", "middle"))
    parts.append(_text(0, 14, "images/s"))
    for place, (name, law) in enumerate(laws):
        colour = COLOURS[1 + place % (len(COLOURS) - 1)]
        parts.append(_line([at(most * i / 60, law(most * i / 60)) for i in range(1, 61)], colour))
        parts.append(_text(EDGE + 40 + 130 * place, 14, name, fill=colour))
    for count, rate in points.items():
        x, y = at(count, rate)
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{COLOURS[0]}"/>')
    return _svg(HEIGHT, parts)


def _svg(height: float, parts: Sequence[str], width: float = WIDTH) -> str:
    inner = "".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'role="img">{inner}</svg>'
    )


def _text(x: float, y: float, text: str, anchor: str = "start", fill: str = "currentColor") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}">{escape(text)}</text>'
    )


def _box(x: float, y: float, wide: float, high: float, colour: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(wide, 0):.1f}" height="{high:.1f}" '
        f'fill="{colour}"/>'
    )


def _line(points: Sequence[tuple[float, float]], colour: str) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
