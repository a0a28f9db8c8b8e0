"""`Value` behaves as the number it holds, and says clearly what it cannot do."""

import math
import operator
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value

BINARY = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.floordiv,
    operator.mod,
    operator.pow,
]
COMPARISONS = [operator.lt, operator.le, operator.eq, operator.ne, operator.gt, operator.ge]
numbers = st.floats(-100, 100).filter(lambda x: abs(x) > 1e-3)


@pytest.mark.parametrize("operation", BINARY)
@given(a=st.floats(0.01, 50), b=st.floats(0.01, 50))
def test_operators_do_what_floats_do(
    operation: Callable[[Any, Any], Any], a: float, b: float
) -> None:
    expected = operation(a, b)
    assert operation(Value(a), Value(b)).data == expected
    assert operation(Value(a), b).data == expected
    assert operation(a, Value(b)).data == expected


@pytest.mark.parametrize("operation", BINARY)
@given(a=st.integers(1, 40), b=numbers.map(abs))
def test_integers_are_floats_beside_a_value(
    operation: Callable[[Any, Any], Any], a: int, b: float
) -> None:
    assert operation(a, Value(b)).data == operation(float(a), b)
    assert operation(Value(b), a).data == operation(b, float(a))


@given(a=numbers, b=numbers)
def test_divmod_and_unary_operators(a: float, b: float) -> None:
    for mixed in (divmod(Value(a), Value(b)), divmod(a, Value(b)), divmod(Value(a), b)):
        assert tuple(x.data for x in mixed) == divmod(a, b)
    assert (-Value(a)).data == -a
    assert (+Value(a)).data == a
    assert abs(Value(a)).data == abs(a)


@pytest.mark.parametrize("compare", COMPARISONS)
@given(a=st.integers(-3, 3), b=st.integers(-3, 3))
def test_comparisons_are_by_value(compare: Callable[[Any, Any], Any], a: int, b: int) -> None:
    expected = compare(a, b)
    assert compare(Value(a), Value(b)) is expected
    assert compare(Value(a), b) is expected
    assert compare(a, Value(b)) is expected
    assert compare(Value(a), Fraction(b)) is expected


def test_comparison_with_what_is_no_number() -> None:
    assert Value(1.0) != "1.0"
    assert not Value(1.0) == None  # noqa: E711, SIM201
    with pytest.raises(TypeError):
        Value(1.0) < "2"  # noqa: B015


def test_hash_is_by_identity() -> None:
    a, b = Value(1.0), Value(1.0)
    assert a == b
    assert len({a, b}) == 2
    assert {a: "a", b: "b"}[a] == "a"


@given(x=st.floats(-1e6, 1e6))
def test_conversions(x: float) -> None:
    v = Value(x)
    assert float(v) == x
    assert int(v) == int(x)
    assert bool(v) is bool(x)
    assert round(v) == round(x)
    assert type(round(v)) is int
    assert round(v, 2) == round(x, 2)
    assert math.floor(v) == math.floor(x)
    assert math.ceil(v) == math.ceil(x)
    assert math.trunc(v) == math.trunc(x)
    assert f"{v:.4f}" == f"{x:.4f}"
    assert f"{v:>12.3e}" == f"{x:>12.3e}"


def test_text() -> None:
    assert repr(Value(2)) == "Value(data=2.0, grad=0.0)"
    assert str(Value(2, label="x")) == "Value(data=2.0, grad=0.0, label='x')"
    assert f"{Value(2)}" == repr(Value(2))


@pytest.mark.parametrize(
    "number",
    [
        2,
        True,
        2.5,
        Fraction(5, 2),
        Decimal("2.5"),
        np.float64(2.5),
        np.float32(2.5),
        np.int64(2),
        np.bool_(True),
        Value(2.5),
    ],
)
def test_numbers_of_all_kinds_become_floats(number: Any) -> None:
    assert type(Value(number).data) is float
    for operation in BINARY:
        for result in (operation(Value(3.0), number), operation(number, Value(3.0))):
            assert type(result) is Value
            assert type(result.data) is float
        assert operation(Value(3.0), number).data == operation(3.0, float(number))
        assert operation(number, Value(3.0)).data == operation(float(number), 3.0)
    v = Value(0.0)
    v.data = number
    assert type(v.data) is float


