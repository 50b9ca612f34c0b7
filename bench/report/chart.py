"""An SVG chart: how many times tensord's time the better peer takes, layer by layer."""

import math
from xml.sax.saxutils import escape

from figures import PASSES

COLOURS = {"forward": "#1b6ca8", "backward-data": "#d1495b", "backward-weights": "#2e8b57"}
LEFT, RIGHT, TOP, BAR, GAP = 330, 40, 74, 7, 8
PER_DOUBLING = 130
LEAST, MOST = 0.25, 8


def place(ratio):
    return LEFT + PER_DOUBLING * math.log2(min(max(ratio, LEAST), MOST) / LEAST)


def text(x, y, words, anchor="start", size=11):
    return f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" text-anchor="{anchor}">{escape(words)}</text>'


def chart(rows):
    """Of rows with a better peer; one group of bars for each layer, in their order."""
    layers = {}
    for row in rows:
        if row.better_peer:
            layers.setdefault(row.name, {})[row.what] = row
    height = TOP + len(layers) * (3 * BAR + GAP) + 20
    width = place(MOST) + RIGHT
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" '
             f'font-family="sans-serif" role="img" aria-label="Times of the better peer">',
             f'<rect width="{width:.0f}" height="{height}" fill="white"/>',
             text(10, 20, "Time of the better of the peers over tensord's, one thread, float32, plain tensors",
                  size=14)]
    for number, what in enumerate(PASSES):
        x = 10 + 160 * number
        parts += [f'<rect x="{x}" y="32" width="12" height="12" fill="{COLOURS[what]}"/>', text(x + 18, 42, what)]
    for ratio in (0.25, 0.5, 1, 1.3, 2, 4, 8):
        x = place(ratio)
        colour = "#000" if ratio == 1 else "#c60" if ratio == 1.3 else "#ddd"
        parts += [f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 8}" y2="{height - 12}" stroke="{colour}"/>',
                  text(x, TOP - 12, f"{ratio:g}", "middle")]
    y = TOP
    for name, passes in layers.items():
        parts.append(text(LEFT - 10, y + 2 * BAR, name, "end"))
        for what in PASSES:
            if what in passes:
                begin, end = sorted((place(1), place(passes[what].better_peer)))
                parts.append(f'<rect x="{begin:.1f}" y="{y}" width="{max(1, end - begin):.1f}" height="{BAR - 1}" '
                             f'fill="{COLOURS[what]}"><title>{escape(name)}, {what}: '
                             f'{passes[what].better_peer:.2f}</title></rect>')
            y += BAR
        y += GAP
    return "\n".join(parts + ["</svg>"]) + "\n"
