"""Layers beside `Layer`: outputs and gradients against PyTorch, compiled, drawn; their errors."""

import math
import random
from typing import Any

import pytest

import nn
from autograd import draw, jit, record_scopes, tree
from autograd import sum as total
from nn.tensors import numbers, tensors


def rows(*shape: int, seed: int = 0) -> Any:
    rng = random.Random(seed)

    def make(*shape: int) -> Any:
        return [make(*shape[1:]) for _ in range(shape[0])] if shape else rng.gauss(0, 1)

    return make(*shape)


def attended(module: Any, x: Any, causal: bool = False) -> Any:
    import torch

    mask = torch.triu(torch.ones(len(x), len(x), dtype=torch.bool), 1) if causal else None
    return module(x, x, x, attn_mask=mask, need_weights=False)[0]


# ours, theirs of `torch.nn`, the arguments, and how each is called
LAYERS: dict[str, tuple[Any, Any, tuple[Any, ...], Any, Any]] = {
    "embedding": (
        lambda: nn.Embedding(5, 3, rng=0),
        lambda t: t.Embedding(5, 3),
        ([0, 3, 3, 1],),
        lambda m, x: m(x),
        lambda m, x: m(x.long()),
    ),
    "layer norm": (
        lambda: nn.LayerNorm(4, eps=1e-3),
        lambda t: t.LayerNorm(4, eps=1e-3),
        (rows(4),),
        lambda m, x: m(x),
        lambda m, x: m(x),
    ),
    "rms norm by default": (
        lambda: nn.RMSNorm(3),
        lambda t: t.RMSNorm(3),
        ([1e-8, -2e-8, 0.0],),
        lambda m, x: m(x),
        lambda m, x: m(x),
    ),
    "rms norm": (
        lambda: nn.RMSNorm(4, eps=1e-3),
        lambda t: t.RMSNorm(4, eps=1e-3),
        (rows(4),),
        lambda m, x: m(x),
        lambda m, x: m(x),
    ),
    **{
        f"{name} {bias}": (
            lambda name=name, bias=bias: getattr(nn, name)(3, 4, bias=bias, rng=0),
            lambda t, name=name, bias=bias: getattr(t, name)(3, 4, bias=bias),
            (rows(3), rows(4, seed=1)),
            lambda m, x, h: m(x, h),
            lambda m, x, h: m(x, h),
        )
        for name in ("RNNCell", "GRUCell")
        for bias in (True, False)
    },
    "lstm": (
        lambda: nn.LSTMCell(3, 4, rng=0),
        lambda t: t.LSTMCell(3, 4),
        (rows(3), rows(4, seed=1), rows(4, seed=2)),
        lambda m, x, h, c: m(x, (h, c)),
        lambda m, x, h, c: m(x, (h, c)),
    ),
    "lstm from nothing": (
        lambda: nn.LSTMCell(3, 4, bias=False, rng=0),
        lambda t: t.LSTMCell(3, 4, bias=False),
        (rows(3),),
        lambda m, x: m(x),
        lambda m, x: m(x),
    ),
    "conv1d": (
        lambda: nn.Conv1d(2, 3, 3, stride=2, padding=1, rng=0),
        lambda t: t.Conv1d(2, 3, 3, stride=2, padding=1),
        (rows(2, 6),),
        lambda m, x: m(x),
        lambda m, x: m(x),
    ),
    "conv1d of one channel": (
        lambda: nn.Conv1d(1, 2, 2, bias=False, rng=0),
        lambda t: t.Conv1d(1, 2, 2, bias=False),
        (rows(5),),
        lambda m, x: m(x),
        lambda m, x: m(x[None]),
    ),
    "conv2d": (
        lambda: nn.Conv2d(2, 3, (2, 3), stride=(1, 2), padding=(1, 0), rng=0),
        lambda t: t.Conv2d(2, 3, (2, 3), stride=(1, 2), padding=(1, 0)),
        (rows(2, 3, 5),),
        lambda m, x: m(x),
        lambda m, x: m(x),
    ),
    "attention": (
        lambda: nn.MultiHeadAttention(4, 2, rng=0),
        lambda t: t.MultiheadAttention(4, 2),
        (rows(3, 4),),
        lambda m, x: m(x),
        attended,
    ),
    "causal attention": (
        lambda: nn.MultiHeadAttention(4, 1, bias=False, rng=0),
        lambda t: t.MultiheadAttention(4, 1, bias=False),
        (rows(3, 4),),
        lambda m, x: m(x, causal=True),
        lambda m, x: attended(m, x, causal=True),
    ),
    "attention to others": (
        lambda: nn.MultiHeadAttention(4, 2, rng=0),
        lambda t: t.MultiheadAttention(4, 2),
        (rows(2, 4), rows(3, 4, seed=1)),
        lambda m, x, y: m(x, y),
        lambda m, x, y: m(x, y, y, need_weights=False)[0],
    ),
}
each_layer = pytest.mark.parametrize("name", LAYERS)


def flat(x: Any) -> list[float]:
    return [float(leaf) for leaf in tree.leaves(x)]


