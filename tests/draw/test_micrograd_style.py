"""Networks as micrograd and many who learn from it write them: neurons as sums of products."""

import builtins
import random
from collections.abc import Callable, Iterator, Sequence

import pytest
from scenes import assert_sound

from autograd import Value, tanh
from autograd.draw.scene.parts import NumberNode, OperationNode, Role, UnitNode, ValueNode
from autograd.draw.scene.plan import Plan, plan


class Neuron:
    def __init__(self, inputs: int, rng: random.Random, nonlin: bool) -> None:
        self.w = [Value(rng.uniform(-1, 1)) for _ in range(inputs)]
        self.b = Value(0.0)
        self.nonlin = nonlin

    def __call__(self, x: Sequence[Value | float]) -> Value:
        act = builtins.sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b)
        return tanh(act) if self.nonlin else act


class MLP:
    def __init__(self, sizes: Sequence[int], linear: bool) -> None:
        rng = random.Random(0)
        self.layers = [
            [Neuron(n, rng, not linear or i < len(sizes) - 2) for _ in range(sizes[i + 1])]
            for i, n in enumerate(sizes[:-1])
        ]

    def __call__(self, x: Sequence[Value | float]) -> list[Value]:
        for layer in self.layers:
            x = [neuron(x) for neuron in layer]
        return [y for y in x if isinstance(y, Value)]

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        for i, layer in enumerate(self.layers):
            for j, neuron in enumerate(layer):
                for k, w in enumerate(neuron.w):
                    yield f"layers.{i}.neurons.{j}.w.{k}", w
                yield f"layers.{i}.neurons.{j}.b", neuron.b


ROWS = [[0.5, -1.0], [1.5, 2.0], [-0.5, 0.25], [0.0, 1.0], [1.0, 0.0]]


def batch_loss(model: MLP, rows: Sequence[Sequence[Value | float]]) -> Value:
    loss = builtins.sum((model(row)[0] - 1.0) ** 2 for row in rows)
    assert isinstance(loss, Value)
    return loss


def units(made: Plan) -> list[tuple[str, int]]:
    return sorted((n.title, n.repeats) for n in made.scene.nodes if isinstance(n, UnitNode))


NEURONS = [*(f"layers.0.neurons.{i}" for i in range(4)), "layers.1.neurons.0"]


@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize("given", [float, Value])
def test_a_batch_is_drawn_as_one_network(linear: bool, given: Callable[[float], Value]) -> None:
    model = MLP([2, 4, 1], linear)
    loss = batch_loss(model, [[given(x) for x in row] for row in ROWS])
    neurons = plan([loss], model=model, detail="neurons")
    assert_sound(neurons)
    assert units(neurons) == [(name, 5) for name in NEURONS]
    leaves = [n for n in neurons.scene.nodes if isinstance(n, NumberNode | ValueNode)]
    assert [len(n.members) for n in leaves if n.role is Role.INPUT] == [5, 5]
    assert not [n for n in leaves if n.role is Role.PARAMETER]
    layers = plan([loss], model=model, detail="layers")
    assert units(layers) == [("layers.0", 5), ("layers.1", 5)]


@pytest.mark.parametrize("linear", [False, True])
def test_each_use_of_a_layer_is_a_box_that_says_which(linear: bool) -> None:
    model = MLP([2, 4, 1], linear)
    loss = batch_loss(model, ROWS)
    made = plan([loss], model=model, detail="nodes")
    assert_sound(made)
    outer = [(box.title, box.use) for box in made.scene.boxes if box.parent is None]
    assert sorted(outer) == [(f"layers.{i}", f"{k} of 5") for i in range(2) for k in range(1, 6)]
    inner = [box for box in made.scene.boxes if box.parent is not None]
    assert len(inner) == 25
    assert {box.use for box in inner} == {""}


@pytest.mark.parametrize("detail", ["nodes", "neurons"])
def test_what_is_added_to_a_linear_neuron_is_not_in_it(detail: str) -> None:
    model = MLP([2, 4, 2], linear=True)
    one, other = model([1.0, 2.0])
    made = plan([one + other + 3], model=model, detail=detail)
    assert_sound(made)
    if detail == "neurons":
        assert units(made) == [(name, 1) for name in [*NEURONS, "layers.1.neurons.1"]]
    outside = [n for n in made.scene.nodes if isinstance(n, OperationNode) and n.box is None]
    assert len(outside) == (2 if detail == "nodes" else 1)


@pytest.mark.parametrize("detail", ["nodes", "neurons", "layers"])
@pytest.mark.parametrize(
    "penalty",
    [
        lambda p: 0.5 * p * p,
        lambda p: 0.5 * (p * p),
        lambda p: p * p * 0.5,
        lambda p: 0.5 * p**2,
        lambda p: 0.1 * abs(p),
        lambda p: p * p,
    ],
)
def test_a_penalty_is_outside_of_the_neurons(
    detail: str, penalty: Callable[[Value], Value]
) -> None:
    model = MLP([2, 4, 1], linear=True)
    loss = batch_loss(model, ROWS)
    bare = plan([loss], model=model, detail=detail)
    added = builtins.sum(penalty(p) for _, p in model.named_parameters())
    made = plan([loss + added * 0.1], model=model, detail=detail)
    assert_sound(made)
    assert units(made) == units(bare)
    assert [box.title for box in made.scene.boxes] == [box.title for box in bare.scene.boxes]
    if detail == "neurons":  # by layer and name, not weight by weight
        drawn = [n for n in made.scene.nodes if isinstance(n, ValueNode) and n.path]
        assert sorted((n.path, len(n.members)) for n in drawn) == [
            ("layers.0.neurons.*.b", 4),
            ("layers.0.neurons.*.w.*", 8),
            ("layers.1.neurons.0.b", 1),
            ("layers.1.neurons.0.w.*", 4),
        ]
