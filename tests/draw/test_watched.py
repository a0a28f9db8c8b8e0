"""What a page shows of a network beside its graph: parameters, samples, maps, and moments."""

import base64
import math
import warnings
from array import array
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, maximum, no_grad
from autograd.draw import record
from autograd.draw.moment import Moments
from autograd.draw.page.frames import Frame
from autograd.draw.page.network import network_of
from autograd.draw.page.parameters import MOST_USES, Parameters
from autograd.draw.page.places import EveryPlace
from autograd.draw.page.samples import samples_of
from autograd.draw.scene.numbers import numbers_of_backward
from autograd.draw.scene.plan import plan
from autograd.graph import topological_order
from nn import MLP, Layer, Module, Neuron, binary_cross_entropy, mean_squared_error

numbers = st.floats(-2.0, 2.0)
batches = st.lists(st.tuples(numbers, numbers), min_size=2, max_size=6, unique=True)
details = st.sampled_from(["neurons", "nodes", "layers"])
seeds = st.integers(0, 999)


def network(seed: int, *sizes: int) -> MLP:
    return MLP(2, sizes or (3, 1), activation="tanh", output_activation="sigmoid", rng=seed)


def loss_of(model: Any, rows: Any) -> Value:
    loss: Value = mean_squared_error([model(row) for row in rows], [row[0] > 0 for row in rows])
    return loss


# Parameters


@given(batches, seeds, details)
def test_parameters_have_the_gradients_of_a_batch(rows: Any, seed: int, detail: Any) -> None:
    model = network(seed)
    loss = loss_of(model, rows)
    made = plan([loss], model, detail)
    order = made.structure.order
    parameters = Parameters(made)
    numbers = parameters.read(numbers_of_backward(order, order[made.outputs[0]]))
    model.zero_grad()
    loss.backward()
    listed = dict(model.named_parameters())
    assert [one.path for one in parameters.all] == list(listed)
    count = len(listed)
    assert list(numbers[:count]) == [one.data for one in listed.values()]
    assert list(numbers[count : 2 * count]) == [one.grad for one in listed.values()]
    at = 2 * count
    for one, parameter in zip(parameters.all, listed.values(), strict=True):
        assert one.all_uses == len(one.uses) == len(rows)
        flows = []
        for use in range(len(one.uses)):
            adjoint, local, flow = numbers[at + 3 * use : at + 3 * use + 3]
            assert flow == pytest.approx(adjoint * local)
            flows.append(flow)
        assert sum(flows) == pytest.approx(parameter.grad)
        at += 3 * len(one.uses)
    assert at == len(numbers)


def test_of_many_uses_only_the_first_have_numbers() -> None:
    w = Neuron(1, nonlin=False, bias=False, rng=0)
    made = plan([sum((w([float(k)]) for k in range(50)), Value(0.0))], w)
    [one] = Parameters(made).all
    assert (one.all_uses, len(one.uses)) == (50, MOST_USES)
    long = MLP(40, [50], rng=0)
    large = Parameters(plan([loss_of_row(long, [0.5] * 40)], long), is_training=True)
    assert len(large.all) == 2000  # of 2,050
    assert all(len(one.uses) == 1 for one in large.all)


@pytest.mark.parametrize("sizes", [(3, 2), (60, 40, 20, 2), (50, 50)])
def test_every_line_of_the_network_has_its_parameter(sizes: tuple[int, ...]) -> None:
    model = MLP(10, sizes, rng=0)
    shown = network_of(model)
    assert shown is not None
    parameters = Parameters(plan([loss_of_row(model, [0.5] * 10)], model), shown=shown.paths)
    listed = [path for path, _ in model.named_parameters()]
    assert parameters.count == len(listed)
    assert len(parameters.all) == min(len(listed), 2000)
    paths = list(parameters.by_path)
    assert paths == [path for path in listed if path in set(paths)]  # in their order
    for layer in shown.described(parameters.by_path)["layers"]:
        for unit in layer["units"]:
            assert [paths[n] for n in (*unit["weights"], unit["bias"])] == [
                path for path in shown.paths if path.startswith(f"{unit['path']}.")
            ]