@each_layer
def test_outputs_and_gradients_are_those_of_pytorch(torch: Any, name: str) -> None:
    make, their, inputs, call, call_theirs = LAYERS[name]
    ours, theirs = make(), their(torch.nn).double()
    state = {key: rows(*x.shape, seed=7) for key, x in theirs.state_dict().items()}
    ours.load_state_dict(state)  # the same names and shapes
    theirs.load_state_dict({key: torch.tensor(x, dtype=torch.float64) for key, x in state.items()})
    tensors_in = [torch.tensor(x, dtype=torch.float64) for x in inputs]
    expected = call_theirs(theirs, *tensors_in)
    expected = list(expected) if isinstance(expected, tuple) else [expected]
    found = call(ours, *inputs)
    wanted = [x for part in expected for x in part.detach().flatten().tolist()]
    assert flat(found) == pytest.approx(wanted, rel=1e-12, abs=1e-13)

    total([y * y for y in tree.leaves(found)]).backward()
    sum((part * part).sum() for part in expected).backward()
    for key, tensor in tensors(ours).items():
        gradient = dict(theirs.named_parameters())[key].grad.flatten().tolist()
        assert [p.grad for p in numbers(tensor)] == pytest.approx(gradient, rel=1e-11, abs=1e-12)


@each_layer
def test_compiled_they_are_the_same(name: str) -> None:
    make, _, inputs, call, _ = LAYERS[name]
    model = make()
    compiled = jit(lambda *inputs: call(model, *inputs), fallback="raise", compile_after=0)
    for _ in range(2):
        assert flat(compiled(*inputs)) == pytest.approx(flat(call(model, *inputs)), rel=1e-12)
    loss = total([y * y for y in tree.leaves(compiled(*inputs))])
    loss.backward()
    gradients = [p.grad for p in model.parameters()]
    model.zero_grad()
    total([y * y for y in tree.leaves(call(model, *inputs))]).backward()
    assert gradients == pytest.approx([p.grad for p in model.parameters()], rel=1e-11, abs=1e-13)


@each_layer
def test_they_are_drawn_and_listed(name: str) -> None:
    make, _, inputs, call, _ = LAYERS[name]
    model = make()
    with record_scopes() as scopes:
        loss = total([y * y for y in tree.leaves(call(model, *inputs))])
    inside = [scope for scope in scopes.of.values() if scope.module is model]
    assert bool(inside) is (name != "embedding")  # which computes nothing
    assert len(draw(loss, scopes=scopes).source) > 1000
    assert str(len(model.parameters())) in nn.summary(model)
    copy = make()
    copy.load_state_dict(model.state_dict())
    assert repr(copy) == repr(model)
    assert eval(repr(model), vars(nn)).state_dict().keys() == model.state_dict().keys()


def test_an_index_is_an_argument_of_compiled_code() -> None:
    model = nn.Embedding(4, 2, rng=0)
    compiled = jit(lambda i: model(i), fallback="raise")
    for i in (0, 3, 1, 0, 2):
        assert flat(compiled(i)) == [x.data for x in model.weight[i]]
    assert compiled.stats["specialisations"] == 1


@pytest.mark.slow
def test_a_text_is_learned() -> None:
    """An embedding, a recurrent cell and a layer, trained by `fit` on what comes next."""

    class Model(nn.Module):
        def __init__(self) -> None:
            self.embedding = nn.Embedding(3, 4, rng=0)
            self.cell = nn.GRUCell(4, 6, rng=1)
            self.out = nn.Layer(6, 3, False, rng=2)

        def __call__(self, tokens: Any) -> Any:
            state = None
            for token in tokens:
                state = self.cell(self.embedding(token), state)
            return self.out(state)

    text = [0, 1, 2, 1] * 3
    inputs = [text[i : i + 2] for i in range(10)]
    targets = text[2:12]
    model = Model()
    nn.fit(
        model, (inputs, targets), loss=nn.cross_entropy, epochs=150,
        optimizer=nn.Adam(model.parameters(), lr=0.05),
    )  # fmt: skip
    assert nn.accuracy(nn.predict(model, inputs), targets) == 1.0


class OneNumber:
    """As a tensor of PyTorch without dimensions, which has `__iter__` too."""

    shape = ()

    def __iter__(self) -> Any:
        raise TypeError("iteration over a 0-d tensor")


def compiled(model: Any) -> Any:
    made = jit(lambda i: model(i), compile_after=0)
    made(1)
    return made


