"""Data of any kind of number: one program, and the training of the same numbers as floats."""

import random
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strength import slowly

import nn
from nn.columns import of_one_kind
from nn.compiled_steps import CompiledSteps

np = pytest.importorskip("numpy")

SOURCE = random.Random(0)
BITS = [[SOURCE.randrange(2), SOURCE.randrange(2)] for _ in range(26)]
TRUTH = [a ^ b for a, b in BITS]

SCALARS: dict[str, list[Callable[[int], Any]]] = {
    "bool": [bool],
    "int": [int],
    "Fraction": [Fraction],
    "Decimal": [Decimal],
    "np.bool": [np.bool_],
    "np.float32": [np.float32],
    "np.int8": [np.int8],
    "mixed": [bool, int, float, Fraction, Decimal, np.bool_, np.float32, np.int64],
}
WHOLE: dict[str, Callable[[Any], Any]] = {
    "array of bools": lambda x: np.array(x, bool),
    "array of integers": np.array,
    "array of float32": lambda x: np.array(x, np.float32),
    "tuples": lambda x: [tuple(row) if isinstance(row, list) else row for row in x],
}


def of_kinds(kinds: list[Callable[[int], Any]]) -> Callable[[Any], Any]:
    draw = random.Random(1)

    def convert(x: Any) -> Any:
        return [convert(y) for y in x] if isinstance(x, list) else draw.choice(kinds)(x)

    return convert


KINDS = {**{name: of_kinds(kinds) for name, kinds in SCALARS.items()}, **WHOLE}


def train(
    rows: Any, targets: Any, jit: bool, loss: Any = nn.mean_squared_error, model: Any = None
) -> tuple[list[float], list[float]]:
    model = model or nn.MLP(2, [3, 1], activation="tanh", rng=0)
    history = nn.fit(
        model,
        (rows, targets),
        loss=loss,
        optimizer=nn.SGD(model.parameters(), lr=0.1),
        epochs=8,
        batch_size=6,
        rng=0,
        jit=jit,
        validation=(rows, targets),
    )
    return history["loss"] + history["val_loss"], [p.data for p in model.parameters()]


FLOATS = [[float(x) for x in row] for row in BITS], [float(t) for t in TRUTH]


@cache
def as_floats() -> tuple[list[float], list[float]]:
    """The training of the same numbers as floats."""
    return train(*FLOATS, jit=False)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("part", [slowly("rows"), slowly("targets"), "both"])
def test_any_kind_is_trained_as_floats_are(
    kind: str, part: str, steppers: list[CompiledSteps]
) -> None:
    convert = KINDS[kind]
    rows = FLOATS[0] if part == "targets" else convert(BITS)
    targets = FLOATS[1] if part == "rows" else convert(TRUTH)
    expected = as_floats()
    assert train(rows, targets, jit=False) == expected
    losses, parameters = train(rows, targets, jit=True)
    assert losses == pytest.approx(expected[0], rel=1e-9)
    assert parameters == pytest.approx(expected[1], rel=1e-9, abs=1e-12)
    (stepper,) = steppers
    assert stepper.compiled == 8 * 5
    assert len(stepper.memory["specialisations"]) == 2  # one of six rows, one of two
    assert [len(known) for known in stepper.memory["specialisations"].values()] == [1, 1]


def test_weights_of_samples_beside_the_targets(steppers: list[CompiledSteps]) -> None:
    def weighted(outputs: list[Any], targets: list[Any]) -> Any:
        pairs = zip(outputs, targets, strict=True)
        return sum(w * (y - t) ** 2 for y, (t, w) in pairs) / len(outputs)

    floats = [(float(t), 1.0 + i % 3 / 2) for i, t in enumerate(TRUTH)]
    mixed = [(bool(t), Fraction(w) if i % 2 else w) for i, (t, w) in enumerate(floats)]
    expected = train(BITS, floats, False, weighted)
    for jit in (False, True):
        losses, _ = train(BITS, mixed, jit, weighted)
        assert losses == pytest.approx(expected[0], rel=1e-9)
    assert steppers[0].compiled == 8 * 5


class Picked(nn.MLP):
    """Takes the numbers of a row from wherever they are."""

    def __init__(self, pick: Callable[[Any], list[Any]]) -> None:
        super().__init__(2, [3, 1], activation="tanh", rng=0)
        self.pick = pick

    def __call__(self, inputs: Any) -> Any:
        return super().__call__(self.pick(inputs))