@pytest.mark.parametrize(
    "other",
    ["2", b"2", None, 2j, [2.0], (2.0,), {}, np.array([1.0, 2.0]), np.array(2.0), np.complex64(2)],
)
def test_what_is_no_number_is_refused_by_name(other: Any) -> None:
    with pytest.raises(TypeError, match=r"^Value: expected a number, got"):
        Value(other)
    v = Value(1.0)
    with pytest.raises(TypeError, match=r"^Value\.data: expected a number, got"):
        v.data = other
    assert v.data == 1.0


@pytest.mark.parametrize("other", ["2", b"2", None, 2j, [2.0], {}, object()])
@pytest.mark.parametrize("operation", BINARY)
def test_operators_refuse_what_is_no_number(operation: Any, other: Any) -> None:
    with pytest.raises(TypeError) as caught:
        operation(Value(1.0, label="speed"), other)
    if type(other) is not object:
        assert "speed" in str(caught.value)
        assert operation.__name__ in str(caught.value)


def test_other_types_may_answer_the_operator_themselves() -> None:
    class Interval:
        def __radd__(self, other: Any) -> str:
            return f"{float(other)} + interval"

    assert Value(1.0) + Interval() == "1.0 + interval"  # type: ignore[comparison-overlap]


def test_label_must_be_text() -> None:
    with pytest.raises(TypeError, match=r"label must be a string, got tuple.*autograd\.primitive"):
        Value(2.0, (Value(1.0),))  # type: ignore[arg-type]
    assert Value(2.0, np.str_("x")).label == "x"


@pytest.mark.parametrize("label", [None, 3, 1.5])
def test_what_is_no_label_is_not_taken_for_operands(label: Any) -> None:
    with pytest.raises(TypeError, match=r"the label must be a string, got [^(]*$"):
        Value(1.0, label)


def test_the_arguments_of_micrograds_constructor_are_told_what_to_write() -> None:
    a, b = Value(1.0), Value(2.0)
    untyped: Any = Value
    for slip in (
        lambda: untyped(3.0, (a, b), "+"),
        lambda: untyped(3.0, (a, b), "+", "c"),
        lambda: untyped(3.0, _children=(a, b)),
        lambda: untyped(3.0, _children=(a, b), _op="+"),
        lambda: untyped(3.0, label="c", _op="+"),
    ):
        with pytest.raises(TypeError, match=r"write the operation itself, as a \+ b.*primitive"):
            slip()


@pytest.mark.parametrize("given", [2.0, 1.0, Value(2.0), [1.0], "yes", 3, True, False, None])
def test_backward_takes_no_gradient(given: Any) -> None:
    x = Value(3.0)
    y: Any = x * x
    with pytest.raises(TypeError, match=r"backward\(create_graph=True\)"):
        y.backward(given)
    if given is not True and given is not False:
        with pytest.raises(TypeError, match="create_graph must be True or False"):
            y.backward(create_graph=given)
    for name in ("gradient", "retain_graph", "grad"):
        with pytest.raises(TypeError, match=rf"expected no argument, got {name}=.*graph is kept"):
            y.backward(**{name: given})
    assert x.grad == 0.0


@pytest.mark.parametrize("grad", [None, "0", [0.0]])
@pytest.mark.parametrize("create_graph", [False, True])
def test_a_gradient_that_is_no_number_is_told_with_the_remedy(
    grad: Any, create_graph: bool
) -> None:
    x = Value(3.0)
    for y in (x * x, x):
        x.grad = grad
        with pytest.raises(TypeError, match=r"gradient of Value.*must be a number.*zero_grad\(\)"):
            y.backward(create_graph=create_graph)


def test_what_is_no_number_is_told_with_the_remedy() -> None:
    x = Value(3.0)
    slips: list[tuple[Callable[[], Any], str]] = [
        (lambda: Value("3"), r"got str '3' \(float\(\) reads"),
        (lambda: Value([1.0, 2.0]), r"got list .*one number: call it for each"),
        (lambda: autograd.exp([x]), r"exp: expected a number, got list .*call it for each"),
        (lambda: x - autograd.grad(abs), r"got function .*\(call it"),  # type: ignore[operator]
    ]
    for slip, text in slips:
        with pytest.raises(TypeError, match=text):
            slip()