def loss_of_row(model: Any, row: Any) -> Value:
    total: Value = sum(model(row), Value(0.0))
    return total


# Samples


@given(batches, seeds, st.sampled_from(["neurons", "layers"]))
def test_a_sample_has_its_own_numbers(rows: Any, seed: int, detail: Any) -> None:
    model = network(seed)
    made = plan([loss_of(model, rows)], model, detail)
    found = samples_of(made.structure, made.scene)
    assert found is not None
    assert found.count == len(rows)
    order = made.structure.order
    graph = numbers_of_backward(order, order[made.outputs[0]])
    frame = Frame.of(made.scene, graph, samples=found)
    where = next(n for n, one in enumerate(made.scene.nodes) if one.name == ends_in(made.scene))
    for row, columns in zip(rows, frame.samples, strict=True):
        (low, high), *_ = columns
        with no_grad():
            said = model(row).data
        assert low[where] == high[where] == said
    flows = [columns[3] for columns in frame.samples]
    for e, edge in enumerate(made.scene.edges):
        each = [low[e] for low, _ in flows]
        whole_low, whole_high = (side[e] for side in frame.columns[3])
        if len(edge.members) == len(rows) and not math.isnan(whole_low):
            assert (min(each), max(each)) == (whole_low, whole_high)


def ends_in(scene: Any) -> str:
    """The node of the last layer."""
    units = [node.name for node in scene.nodes if hasattr(node, "repeats")]
    return str(units[-1])


def test_what_is_of_other_samples_has_no_part_in_one() -> None:
    model = network(0)
    rows = [(0.0, 1.0), (1.0, 0.5), (0.5, 0.5), (1.0, 1.0)]
    loss = binary_cross_entropy([model(row) for row in rows], [0.0, 1.0, 0.0, 1.0])
    made = plan([loss], model, "neurons")
    found = samples_of(made.structure, made.scene)
    assert found is not None
    assert found.count == 4
    absent = found.absent()
    assert absent[0] == absent[2] != absent[1] == absent[3]
    assert set(absent[0]).isdisjoint(absent[1])
    names = [made.scene.nodes[n] for n in absent[0] + absent[1]]
    assert {len(node.members) for node in names} == {2}  # those of the targets 0, and those of 1


@pytest.mark.parametrize("detail", ["neurons", "layers"])
def test_what_is_computed_from_all_samples_leaves_each_its_own(detail: Any) -> None:
    model = network(0)
    rows = [(0.0, 1.0), (1.0, 0.5), (0.5, -0.5), (1.0, 1.0)]
    hidden = [model.layers[0](row) for row in rows]
    penalty = sum((x * x for row in hidden for x in row), Value(0.0))
    loss = mean_squared_error([model.layers[1](row) for row in hidden], [0.0, 1.0, 0.0, 1.0])
    made = plan([loss + 0.1 * penalty], model, detail)
    found = samples_of(made.structure, made.scene)
    assert found is not None
    owned = [set(members_of(scene)) for scene in found.scenes]
    shared = set.intersection(*owned)
    order = made.structure.order
    for row, own in zip(hidden, owned, strict=True):
        assert {x for x in row if x in {order[i] for i in own - shared}} == set(row)
    assert len(set.union(*owned)) == sum(len(own - shared) for own in owned) + len(shared)


def members_of(scene: Any) -> list[int]:
    """The Values in a scene."""
    return [i for node in scene.nodes for i in node.members if isinstance(i, int)]


def test_without_a_batch_there_are_no_samples() -> None:
    x = Value(2.0)
    made = plan([x * x + 1])
    assert samples_of(made.structure, made.scene) is None


