"""The neurons of a layer stand in their order."""

import re
import xml.etree.ElementTree as ElementTree

import pytest
from strength import slowly

from autograd import Value
from autograd import sum as total
from autograd.draw import draw
from autograd.draw.arguments import Direction
from autograd.draw.dot.rows import MOST_ORDERED, rows_of
from autograd.draw.scene.parts import Scene, UnitNode
from nn import MLP

pytestmark = pytest.mark.usefixtures("without_process")

SVG = "{http://www.w3.org/2000/svg}"
TITLE = "{http://www.w3.org/1999/xlink}title"


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("direction", ["LR", slowly("RL"), slowly("TB"), "BT"])
@pytest.mark.parametrize("sizes", [[4, 1], [12, 3], [16, 16, 1]])
def test_neurons_stand_from_the_first_to_the_last(direction: Direction, sizes: list[int]) -> None:
    model = MLP(2, sizes, activation="tanh", rng=0)
    loss = total([y for x in (0.1, 0.2) for y in _outputs(model, x)])
    svg = draw(loss, model=model, detail="neurons", direction=direction).render("svg")
    places: dict[int, list[tuple[float, int]]] = {}
    across = "y" if direction in ("LR", "RL") else "x"
    for group in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        said = [a.get(TITLE) or "" for a in group.iter(f"{SVG}a") if group.get("class") == "node"]
        if found := re.match(r"layers\.(\d+)\.neurons\.(\d+)", "".join(said[:1])):
            text = next(group.iter(f"{SVG}text"))
            at = float(text.get(across) or "nan")
            places.setdefault(int(found[1]), []).append((at, int(found[2])))
    assert len(places) == len(sizes)
    for layer, size in enumerate(sizes):
        assert [neuron for _, neuron in sorted(places[layer])] == list(range(size))


def _outputs(model: MLP, x: float) -> list[Value]:
    outputs = model([x, 1.0])
    return [outputs] if isinstance(outputs, Value) else list(outputs)


def test_long_rows_are_left_to_graphviz() -> None:
    def rows(count: int) -> int:
        units = [UnitNode(f"u{i}", f"a.b.{i}", (), (i,), box="b0") for i in range(count)]
        return len(rows_of(Scene("neurons", tuple(units), ()))["b0"])

    assert (rows(1), rows(2), rows(MOST_ORDERED), rows(MOST_ORDERED + 1)) == (0, 1, 1, 0)
