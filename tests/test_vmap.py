"""`vmap` beside the loop that it stands for, and beside NumPy's axes."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, grad, hessian, jit, jvp, mean, relu, sin, vmap
from nn import MLP

np = pytest.importorskip("numpy")


class Point(NamedTuple):
    x: Any
    y: Any


def scaled(row: Any, factor: Any) -> Any:
    """A function of a matrix, in lists or arrays, and a number."""
    return [[sin(x) * factor for x in line] for line in row]


axes = st.integers(-3, 2)


@given(
    st.lists(st.integers(1, 3), min_size=3, max_size=3),
    axes,
    axes,
    st.booleans(),
    st.sampled_from([lambda f: f, jit]),
)
def test_axes_are_those_of_numpy(
    shape: list[int], axis: int, out: int, is_list: bool, compiled: Callable[[Any], Any]
) -> None:
    array = np.arange(np.prod(shape), dtype=float).reshape(shape) / 4 - 1
    factors = np.arange(shape[axis]) + 1.0
    rows = np.moveaxis(array, axis, 0)
    expected = np.moveaxis(np.sin(rows) * factors[:, None, None], 0, out)
    if is_list:
        found = compiled(vmap(scaled, (axis, 0), out))(array.tolist(), factors.tolist())
        assert isinstance(found, list)
    else:
        mapped = vmap(lambda x, k: np.array(scaled(x, k)), (axis, 0), out)
        found = compiled(mapped)(array, factors)
        assert isinstance(found, np.ndarray)
    assert np.shape(found) == expected.shape
    assert np.allclose(np.array(found, float), expected, rtol=1e-15, atol=0)


def cubes(x: Any) -> Any:
    return {"cube": x**3, "both": (x, [2.0 * x])}


@pytest.mark.parametrize("compiled", [lambda f: f, jit])
def test_results_are_trees(compiled: Callable[[Any], Any]) -> None:
    in_lists = compiled(vmap(cubes))([1.0, 2.0])
    assert in_lists == {"cube": [1.0, 8.0], "both": ([1.0, 2.0], [[2.0], [4.0]])}
    in_arrays = compiled(vmap(cubes))(np.array([1.0, 2.0]))
    assert in_arrays["cube"].tolist() == [1.0, 8.0]
    assert isinstance(in_arrays["both"][1], list)  # a tree, as in JAX
    assert in_arrays["both"][1][0].tolist() == [2.0, 4.0]
    assert vmap(lambda p: Point(p.y, p.x))(Point([1.0, 2.0], [3.0, 4.0])) == Point(
        [3.0, 4.0], [1.0, 2.0]
    )


@pytest.mark.parametrize("compiled", [lambda f: f, jit])
def test_trees_have_axes_for_each_item(compiled: Callable[[Any], Any]) -> None:
    def line(p: Any, x: Any) -> Any:
        return p["w"] * x + p["b"][0]

    lines = vmap(line, in_axes=({"w": 0, "b": None}, None))
    assert compiled(lines)({"w": [1.0, 2.0], "b": [5.0]}, 10.0) == [15.0, 25.0]
    everywhere = vmap(line, in_axes=(0, None))
    assert compiled(everywhere)({"w": [1.0, 2.0], "b": [[5.0], [6.0]]}, 10.0) == [15.0, 26.0]
    several = vmap(lambda xs: xs[0] * xs[1], in_axes=([0, None],))
    assert compiled(several)([[1.0, 2.0], 3.0]) == [3.0, 6.0]
    dicts = vmap(lambda row: row["a"] - row["b"])
    assert compiled(dicts)([{"a": 3.0, "b": 1.0}, {"a": 5.0, "b": 9.0}]) == [2.0, -4.0]
    by_name = vmap(lambda x, *, y: x - y)
    assert compiled(by_name)([1.0, 2.0], y=[3.0, 5.0]) == [-2.0, -3.0]
    shared = vmap(lambda x, k: (x * k, k), in_axes=(0, None), out_axes=(0, None))
    assert compiled(shared)([1.0, 2.0], 3.0) == ([3.0, 6.0], 3.0)


def cubic(x: Any) -> Any:
    return x**3 + sin(x)


NUMBERS = [0.5, -1.0, 2.0]


@pytest.mark.parametrize(
    "made",
    [
        vmap(grad(cubic)),
        jit(vmap(grad(cubic))),
        vmap(jit(grad(cubic))),
        vmap(grad(jit(cubic))),
        grad(lambda xs: sum(vmap(cubic)(xs))),
        grad(jit(lambda xs: sum(vmap(cubic)(xs)))),
        jit(grad(lambda xs: sum(vmap(cubic)(xs)))),
        lambda xs: jvp(lambda t: vmap(cubic)([t * 1.0 + x for x in xs]), (0.0,), (1.0,))[1],
    ],
    ids=range(8),
)
@pytest.mark.parametrize("of", [list, np.array])
def test_derivatives_in_either_order(made: Callable[[Any], Any], of: Callable[[Any], Any]) -> None:
    expected = [3 * x * x + np.cos(x) for x in NUMBERS]
    for _ in range(3):
        assert list(made(of(NUMBERS))) == pytest.approx(expected, rel=1e-14)


def test_maps_of_maps() -> None:
    table = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    outer = vmap(vmap(lambda x, y: x * y, (None, 0)), (0, None))
    for f in (outer, jit(outer)):
        assert f([1.0, 2.0], [3.0, 4.0]) == [[3.0, 4.0], [6.0, 8.0]]
    assert vmap(vmap(lambda x: -x), in_axes=1, out_axes=1)(table) == [
        [-x for x in r] for r in table
    ]
    assert vmap(hessian(lambda p: p[0] ** 2 * p[1]))([[2.0, 3.0]]) == [[[6.0, 4.0], [4.0, 0.0]]]


@pytest.mark.parametrize("of", [list, np.array])
def test_a_compiled_model_of_many_rows(of: Callable[[Any], Any]) -> None:
    model = MLP(2, [3, 1], rng=0)
    rows = [[0.5, -1.0], [2.0, 1.0], [0.0, 3.0]]
    compiled = jit(vmap(model))
    loss = mean([y * y for y in compiled(of(rows))])
    loss.backward()
    found = [p.grad for p in model.parameters()]
    model.zero_grad()
    mean([model(row) ** 2 for row in rows]).backward()
    assert found == pytest.approx([p.grad for p in model.parameters()], rel=1e-13)
    for f in (model, jit(model)):
        with pytest.raises(TypeError, match=r"one row at a time: write vmap\(model\)\(rows\)"):
            f(of(rows))


def constant(x: Any, k: Any) -> Any:
    return relu(-x * x)


def uneven(x: Any) -> Any:
    return {"a": x} if x < 1.5 else {"b": x}


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: vmap(3), TypeError, "vmap: expected a function, got int 3"),
        (lambda: vmap(cubic, in_axes="x"), TypeError, "in_axes must be an integer, None, or"),
        (lambda: vmap(cubic, in_axes=(0.5,)), TypeError, r"in_axes\[0\] must be an integer"),
        (lambda: vmap(cubic, out_axes=True), TypeError, "out_axes must be an integer"),
        (lambda: vmap(cubic, (0, 0))([1.0]), ValueError, "2 entries, for 1 arguments"),
        (lambda: vmap(cubic)(2.0), TypeError, "argument x has no axis 0 to map over"),
        (lambda: vmap(cubic, 1)([2.0]), TypeError, r"argument x\[0\] has no axis 0 to map over"),
        (lambda: vmap(cubic, 1)(np.ones(2)), ValueError, r"argument x has no axis 1, .* \(2,\)"),
        (lambda: vmap(cubic, None)(2.0), ValueError, "nothing is mapped over"),
        (lambda: vmap(cubic)([]), ValueError, "argument x has no rows along axis 0"),
        (
            lambda: vmap(lambda xs, ts: xs)([1.0, 2.0], {"t": np.ones(3)}),
            ValueError,
            r"argument xs has 2 along axis 0, argument ts\['t'\] has 3 along axis 0",
        ),
        (
            lambda: vmap(lambda x, *, y: x)([1.0, 2.0], y=[1.0]),
            ValueError,
            "argument x has 2 along axis 0, argument y has 1",
        ),
        (
            lambda: vmap(cubic, ({"a": 0},))({"b": [1.0]}),
            ValueError,
            r"in_axes has dict \{'a': 0\} for argument x",
        ),
        (lambda: vmap(cubic, ((0, 0),))([1.0]), ValueError, "in_axes has tuple"),
        (lambda: vmap(lambda x: None)([1.0]), TypeError, "the result, got None .*`return`"),
        (lambda: vmap(cubic, out_axes=1)([1.0]), ValueError, "out_axes has int 1 for the result"),
        (lambda: vmap(uneven)([1.0, 2.0]), ValueError, "the result differs in structure"),
        (lambda: vmap(uneven)(np.array([1.0, 2.0])), ValueError, "differs in structure"),
        (lambda: vmap(cubic, 0, None)([1.0, 2.0]), ValueError, "differs between the rows"),
        (
            lambda: vmap(constant, (0, None), None)([Value(1.0), Value(2.0)], 3.0),
            ValueError,
            "the result, but it is computed from what is mapped over",
        ),
        (
            lambda: vmap(lambda x: np.ones(int(x)))([1.0, 2.0]),
            ValueError,
            r"different shapes: \(1,\), \(2,\)",
        ),
    ],
)
def test_errors_name_the_argument_and_the_remedy(
    call: Callable[[], Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        call()


def test_a_result_that_must_be_the_same_in_all_rows_is_not_guessed_by_compiled_code() -> None:
    compiled = jit(vmap(lambda x: 2.0 * x, out_axes=None))
    with pytest.warns(RuntimeWarning, match="is computed from what is mapped over"):
        assert compiled([3.0, 3.0]) == 6.0
    with pytest.raises(ValueError, match="differs between the rows"):
        compiled([3.0, 4.0])
    same = jit(vmap(lambda x, k: (k * k, x), (0, None), (None, 0)))
    for k in (1.0, 2.0):
        assert same([3.0, 4.0], k) == (k * k, [3.0, 4.0])