@given(st.lists(st.integers(2, 6), min_size=1, max_size=3), st.booleans(), seeds)
def test_neurons_are_no_samples(widths: list[int], is_known: bool, seed: int) -> None:
    """One row has none, whether or not the model is known, however it is folded.

    Those of a layer that are drawn as one may be chosen by number, or all but one that is opened.
    """
    model = MLP(3, [*widths, 1], activation="tanh", rng=seed)
    output = model([2.0, 3.0, -1.0])
    for most in (60, 14):
        made = plan([output], model if is_known else None, max_nodes=most)
        found = samples_of(made.structure, made.scene)
        assert found is None or (found.word == "" and {found.count, found.count + 1} & {*widths})


@given(st.integers(5, 40), st.integers(6, 60), st.booleans())
def test_turns_of_a_loop_are_no_samples(turns: int, most: int, is_labelled: bool) -> None:
    height, speed, x = Value(100.0, "height"), Value(0.0, "velocity"), Value(0.1)
    for t in range(turns):
        speed = speed + (-9.81 - 0.1 * speed) * x
        height = height + (speed + t / 2) * 0.1
        speed.label, height.label = ("v", "h") if is_labelled else ("", "")
    made = plan([height], max_nodes=most)
    assert samples_of(made.structure, made.scene) is None


@given(st.integers(2, 7), st.booleans(), seeds)
def test_rows_are_called_samples_where_a_model_tells(count: int, is_known: bool, seed: int) -> None:
    """Else they are told apart all the same, if nothing but rows is drawn as one: never neurons."""
    model = MLP(2, [3, 1], activation="tanh", rng=seed)
    rows = [(k / 7 + 0.1, 1 - k / 3) for k in range(count)]
    found_rows = [model(row) for row in rows]
    loss = sum((x - k / 5) ** 2 for k, x in enumerate(found_rows))
    made = plan([loss], model if is_known else None, max_nodes=40)
    found = samples_of(made.structure, made.scene)
    assert found is not None or not is_known
    if found is not None:
        assert (found.count, found.word) == (count, "sample" if is_known else "")
        owned = [set(members_of(scene)) for scene in found.scenes]
        shared = set.intersection(*owned)
        index = {value: i for i, value in enumerate(made.structure.order)}
        for x, own in zip(found_rows, owned, strict=True):
            assert index[x] in own - shared


def test_what_is_alike_is_no_sample_for_certain() -> None:
    made = plan([sum(v * v for v in [Value(k / 7) for k in range(79)])])
    found = samples_of(made.structure, made.scene)
    assert found is not None
    assert (found.count, found.word, len(found.scenes)) == (79, "", 16)
    for k, scene in enumerate(found.scenes):
        several = [node.members for node in made.scene.nodes if len(node.members) == 79]
        one = [node.members for node in scene.nodes if len(node.members) == 1]
        assert len(one) == len(made.scene.nodes)
        assert len(several) == 3
        assert {made.structure.order[i].data for (i,) in one if isinstance(i, int)} >= {k / 7}


# Maps


class Twice(Module):
    """A model that is not its layers, one after the other."""

    def __init__(self) -> None:
        self.one = Layer(2, 3, activation="tanh", rng=0)
        self.two = Layer(3, 1, activation="identity", rng=1)

    def __call__(self, row: Any) -> Value:
        result: Value = self.two([2.0 * x for x in self.one(row)])
        return result


class Chain(Twice):
    """The same as its layers."""

    def __call__(self, row: Any) -> Value:
        result: Value = self.two(self.one(row))
        return result


def maps_of(model: Any, said: Callable[[Any], Any] | None = None) -> Any:
    rows = [(-1.0, -1.0), (1.0, 1.0)]
    recording = record(model=model, boundary=(said or model, rows, [0, 1]), boundary_size=5)
    recording(loss_of(model, rows))
    recording._page()
    kept = recording._drawn[0].sample
    assert kept is not None
    return kept.maps