def test_value_cannot_be_subclassed() -> None:
    with pytest.raises(TypeError, match="cannot be subclassed"):
        type("Mine", (Value,), {})


ERRORS: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: Value(0.0, "p").log(), ValueError, r"^log\(Value\(.*'p'\)\): "),
    (lambda: Value(-1.0, "p").sqrt(), ValueError, r"^sqrt\(Value\(.*'p'\)\): "),
    (lambda: Value(1000.0, "p").exp(), OverflowError, r"^exp\(Value\(.*'p'\)\): "),
    (lambda: 1 / Value(0.0, "p"), ZeroDivisionError, r"^div\(1\.0, Value\(.*'p'\)\): "),
    (lambda: Value(1.0, "p") / 0, ZeroDivisionError, r"^div\(Value\(.*'p'\), 0\.0\): "),
    (lambda: Value(1.0, "p") % 0, ZeroDivisionError, r"^mod\(Value\(.*'p'\), 0\.0\): "),
    (lambda: Value(1.0, "p") // 0, ZeroDivisionError, r"^floordiv\(Value\(.*'p'\), 0\.0\): "),
    (lambda: Value(0.0, "p") ** -1, ZeroDivisionError, r"Value\(.*'p'\), -1\.0\): "),
    (lambda: Value(-8.0, "p") ** 0.5, ValueError, r"Value\(.*'p'\), 0\.5\): a negative number"),
    (lambda: Value(10.0, "p") ** 1000, OverflowError, r"Value\(.*'p'\), 1000\.0\): "),
]


@pytest.mark.parametrize(("act", "kind", "text"), ERRORS)
def test_arithmetic_errors_name_operation_and_operand(
    act: Callable[[], Any], kind: type[Exception], text: str
) -> None:
    with pytest.raises(kind, match=text):
        act()


def test_history() -> None:
    a, b = Value(2.0), Value(3.0)
    c = a * b
    assert c.operands == (a, b)
    assert c.operands[0] is a
    assert c.primitive is not None
    assert c.primitive.name == "mul"
    assert a.operands == ()
    assert a.primitive is None
    assert (2 - a).operands == (2, a)


def test_names_that_notebooks_for_micrograd_read() -> None:
    a, b = Value(2.0), Value(3.0)
    assert (a * b)._op == "*"
    assert (a**2)._op == "**"
    assert a.relu()._op == "relu"
    assert a._op == ""
    assert a._prev == set()
    assert {id(x) for x in (a * b)._prev} == {id(a), id(b)}
    assert len((a * a)._prev) == 1
    assert sorted(x.data for x in (a + 7)._prev) == [2.0, 7.0]
    for name in ("_prev", "_op"):
        with pytest.raises(AttributeError):
            setattr(a, name, ())


def test_detach() -> None:
    a = Value(2.0, label="a")
    b = (a * 3).detach()
    assert (b.data, b.operands) == (6.0, ())
    assert a.detach().label == "a"
    assert a.detach() is not a


def test_zero_grad_reaches_everything_below() -> None:
    a = Value(2.0)
    b = a * 3
    c = b * b
    c.backward()
    assert a.grad != 0
    c.zero_grad()
    assert [a.grad, b.grad, c.grad] == [0.0, 0.0, 0.0]


def test_methods_and_functions_are_the_same_operations() -> None:
    import autograd

    shared = [name for name in autograd.functions.__all__ if hasattr(Value, name)]
    assert len(shared) > 30
    for name in shared:
        others = [0.4] if name in ("atan2", "fmod", "hypot") else []
        x = Value(1.7 if name == "acosh" else 0.7)
        method = getattr(x, name)(*others)
        function = getattr(autograd, name)(x, *others)
        assert method.data == function.data
        assert method.primitive is function.primitive
    assert Value(0.7).gelu("tanh").data == autograd.gelu(0.7, "tanh")
    assert Value(-0.7).leaky_relu(0.2).data == autograd.leaky_relu(-0.7, 0.2)
    assert Value(-0.7).elu(0.2).data == autograd.elu(-0.7, 0.2)
    with pytest.raises(ValueError, match=r"approximate must be 'none' or 'tanh', got 'fast'"):
        Value(0.7).gelu("fast")
