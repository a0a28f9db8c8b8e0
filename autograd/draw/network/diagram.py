"""The diagram of a network in DOT: units in columns, weights as lines between them.

Places are computed here and pinned, because the layout is known in advance (`placement`): Graphviz
only draws. The strokes (`scale`) and colours (`styles`) are those of a drawing of a graph.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from typing import Literal, NamedTuple

from autograd.draw.arguments import Direction
from autograd.draw.dot.labels import WARNING, is_finite, spoken, tooltip, written
from autograd.draw.dot.legend import scale_sample
from autograd.draw.dot.scale import AMPLE, DENSE, Scale
from autograd.draw.dot.styles import ALARM, ALARM_FILL, FAINT, PAPER, STYLES
from autograd.draw.dot.writer import digraph
from autograd.draw.network.layered import Layer
from autograd.draw.network.placement import TURNS, Column, Place
from autograd.draw.scene.numbers import Span
from autograd.draw.scene.parts import Role
from autograd.number import is_number
from autograd.text import visible
from autograd.value import Value

Show = Literal["data", "gradients"]

UNIT = 42  # points: diameter of a circle, if what is in it is short
AROUND = 4  # points between the text in a circle and its border
PITCH = 54  # points from one unit to the next
ROOMY_PITCH = 104  # where the numbers of weights are side by side
MOST_ROOMY = 5  # the most units of a column that have this spacing
MOST_NUMBERS = 40  # between two columns
MOST_AMPLE = 100  # weights that are drawn with wide lines
NARROWEST, WIDEST = 190, 420  # points from one column to the next
CHARACTER, LINE = 5.2, 13  # points that a character and a line of a weight's label take
BOLD = 7  # points that a character of a title takes
LANE = 26  # points from the units to a line beside them, and to the next
LONGEST_NAME = 12  # characters of a user's label that are shown


def diagram(layers: Sequence[Layer], *, show: Show, direction: Direction, spec: str) -> str:
    """Write the diagram of a network in DOT.

    Args:
        layers: its layers, from the first to the last.
        show: the parameters themselves, or their gradients.
        direction: the direction of the network.
        spec: the format specification of numbers.

    Returns:
        The DOT text, the same for the same network.
    """
    return _Picture(layers, show, direction, spec).source()


class Parameter(NamedTuple):
    """A weight or bias as it is shown."""

    label: str
    path: str
    span: Span | None


Weight = tuple[int, int, Parameter]
"""A weight from a unit of one column to a unit of the next, by their indexes there."""


class _Picture:
    """The diagram of some layers, being written."""

    def __init__(
        self, layers: Sequence[Layer], show: Show, direction: Direction, spec: str
    ) -> None:
        self.layers = layers
        self.show = show
        self.direction = direction
        self.spec = spec
        self.columns = [
            Column.of("inputs", len(layers[0].units[0].weights), ", ".join(layers[0].before)),
            *(Column.of(x.title, len(x.units), x.note) for x in layers),
        ]
        tallest = max(len(column.shown) for column in self.columns)
        roomy = direction in ("TB", "BT") and tallest <= MOST_ROOMY
        self.unit = max(UNIT, self._longest() * CHARACTER + AROUND)
        wider = self.unit - UNIT
        pitch = (ROOMY_PITCH if roomy else PITCH) + wider
        self.across = [dict(column.slots(pitch)) for column in self.columns]
        self.gap = min(max(NARROWEST, 0.5 * tallest * pitch), WIDEST) + wider
        spans: list[Span | None] = []
        for i in range(len(layers)):
            spans += [weight.span for _, _, weight in self._weights(i)]
            spans += [bias.span for _, bias in self._biases(i) if bias is not None]
        self.scale = Scale.of(spans, AMPLE if len(spans) <= MOST_AMPLE else DENSE)
        self.graph = digraph("network")

    def source(self) -> str:
        self.graph.attr(
            "graph",
            layout="neato",
            inputscale="72",  # places are in points
            splines="line",
            outputorder="edgesfirst",
            label=f"<{self._caption()}>",
            labelloc="b",
        )
        self.graph.attr("edge", arrowhead="none")
        for i, column in enumerate(self.columns):
            self._add_title(i, column)
            self._add_units(i, column)
        for i in range(len(self.layers)):
            self._add_weights(i)
        spans = [(a, i + 1) for i, layer in enumerate(self.layers) for a in layer.adds]
        for lane, (start, end) in enumerate(sorted(spans, key=lambda span: span[1] - span[0])):
            self._add_sum(lane, start, end)
        return self.graph.source

    def _parameter(self, value: Value, path: str) -> Parameter:
        number = value.data if self.show == "data" else value.grad
        span = Span(float(number), float(number)) if is_number(number) else None
        return Parameter(str(value.label), path, span)

    def _longest(self) -> int:
        """The characters of the longest line in a circle."""
        biases = (bias for i in range(len(self.layers)) for _, bias in self._biases(i) if bias)
        lines = ((_short(bias.label), spoken(bias.span, self.spec)) for bias in biases)
        return max((len(line) for both in lines for line in both), default=0)

    def _weights(self, i: int) -> Iterator[Weight]:
        """The weights drawn between column `i` and the next: from which unit, to which."""
        for j in self.columns[i + 1].shown:
            unit = self.layers[i].units[j]
            for k in self.columns[i].shown:
                yield k, j, self._parameter(unit.weights[k], unit.path_of(f"weights.{k}"))

    def _biases(self, i: int) -> Iterator[tuple[int, Parameter | None]]:
        """The units of layer `i` that are drawn, with their biases."""
        for j in self.columns[i + 1].shown:
            unit = self.layers[i].units[j]
            bias = unit.bias
            yield j, None if bias is None else self._parameter(bias, unit.path_of("bias"))

    def _place(self, along: float, across: float) -> str:
        return _pinned(TURNS[self.direction](along, across))

    def _add_title(self, i: int, column: Column) -> None:
        size = "1 unit" if column.size == 1 else f"{column.size:,} units"
        most = int(self.gap / BOLD)
        title, note = _brief(column.title, most), _brief(column.note, most)
        lines = [f"<B>{written(title)}</B>", str(column.size) if i == 0 else size]
        lines += [written(note)] if note else []
        first = min(self.across[i].values())
        width = max(len(title) * BOLD, len(note) * CHARACTER)
        away = max(52, width / 2 + 8) if self.direction in ("TB", "BT") else 34
        self.graph.node(
            f"title{i}",
            label=f"<{'<BR/>'.join(lines)}>",
            shape="plain",
            fontsize="11",
            tooltip=tooltip(f"{column.title}\n{column.note}".strip()),
            pos=self._place(i * self.gap, first - self.unit / 2 - away),
        )

    def _add_units(self, i: int, column: Column) -> None:
        biases = dict(self._biases(i - 1)) if i else {}
        for unit, across in self.across[i].items():
            pos = self._place(i * self.gap, across)
            if unit is None:
                left_out = f"{column.size - len(column.shown):,} more"
                label = f"<<B>…</B><BR/>{left_out}>"
                self.graph.node(f"more{i}", label=label, shape="plain", fontsize="10", pos=pos)
            elif i == 0:
                self.graph.node(f"u0_{unit}", pos=pos, **_input(unit))
            else:
                role = Role.OUTPUT if i == len(self.layers) else Role.INTERMEDIATE
                path = self.layers[i - 1].units[unit].path or column.title
                attributes = self._unit(role, path, biases[unit])
                self.graph.node(f"u{i}_{unit}", pos=pos, **attributes)

    def _unit(self, role: Role, path: str, bias: Parameter | None) -> dict[str, str]:
        style = STYLES[role]
        attributes = {
            "shape": "circle",
            "style": "filled",
            "fillcolor": style.fill,
            "color": style.border,
            "peripheries": str(style.borders),
            "fixedsize": "true",
            "width": f"{self.unit / 72:.3f}",
            "fontsize": "9",
            "label": "",
            "tooltip": tooltip(path),
        }
        if bias is None:
            return attributes
        attributes["label"] = f"<{self._said(bias, '<BR/>')}>"
        attributes["tooltip"] = tooltip(self._all_of(bias))
        if not is_finite(bias.span):
            return attributes | {"color": ALARM, "fillcolor": ALARM_FILL, "penwidth": "2.4"}
        stroke = self.scale.stroke(bias.span)
        border = f"filled,{stroke.get('style', 'solid')}"
        return attributes | stroke | {"style": border}

    def _add_weights(self, i: int) -> None:
        weights = list(self._weights(i))
        for k, j, weight in weights:
            self.graph.edge(
                f"u{i}_{k}",
                f"u{i + 1}_{j}",
                tooltip=tooltip(self._all_of(weight)),
                **self.scale.stroke(weight.span),
            )
        shares = self._shares(i, weights)
        if shares is None:
            return
        for k, j, weight in weights:
            self.graph.node(
                f"w{i}_{j}_{k}",
                label=f"<{self._said(weight, ' ')}>",
                shape="box",
                style="filled",
                color=PAPER,
                margin="0.02,0.01",
                width="0",
                height="0",
                fontsize="9",
                tooltip=tooltip(self._all_of(weight)),
                pos=_pinned(self._on_line(i, k, j, shares[k])),
            )

    def _add_sum(self, lane: int, start: int, end: int) -> None:
        """A line beside the network, from the units of a column to those that they are added to."""
        edge = max(max(column.values()) for column in self.across) + self.unit / 2
        beside = edge + (lane + 1) * LANE
        corners = []
        for column, sign in ((start, 1), (end, -1)):
            along = column * self.gap + sign * lane * LANE / 4
            near = (along, max(self.across[column].values()) + 0.75 * self.unit)
            corners += [near, (along, beside)][::sign]
        names = [f"sum{lane}_{corner}" for corner in range(len(corners))]
        for name, place in zip(names, corners, strict=True):
            self.graph.node(name, label="", shape="point", style="invis", width="0", height="0",
                            pos=self._place(*place))  # fmt: skip
        said = f"{self.columns[start].title}: added to {self.columns[end].title}"
        for tail, head in pairwise(names):
            ends = {"arrowhead": "normal"} if head == names[-1] else {}
            self.graph.edge(tail, head, color=FAINT, penwidth="1.5", tooltip=tooltip(said), **ends)
        middle = ((start + end) / 2 * self.gap, beside)
        self.graph.node(f"plus{lane}", label="+", shape="circle", style="filled", color=FAINT,
                        fillcolor=PAPER, margin="0", width="0.2", height="0.2", fixedsize="true",
                        fontsize="11", tooltip=tooltip(said), pos=self._place(*middle))  # fmt: skip

    def _shares(self, i: int, weights: Sequence[Weight]) -> dict[int, float] | None:
        """The positions of the numbers along the lines from each unit, if there is space for them.

        The numbers are in one row, or else in two, where they are farthest apart.
        """
        if len(weights) > MOST_NUMBERS:
            return None
        widths = [len(self._plain(weight)) * CHARACTER + 4 for *_, weight in weights]
        beside = round(100 * (self.unit - UNIT) / 2 / self.gap)  # of wide circles, in hundredths
        for stagger in (0, 12, 24):
            best: dict[int, float] | None = None
            room = 1.0
            for start in range(24 + beside, 77 - beside - stagger, 2):
                shares: dict[int, float]
                shares = {k: (start + stagger * (k % 2)) / 100 for k in self.columns[i].shown}
                places = [self._on_line(i, k, j, shares[k]) for k, j, _ in weights]
                boxes = combinations(zip(places, widths, strict=True), 2)
                apart = min(
                    (
                        max(2 * abs(p[0] - q[0]) / (v + w), abs(p[1] - q[1]) / LINE)
                        for (p, v), (q, w) in boxes
                    ),
                    default=1.0,
                )
                if apart > room or (best is None and apart == room):
                    best, room = shares, apart
            if best is not None:
                return best
        return None

    def _on_line(self, i: int, k: int, j: int, share: float) -> Place:
        """The point at a share of the line between columns `i` and `i + 1`."""
        across = self.across[i][k] * (1 - share) + self.across[i + 1][j] * share
        return TURNS[self.direction]((i + share) * self.gap, across)

    def _plain(self, parameter: Parameter) -> str:
        return f"{_short(parameter.label)} {spoken(parameter.span, self.spec)}".strip()

    def _said(self, parameter: Parameter, joint: str) -> str:
        """The label and the number of a parameter, as HTML-like text."""
        number = spoken(parameter.span, self.spec)
        if not is_finite(parameter.span):
            number = f'<FONT COLOR="{ALARM}"><B>{WARNING}{number}</B></FONT>'
        name = _short(parameter.label)
        return f"<I>{written(name)}</I>{joint}{number}" if name else number

    def _all_of(self, parameter: Parameter) -> str:
        lines = [line for line in (parameter.label, parameter.path) if line]
        name = "data" if self.show == "data" else "grad"
        return "\n".join([*lines, f"{name} = {spoken(parameter.span, 'r')}"])

    def _caption(self) -> str:
        """The caption: the scale, and what has been left out."""
        rows = []
        if self.scale.largest:
            what = "weights and biases" if self.show == "data" else "gradients"
            rows.append(scale_sample(self.scale, what, self.spec)["label"][1:-1])
        if any(len(column.shown) < column.size for column in self.columns):
            rows.append(
                f'<FONT POINT-SIZE="10" COLOR="{FAINT}">weights of the units left out'
                " are not drawn</FONT>"
            )
        cells = "".join(f"<TR><TD>{row}</TD></TR>" for row in rows or [" "])
        return f'<TABLE BORDER="0" CELLBORDER="0">{cells}</TABLE>'


def _pinned(place: Place) -> str:
    return f"{place[0]:.1f},{place[1]:.1f}!"


def _input(k: int) -> dict[str, str]:
    size = {"width": "0.45", "height": "0.36", "fixedsize": "true"}
    style = STYLES[Role.INPUT].attributes(alarm=False)
    return {**style, **size, "label": f"x{k + 1}", "fontsize": "11", "tooltip": f"input {k + 1}"}


def _short(label: str) -> str:
    """A label in one short line; the tooltip has all of it."""
    line = visible(label.replace("\n", " "))
    return line if len(line) <= LONGEST_NAME else line[: LONGEST_NAME - 1] + "…"


def _brief(text: str, most: int) -> str:
    """A text without its middle, if it is long; the tooltip has all of it."""
    end = 2 * most // 3
    return text if len(text) <= most else f"{text[: most - end - 1]}…{text[-end:]}"