@pytest.mark.parametrize(
    ("use", "kind", "said"),
    [
        (lambda: nn.Embedding(0, 2), ValueError, "Embedding: count"),
        (lambda: nn.Embedding(3, 2)(3), IndexError, r"Embedding\(3, 2\): .* below 3, got int 3"),
        (lambda: nn.Embedding(3, 2)(-1), IndexError, "at least 0 and below 3, got int -1"),
        (lambda: nn.Embedding(3, 2)(math.nan), IndexError, r"Embedding\(3, 2\): .*got float nan"),
        (lambda: compiled(nn.Embedding(3, 2))(-1), IndexError, r"Embedding\(3, 2\): expected"),
        (lambda: compiled(nn.Embedding(3, 2))(3), IndexError, r"Embedding\(3, 2\): expected"),
        (lambda: nn.Embedding(3, 2)([OneNumber()]), TypeError, r"write tokens\.tolist\(\)"),
        (lambda: nn.Embedding(3, 2)({0: 1}), TypeError, "expected an index"),
        (lambda: nn.Embedding(3, 2)(0.5), ValueError, "whole"),
        (lambda: nn.Embedding(3, 2)("a"), TypeError, "expected an index"),
        (lambda: nn.LayerNorm(2, eps=-1.0), ValueError, "eps"),
        (lambda: nn.LayerNorm(2)([1.0]), ValueError, "expected 2 inputs, got 1"),
        (lambda: nn.RMSNorm(2)([1.0, "x"]), TypeError, "expected a number"),
        (lambda: nn.GRUCell(2, 3)([1.0]), ValueError, "expected 2 inputs, got 1"),
        (lambda: nn.GRUCell(2, 3)({0: 1.0, 1: 2.0}), TypeError, "expected a row of inputs"),
        (lambda: nn.GRUCell(2, 3)({1.0, 2.0}), TypeError, "expected a row of inputs"),
        (lambda: nn.Layer(2, 3)({0: 1.0, 1: 2.0}), TypeError, "expected a row of inputs"),
        (lambda: nn.MLP(1, [1])({0: 1.0}), TypeError, "expected a row of inputs"),
        (lambda: nn.Layer(2, 3)([OneNumber()] * 2), TypeError, r"write row\.tolist\(\)"),
        (lambda: nn.Layer(2, 3)(OneNumber()), TypeError, "expected a row of inputs"),
        (lambda: nn.LSTMCell(1, 3)([1.0], [0.0] * 3), TypeError, "a pair of rows, got list"),
        (lambda: nn.LSTMCell(1, 2)([1.0], [0.0] * 2), TypeError, "expected a row of inputs"),
        (lambda: nn.LSTMCell(1, 3)([1.0], ([0.0] * 3,)), TypeError, r"write cell\(row, \(state"),
        (lambda: nn.LSTMCell(1, 3)([1.0], 0.0), TypeError, "a pair of rows, got float 0.0"),
        (lambda: nn.GRUCell(2, 3)([1.0, 2.0], [0.0]), ValueError, "expected 3 inputs, got 1"),
        (lambda: nn.Conv1d(2, 1, 3)([[1.0, 2.0]]), ValueError, "expected 2 channels, .* got 1"),
        (lambda: nn.Conv1d(1, 1, 3)([[1.0, 2.0]]), ValueError, "smaller than the weights"),
        (lambda: nn.Conv2d(1, 1, 1)([[[1.0, 2.0], [3.0]]]), ValueError, "differ in length"),
        (lambda: nn.Conv1d(1, 1, 2)(3.0), TypeError, "each a list of numbers, got float 3.0"),
        (lambda: nn.Conv1d(1, 1, 2)(None), TypeError, "expected 1 channels"),
        (lambda: nn.Conv1d(1, 1, 2)("abc"), TypeError, "expected 1 channels"),
        (lambda: nn.Conv1d(2, 1, 2)([[1.0, 2.0], 3.0]), TypeError, "a channel that is float 3.0"),
        (lambda: nn.Conv1d(1, 1, 2)([["a", "b"]]), TypeError, r"Conv1d\(1, 1, 2\): input"),
        (lambda: nn.Conv1d(1, 1, 2)([[1.0, None]]), TypeError, r"Conv1d\(1, 1, 2\): input"),
        (lambda: nn.Conv1d(1, 1, 1)([[[1.0], [2.0]]]), TypeError, r"Conv1d\(1, 1, 1\): input"),
        (lambda: nn.Conv2d(2, 1, 2)([[1.0, 2.0], [3.0]]), TypeError, "each a list of rows, got"),
        (lambda: nn.Conv2d(1, 1, 2)([[]]), ValueError, "but there are no rows"),
        (lambda: nn.Conv2d(1, 1, 1)([[["a"]]]), TypeError, r"Conv2d\(1, 1, 1\): input"),
        (lambda: nn.Conv2d(1, 1, 1)([{0: [1.0]}]), TypeError, "a channel that is dict"),
        (lambda: nn.Conv2d(1, 1, (1, 2, 3)), ValueError, "a number or two"),
        (lambda: nn.Conv2d(1, 1, 1, stride=0), ValueError, "stride"),
        (lambda: nn.MultiHeadAttention(4, 3), ValueError, "no multiple of heads"),
        (lambda: nn.MultiHeadAttention(2)([]), ValueError, "at least one row"),
        (lambda: nn.MultiHeadAttention(2)(None), TypeError, "expected a list of rows, got None"),
        (lambda: nn.MultiHeadAttention(1)([[1.0]], 3), TypeError, "a list of rows, got int 3"),
        (
            lambda: nn.MultiHeadAttention(1)([[1.0]], causal="no"),  # type: ignore[arg-type]
            TypeError,
            "causal must be True or False, got str 'no'",
        ),
    ],
)
def test_what_does_not_fit_is_named(use: Any, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        use()