ROWS: dict[str, tuple[list[Any], Callable[[Any], list[Any]]]] = {
    "lists and tuples": ([tuple(row) if i % 3 else list(row) for i, row in enumerate(BITS)], list),
    "dicts of bools": (
        [{"a": bool(a), "b": bool(b)} for a, b in BITS],
        lambda row: [row["a"], row["b"]],
    ),
    "dicts of bools and floats": (
        [{"a": bool(a), "b": float(b)} for a, b in BITS],
        lambda row: [row["a"], row["b"]],
    ),
}


@pytest.mark.parametrize("kind", ROWS)
def test_rows_of_several_containers_are_one_program(
    kind: str, steppers: list[CompiledSteps]
) -> None:
    rows, pick = ROWS[kind]
    expected = train(BITS, TRUTH, False)
    for jit in (False, True):
        losses, parameters = train(rows, TRUTH, jit, model=Picked(pick))
        assert losses == pytest.approx(expected[0], rel=1e-9)
        assert parameters == pytest.approx(expected[1], rel=1e-9, abs=1e-12)
    (stepper,) = steppers
    assert stepper.compiled == 8 * 5
    assert [len(known) for known in stepper.memory["specialisations"].values()] == [1, 1]


@pytest.mark.slow
def test_rows_that_differ_in_every_batch_end_in_plain_steps(steppers: list[CompiledSteps]) -> None:
    words = ["yes" if t else "no" for t in TRUTH]

    def loss(outputs: list[Any], targets: list[Any]) -> Any:
        numbers = [float(t == "yes") for t in targets]
        return nn.mean_squared_error(outputs, numbers)

    expected = train(BITS, words, False, loss)
    with pytest.warns(RuntimeWarning, match="differ in length or in text"):
        losses, _ = train(BITS, words, True, loss)
    assert losses == pytest.approx(expected[0], rel=1e-9)
    (stepper,) = steppers
    assert len(stepper.memory["specialisations"]) <= 16


@pytest.mark.parametrize(
    "pick",
    [
        lambda row: [1.0 if row[0] is True else -1.0, row[1]],
        lambda row: [2.0 if isinstance(row[0], bool) else 1.0, row[1]],
        lambda row: [1.0 if type(row[0]) is bool else row[0], row[1]],
    ],
    ids=["is True", "isinstance", "type"],
)
def test_a_model_that_asks_for_the_kind_of_a_number_is_not_compiled(
    pick: Callable[[Any], list[Any]], steppers: list[CompiledSteps]
) -> None:
    rows = [[bool(a), bool(b)] for a, b in BITS]
    expected = train(rows, TRUTH, False, model=Picked(pick))
    with pytest.warns(RuntimeWarning, match=r"asks for the type of a number .*compare it"):
        assert train(rows, TRUTH, True, model=Picked(pick)) == expected
    assert steppers[0].compiled == 0


eighths = st.builds(Fraction, st.integers(-9, 9), st.just(8))
numbers = st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | eighths
others = st.none() | st.text(max_size=2)
rows = st.recursive(
    numbers | others,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
    ),
    max_leaves=6,
)


@given(st.lists(rows, max_size=4) | st.lists(st.lists(numbers, min_size=2, max_size=2), max_size=5))
def test_numbers_keep_their_value_and_the_rest_is_untouched(data: list[Any]) -> None:
    before = repr(data)
    made = of_one_kind(data)
    assert repr(data) == before
    assert made == data
    assert type(made) is list
    again = of_one_kind(made)
    assert again is made or repr(again) == repr(made)
    if data and all(type(row) is list and len(row) == 2 for row in data):
        for column in zip(*made, strict=True):
            if all(isinstance(x, int | float | Fraction) for x in column):
                assert len(set(map(type, column))) == 1


def test_columns_keep_their_kinds() -> None:
    assert of_one_kind([True, False]) == [True, False]
    for data, kind in (([True, 2], int), ([True, 0.5], float), ([np.bool_(1), True], bool)):
        assert set(map(type, of_one_kind(data))) == {kind}
    (first, second) = of_one_kind([(3, True, "a"), (4, 0.5, "b")])
    assert [*map(type, first)] == [*map(type, second)] == [int, float, str]
    tokens = [[1, 2, 3], [4], [5, 6]]
    assert of_one_kind(tokens) is tokens
