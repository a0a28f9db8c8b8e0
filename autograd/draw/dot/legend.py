"""The legend of a picture: a sample of every kind of thing in it, in a separate frame.

Each sample is a node, with the styles of the others, and says what it is. No edge joins them to the
rest, so the layout places them beside the picture.
"""

from __future__ import annotations

from collections.abc import Iterator

from autograd.draw.dot.digraph import Digraph
from autograd.draw.dot.labels import TIMES, WARNING, is_finite
from autograd.draw.dot.marks import leaving
from autograd.draw.dot.scale import Scale
from autograd.draw.dot.styles import (
    BOX,
    CAPTION_SIZE,
    FAINT,
    INK,
    PAPER,
    STYLES,
    TABLE,
    UNIT_BAR,
    UNIT_FILL,
)
from autograd.draw.scene.numbers import Reading
from autograd.draw.scene.parts import Mark, NumberNode, Role, Scene, UnitNode, ValueNode

WORDS = {
    Role.INPUT: "input",
    Role.PARAMETER: "parameter",
    Role.CONSTANT: "constant",
    Role.INTERMEDIATE: "intermediate",
    Role.OUTPUT: "output",
}
BARE = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">'
ROWS = 2  # of samples, along the edges of the picture
STEPS = (-1.0, -0.25, 0.0, 0.25, 1.0)  # of the largest magnitude, shown in the scale


def add_legend(graph: Digraph, scene: Scene, reading: Reading, scale: Scale, spec: str) -> None:
    """Add the legend of a scene to the graph that it has been written to.

    Args:
        graph: the graph.
        scene: what is in the picture.
        reading: its numbers.
        scale: the scale of the edges; left out if its largest is 0.
        spec: the format specification of numbers.
    """
    samples = list(_samples(scene, reading))
    if scale.largest:
        flows = [numbers.flow for numbers in reading.edges if numbers.flow is not None]
        mixed = any(flow.low < 0 < flow.high for flow in flows)
        said = "gradient, two lines of both signs" if mixed else "gradient"
        samples.insert(0, scale_sample(scale, said, spec))
    legend = Digraph("cluster_legend", {"label": "Legend", "fillcolor": PAPER, **BOX})
    for i, sample in enumerate(samples):
        legend.node(f"legend_{i}", **sample)
        if i >= ROWS:
            legend.edge(f"legend_{i - ROWS}", f"legend_{i}", style="invis")
    graph.subgraph(legend)


def _samples(scene: Scene, reading: Reading) -> Iterator[dict[str, str]]:
    nodes = [node for node in scene.nodes if node.name not in scene.marks]
    values = [node for node in nodes if isinstance(node, ValueNode | NumberNode)]
    roles = {node.role for node in values}
    for role in Role:
        if role in roles:
            yield {**_box(role, alarm=False), "label": WORDS[role]}
    if any(isinstance(node, ValueNode) and node.operation for node in scene.nodes):
        table = TABLE.format(color=STYLES[Role.INTERMEDIATE].border)
        label = f"<{table}<TR><TD>operation</TD><VR/><TD>its result</TD></TR></TABLE>>"
        yield {**_box(Role.INTERMEDIATE, alarm=False), "label": label, "margin": "0"}
    if any(isinstance(node, UnitNode) for node in scene.nodes):
        yield {
            "label": f'<<TABLE BORDER="1" CELLBORDER="0" CELLSPACING="0" COLOR="{UNIT_BAR}"'
            f' BGCOLOR="{UNIT_FILL}"><TR><TD BGCOLOR="{UNIT_BAR}"><FONT COLOR="white">'
            "<B>folded</B></FONT></TD></TR><TR><TD>what is in it</TD></TR></TABLE>>",
            "shape": "plain",
        }
    if any(len(node.members) > 1 for node in nodes if not isinstance(node, UnitNode)):
        label = f"<<B>{TIMES} n</B>: drawn once for n<BR/>of them; low to high>"
        yield {"label": label, "shape": "plain"}
    if scene.marks:
        yield {**leaving(Mark(1, 2, is_entry=False)), "label": "<<B>1</B> goes on in another row>"}
    spans = [span for numbers in (*reading.nodes, *reading.edges) for span in numbers]
    if not all(map(is_finite, spans)):
        yield {
            **_box(Role.INTERMEDIATE, alarm=True),
            "label": f"{WARNING} not finite; double line",
        }


def _box(role: Role, *, alarm: bool) -> dict[str, str]:
    return {**STYLES[role].attributes(alarm=alarm), "margin": "0.08,0.05"}


def scale_sample(scale: Scale, what: str, spec: str) -> dict[str, str]:
    """A node that shows strokes of some widths, from the smallest number to the largest.

    Args:
        scale: the scale.
        what: the name of its numbers.
        spec: the format specification of numbers.
    """
    steps = [step * scale.largest for step in STEPS]
    bars = "".join(
        f'<TD WIDTH="34">{BARE}<TR><TD CELLPADDING="0" FIXEDSIZE="TRUE" WIDTH="28"'
        f' HEIGHT="{max(1, round(scale.width(x)))}" BGCOLOR="{scale.colour(x)}"></TD></TR>'
        "</TABLE></TD>"
        for x in steps
    )
    numbers = "".join(
        f'<TD><FONT COLOR="{INK}">{number}</FONT></TD>'
        for number in (
            format(x, spec) if abs(step) in (0, 1) else "&#160;"
            for step, x in zip(STEPS, steps, strict=True)
        )
    )
    text = f'<FONT POINT-SIZE="{CAPTION_SIZE}" COLOR="{FAINT}">{what}; dashed where negative</FONT>'
    return {
        "label": f"<{BARE}<TR><TD>{text}</TD></TR>"
        f"<TR><TD>{BARE}<TR>{bars}</TR><TR>{numbers}</TR></TABLE></TD></TR></TABLE>>",
        "shape": "plain",
    }