@pytest.mark.parametrize("make", [lambda: network(3, 4, 2, 1), Chain, lambda: Neuron(2, rng=0)])
def test_a_map_is_what_a_unit_computes(make: Callable[[], Any]) -> None:
    model = make()
    layers = getattr(model, "layers", None) or [
        getattr(model, name, model) for name in (("one", "two") if hasattr(model, "one") else ("",))
    ]
    maps = maps_of(model)
    places = [[x, y] for y in (1.2, 0.0, -1.2) for x in (-1.2, 0.0, 1.2)]
    for k, (x, y) in enumerate(places):
        row: Any = [x, y]
        said = []
        with no_grad():
            for layer in layers:
                outputs = layer(row)
                row = outputs if isinstance(outputs, list) else [outputs]
                said += [output.data for output in row]
        assert [unit[k] for unit in maps] == pytest.approx(said, abs=1e-12)


def test_a_model_that_is_not_its_layers_has_no_maps() -> None:
    model = Twice()
    assert network_of(model) is not None
    assert maps_of(model) == []
    assert maps_of(network(0), lambda row: 0.5) != []
    assert network_of(Value(1.0)) is None
    assert network_of(None) is None


@given(st.lists(st.floats() | st.floats(-1e-307, 1e-307), min_size=4, max_size=4))
def test_a_map_has_levels_whatever_its_numbers_are(outputs: list[float]) -> None:
    of_one = network_of(Neuron(2, activation="tanh", rng=0))
    assert of_one is not None
    frames = [[array("d", outputs)]] * 2
    levels = base64.b64decode(of_one.painted(frames)["pixels"])
    ordered = sorted(zip(outputs, levels, strict=False), key=lambda pair: pair[0])
    known = [level for x, level in ordered if not math.isnan(x)]
    assert known == sorted(known) or any(map(math.isnan, outputs))
    assert all(1 <= level <= 255 for level in levels)


@given(st.lists(st.floats(), min_size=4, max_size=4))
def test_a_map_is_painted_from_the_middle(outputs: list[float]) -> None:
    of_one = network_of(Neuron(2, activation="sigmoid", rng=0))
    assert of_one is not None
    painted = of_one.painted([[array("d", outputs)]])
    pixels = base64.b64decode(painted["pixels"])
    [scale] = painted["scales"]
    assert scale["middle"] == 0.5
    for x, pixel in zip(outputs, pixels, strict=True):
        if math.isnan(x):
            assert pixel == 128
        else:
            assert (pixel > 128) <= (x > 0.5)
            assert (pixel < 128) <= (x < 0.5)


@pytest.mark.parametrize(
    "f",
    [
        pytest.param(lambda row: [row[0] * row[1]], id="compiled"),
        pytest.param(lambda row: [math.sin(row[0]) + float(row[1])], id="only plain"),
        pytest.param(lambda row: [1.0 / row[0]], id="fails at a place"),
        pytest.param(lambda row: [maximum(row[0], row[1])], id="a kink"),
        pytest.param(lambda row: ["no number"], id="no number"),
    ],
)
def test_every_place_is_what_a_call_gives(f: Callable[[Any], Any]) -> None:
    places = [[x, y] for x in (-1.0, 0.0, 2.0) for y in (0.5, -0.0)]
    every = EveryPlace(f, places, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # it says nothing of what it cannot compile
        for _ in range(3):
            for place, [found] in zip(places, every(), strict=True):
                try:
                    expected = float(f(place)[0])
                except (ArithmeticError, ValueError):
                    expected = math.nan
                assert found == expected or (math.isnan(found) and math.isnan(expected))


# Moments


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=6), seeds)
def test_a_moment_is_computed_again_to_the_last_bit(rows: Any, seed: int) -> None:
    model = network(seed)
    batch = lambda epoch: [(x + epoch, Value(y)) for x, y in rows]  # other rows in each epoch
    moments = Moments(loss_of(model, batch(0)))
    then, kept = [], []
    for epoch in range(3):
        loss = loss_of(model, batch(epoch))
        kept.append(moments.read(loss, epoch))
        then.append([value.data for value in topological_order(loss)])
        model.zero_grad()
        loss.backward()
        for parameter in model.parameters():
            parameter.data -= parameter.grad
    now = [parameter.data for parameter in model.parameters()]
    for moment, expected in reversed(list(zip(kept, then, strict=True))):
        with moments.at(moment) as root:
            assert [value.data for value in topological_order(root)] == expected
    assert [parameter.data for parameter in model.parameters()] == now


