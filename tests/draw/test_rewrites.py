"""Rewrites show the same numbers in another form."""

import builtins

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, dot, no_grad, tanh
from autograd import sum as total
from autograd.draw.scene.graph_rewrites import gather_sums, unfold_dots, without_identities
from autograd.graph import topological_order
from autograd.testing.programs.expressions import Expression
from autograd.testing.strategies import expressions

NUMBERS = st.floats(-2, 2)


def names(root: Value) -> list[str]:
    return [v.primitive.name for v in topological_order(root) if v.primitive is not None]


@given(expressions(inputs=3, operations=("add", "mul", "tanh", "dot")), NUMBERS, NUMBERS, NUMBERS)
def test_unfolding_keeps_data_and_gradients(
    program: Expression, x: float, y: float, z: float
) -> None:
    leaves = [Value(x), Value(y), Value(z)]
    result = program(leaves)
    result.backward()
    order = topological_order(result)
    before = [(v.data, v.grad, v.operands) for v in order]
    [opened] = unfold_dots([result])
    assert "dot" not in names(opened)
    assert [(v.data, v.grad, v.operands) for v in order] == before
    assert (opened.data, opened.grad) == (result.data, result.grad)
    grads = [leaf.grad for leaf in leaves]
    opened_grads = {id(v): v.grad for v in topological_order(opened)}
    for leaf in leaves:
        leaf.grad = 0.0
    opened.backward()
    assert [leaf.grad for leaf in leaves] == pytest.approx(grads, rel=1e-9, abs=1e-12)
    for v in topological_order(opened):
        if v.primitive is not None:
            assert v.grad == pytest.approx(opened_grads[id(v)], rel=1e-9, abs=1e-12)


@given(expressions(inputs=3, operations=("add", "sub", "mul", "sum")), NUMBERS, NUMBERS, NUMBERS)
def test_gathering_keeps_data_and_gradients(
    program: Expression, x: float, y: float, z: float
) -> None:
    leaves = [Value(x), Value(y), Value(z)]
    result = program(leaves)
    result.backward()
    [gathered] = gather_sums([result])
    assert (gathered.data, gathered.grad, gathered.label) == (result.data, 1.0, "")
    grads = [leaf.grad for leaf in leaves]
    for leaf in leaves:
        leaf.grad = 0.0
    gathered.backward()
    assert [leaf.grad for leaf in leaves] == pytest.approx(grads, rel=1e-9, abs=1e-12)
    assert not [
        v
        for v in topological_order(gathered)
        if v.primitive is not None and v.primitive.name in ("add", "sum")
        for x in v.operands
        if isinstance(x, Value)
        and x.primitive is not None
        and x.primitive.name in ("add", "sum")
        and builtins.sum(x is y for w in topological_order(gathered) for y in w.operands) == 1
    ]


def test_a_dot_of_one_pair_is_a_product() -> None:
    x = Value(2.0)
    [opened] = unfold_dots([dot([x], [3.0])])
    assert names(opened) == ["mul"]
    assert opened.data == 6.0


def test_a_dot_of_many_pairs_is_a_sum_of_products() -> None:
    x = [Value(float(i)) for i in range(3)]
    result = dot(x, [1.0, 2.0, 3.0])
    result.grad, result.label = 0.5, "y"
    [opened] = unfold_dots([result])
    assert names(opened) == ["mul", "mul", "mul", "sum"]
    assert (opened.data, opened.grad, opened.label) == (8.0, 0.5, "y")
    assert [p.grad for p in opened.operands] == [0.5] * 3


def test_the_zero_of_the_built_in_sum_is_left_out() -> None:
    losses = [Value(float(i)) * 2 for i in range(4)]
    [gathered] = gather_sums([builtins.sum(losses)])
    assert len(gathered.operands) == 4
    assert all(a is b for a, b in zip(gathered.operands, losses, strict=True))
    [pair] = gather_sums([builtins.sum(losses[:2])])
    assert pair.primitive is not None
    assert pair.primitive.name == "add"


def test_other_constants_stay() -> None:
    x = Value(1.0)
    [gathered] = gather_sums([x + 1 + x + 0.5])
    assert gathered.operands[1] == 1
    assert len(gathered.operands) == 4


def test_partial_sums_with_a_label_or_other_readers_stay() -> None:
    a, b, c = Value(1.0), Value(2.0), Value(3.0)
    labelled = a + b
    labelled.label = "a + b"
    shared = b + c
    for root in (labelled + c, shared + shared * 2):
        assert gather_sums([root]) == (root,)
    partial = a + b
    whole = partial + c
    assert gather_sums([whole, partial])[0] is whole


def test_what_lies_below_a_change_is_the_same_object() -> None:
    x = Value(1.0)
    below = x * x
    [gathered] = gather_sums([(below + x + x) * 2])
    assert any(v is below for v in topological_order(gathered))
    untouched = below * 3
    assert gather_sums([untouched])[0] is untouched
    assert unfold_dots([untouched])[0] is untouched


def test_within_no_grad() -> None:
    x = Value(1.0)
    result, pair = x + x + x, dot([x, x], [2.0, 3.0])
    with no_grad():
        [gathered], [opened] = gather_sums([result]), unfold_dots([pair])
    assert len(gathered.operands) == 3
    assert len(opened.operands) == 2


def test_long_chains_take_no_recursion() -> None:
    terms = [Value(1.0) for _ in range(100_000)]
    [gathered] = gather_sums([builtins.sum(terms)])
    assert len(gathered.operands) == 100_000
    assert gathered.data == total(terms).data


@given(expressions(inputs=2, operations=("add", "mul", "tanh")), NUMBERS, NUMBERS)
def test_handing_a_number_on_is_no_step(program: Expression, x: float, y: float) -> None:
    """What a trace puts between a Value and what is computed from it, wherever that is."""
    leaves = [Value(x), Value(y)]
    handed = +leaves[1]
    result = +tanh(+program(+leaves[0], +handed) * 2)
    result.backward()
    [plain] = without_identities([result])
    assert names(plain).count("identity") == 1  # the output
    assert (plain.data, plain.grad) == (result.data, 1.0)
    grads = [leaf.grad for leaf in leaves]
    for leaf in leaves:
        leaf.grad = 0.0
    plain.backward()
    assert [leaf.grad for leaf in leaves] == pytest.approx(grads, rel=1e-9, abs=1e-12)


def test_what_is_named_is_kept_though_it_hands_a_number_on() -> None:
    x = Value(2.0)
    copy = +x
    copy.label = "copy"
    [same] = without_identities([copy * 3])
    assert same.operands[0] is copy
    result = x * 3
    assert without_identities([result]) == (result,)
