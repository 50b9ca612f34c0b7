"""SVG charts: how many times tensord's time the better peer takes, layer by layer."""

import math
from dataclasses import dataclass
from xml.sax.saxutils import escape

LEFT, RIGHT, TOP, BAR, GAP = 330, 40, 74, 7, 8
PER_DOUBLING = 130


@dataclass(frozen=True)
class Kind:
    """What a chart is of."""
    title: str
    colours: dict  # of what rows tell of themselves, in the bars' order
    least: float  # of the ratios' axis
    most: float
    goals: tuple  # ratios with a line of their own

    @property
    def ratios(self):
        doublings = range(round(math.log2(self.least)), round(math.log2(self.most)) + 1)
        return sorted({*(2.0**power for power in doublings), *self.goals})

    def place(self, ratio):
        return LEFT + PER_DOUBLING * math.log2(min(max(ratio, self.least), self.most) / self.least)


CONVOLUTIONS = Kind("Time of the better of the peers over tensord's, one thread, float32, plain tensors",
                    {"forward": "#1b6ca8", "backward-data": "#d1495b", "backward-weights": "#2e8b57"}, 0.25, 8, (1.3,))
POOLINGS = Kind("Poolings: time of the better of the peers over tensord's, one thread, float32, plain tensors",
                {"max-pooling, forward": "#1b6ca8", "max-pooling, forward-indices": "#6fb1de",
                 "max-pooling, backward-data": "#d1495b", "average-pooling, forward": "#2e8b57",
                 "average-pooling, backward-data": "#e0a030"}, 1 / 64, 4, ())


def text(x, y, words, anchor="start", size=11):
    return f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" text-anchor="{anchor}">{escape(words)}</text>'


def chart(rows, kind):
    """Of rows with a better peer; one group of bars for each layer, in their order."""
    layers = {}
    for row in rows:
        if row.better_peer:
            layers.setdefault(row.name, {})[row.told] = row
    height = TOP + len(layers) * (len(kind.colours) * BAR + GAP) + 20
    width = kind.place(kind.most) + RIGHT
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" '
             f'font-family="sans-serif" role="img" aria-label="Times of the better peer">',
             f'<rect width="{width:.0f}" height="{height}" fill="white"/>',
             text(10, 20, kind.title, size=14)]
    x = 10
    for told, colour in kind.colours.items():
        parts += [f'<rect x="{x}" y="32" width="12" height="12" fill="{colour}"/>', text(x + 18, 42, told)]
        x += 40 + 6 * len(told)
    for ratio in kind.ratios:
        x = kind.place(ratio)
        colour = "#000" if ratio == 1 else "#c60" if ratio in kind.goals else "#ddd"
        parts += [f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 8}" y2="{height - 12}" stroke="{colour}"/>',
                  text(x, TOP - 12, f"{ratio:.2g}", "middle")]
    y = TOP
    for name, passes in layers.items():
        parts.append(text(LEFT - 10, y + 2 * BAR, name, "end"))
        for told, colour in kind.colours.items():
            if told in passes:
                begin, end = sorted((kind.place(1), kind.place(passes[told].better_peer)))
                parts.append(f'<rect x="{begin:.1f}" y="{y}" width="{max(1, end - begin):.1f}" height="{BAR - 1}" '
                             f'fill="{colour}"><title>{escape(name)}, {told}: '
                             f'{passes[told].better_peer:.2f}</title></rect>')
            y += BAR
        y += GAP
    return "\n".join(parts + ["</svg>"]) + "\n"