def test_the_rows_of_a_full_batch_are_kept_once() -> None:
    model = network(0)
    rows = [(0.5, 1.0), (1.0, -1.0)]
    moments = Moments(loss_of(model, rows))
    first, second = (moments.read(loss_of(model, rows), epoch) for epoch in range(2))
    assert first.plain is second.plain


def sampled(recording: Any) -> list[Any]:
    recording._page()
    return [drawn.sample for drawn in recording._drawn.values()]


def test_the_plane_is_that_of_weights_that_were_replaced_since() -> None:
    model = network(0)
    rows, said = [(0.0, 0.0), (1.0, 1.0)], []
    recording = record(model=model, boundary=(model, rows, [0, 1]), boundary_size=3)
    for _ in range(3):
        recording(loss_of(model, rows))
        with no_grad():
            said.append([model([x, 1.0]).data for x in (0.0, 0.5, 1.0)])
            said[-1] += [unit.data for unit in model.layers[0]([0.0, 1.0])]
        for layer in model.layers:
            for neuron in layer.neurons:
                neuron.weights = [Value(w.data + 0.5) for w in neuron.weights]
    for sample, expected in zip(sampled(recording), said, strict=True):
        assert [*sample.grid[0], *(unit[0] for unit in sample.maps[:3])] == pytest.approx(expected)


def test_of_weights_replaced_after_a_skipped_epoch_the_plane_is_unknown() -> None:
    model = Neuron(2, rng=0)
    rows = [(0.0, 0.0), (1.0, 1.0)]
    recording = record(model=model, boundary=(model, rows, [0, 1]), boundary_size=3, max_frames=2)
    for _ in range(4):
        recording(loss_of(model, rows))
        model.weights = [Value(w.data + 0.5) for w in model.weights]
    with pytest.warns(RuntimeWarning, match="epoch 3: .* other parameters since"):
        *_, last = sampled(recording)
    assert all(math.isnan(x) for row in [*last.grid, *last.maps] for x in row)


def test_what_does_something_else_when_compiled_is_called() -> None:
    w = Value(1.0)
    predict = lambda row: w * row[0] if isinstance(row[0], float) else w * 7.0
    recording = record(boundary=(predict, [(0, 0), (1, 1)], [0, 1]), boundary_size=2)
    for number in (2.0, 3.0):
        w.data = number
        recording(w * w)
    assert [list(sample.grid[0]) for sample in sampled(recording)] == [[0.25, 1.75], [0.375, 2.625]]


@pytest.mark.parametrize(
    "error", [KeyError("no such row"), ValueError("math domain error"), AssertionError()]
)
def test_a_boundary_that_fails_at_a_place_costs_only_that(error: Exception) -> None:
    w = Value(1.0)

    def predict(row: Any) -> Value:
        if row[0] > 0.5:
            raise error
        return w * row[0]

    recording = record(boundary=(predict, [(0, 0), (1, 1)], [0, 1]), boundary_size=2)
    for number in (2.0, 3.0):
        w.data = number
        recording(w * w)
    with pytest.warns(RuntimeWarning, match="predict raises, as for the row .*0.875") as warned:
        first, second = sampled(recording)
    assert len(warned) == 1
    assert (first.grid[0][0], second.grid[0][0]) == (0.25, 0.375)
    assert math.isnan(first.grid[0][1])


def test_a_boundary_that_depends_on_more_than_the_parameters_is_left_out() -> None:
    w, state = Value(1.0), {"epoch": 0}
    recording = record(boundary=(lambda row: row[0] * w + state["epoch"], [(0, 0), (1, 1)], [0, 1]))
    for epoch in range(2):
        state["epoch"] = epoch
        recording(w * w)
    with pytest.warns(RuntimeWarning, match=r"epoch 0: the boundary is left out.* model=\.\.\."):
        first, second = sampled(recording)
    assert all(math.isnan(x) for row in first.grid for x in row)
    assert all(math.isfinite(x) for row in second.grid for x in row)
