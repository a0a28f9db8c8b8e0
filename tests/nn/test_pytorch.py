"""To PyTorch and back: tensors by name, equal outputs, and `gradcheck` of its functions."""

import inspect
import math
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value
from nn.tensors import numbers, shape, tensors

ACTIVATIONS = [name for name in {**nn.ACTIVATIONS, **nn.ROW_ACTIVATIONS} if name != "step"]


class Odd(nn.Module):
    """Numbers in all places there are."""

    def __init__(self) -> None:
        shared = nn.Layer(2, 2, rng=0)
        self.scale = Value(3.0)
        self.grid = [[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]]
        self.ragged = [[Value(1.0)], [Value(2.0), Value(3.0)]]
        self.pair = (Value(5.0), Value(6.0))
        self.mixed = [Value(7.0), shared]
        self.named = {"a": Value(8.0), "b": [Value(9.0)]}
        self.again = shared
        self.product = [self.scale * 2]  # no parameter
        self.neuron = nn.Neuron(2, rng=0)
        self.table = self.grid  # tied


MODELS = {
    "odd": Odd,
    "mlp": lambda: nn.MLP(3, [4, 1], rng=1),
    "unbiased": lambda: nn.MLP(3, [4, 2], bias=False, rng=1),
    "layer": lambda: nn.Layer(2, 3, activation="softmax", rng=1),
    "sequential": lambda: nn.Sequential(nn.Layer(2, 3, rng=1), nn.Residual(nn.Layer(3, 3, rng=2))),
}


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
def test_every_parameter_is_in_the_tensors(make: Any) -> None:
    model = make()
    found = tensors(model)
    inside = {id(x) for tensor in found.values() for x in numbers(tensor)}
    assert inside == {id(p) for p in model.parameters()}
    assert all(shape(tensor) is not None for tensor in found.values())
    state = model.state_dict()
    for p in model.parameters():
        p.data = 0.0
    model.load_state_dict(state)
    assert model.state_dict() == state
    moved = {name: _plus_one(tensor) for name, tensor in state.items()}
    model.load_state_dict(moved)
    assert model.state_dict() == moved


def _plus_one(tensor: Any) -> Any:
    return [_plus_one(x) for x in tensor] if isinstance(tensor, list) else tensor + 1.0


def test_names_and_shapes() -> None:
    found = {name: shape(tensor) for name, tensor in Odd().state_dict().items()}
    assert found == {
        "scale": (),
        "grid": (2, 2),
        "ragged.0": (1,),
        "ragged.1": (2,),
        "pair": (2,),
        "mixed.0": (),
        "mixed.1.weight": (2, 2),
        "mixed.1.bias": (2,),
        "named.a": (),
        "named.b": (1,),
        "neuron.weights": (2,),
        "neuron.bias": (),
        "table": (2, 2),
    }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda s: s.pop("scale"), "lacks the parameter scale of the model$"),
        (lambda s: s.update(size=s.pop("scale")), "parameter scale of the model; it has size$"),
        (
            lambda s: s.update({f"0.{name}": s.pop(name) for name in list(s)}),
            r"\(and 12 more\) of the model; it has 0\.scale, 0\.grid, 0\.ragged\.0, \.\.\.$",
        ),
        (lambda s: s.update(scale=Unreadable()), "scale: its numbers cannot be read: no data"),
        (lambda s: s.update(other=1.0), "has a parameter other, which the model lacks"),
        (lambda s: s.update(pair=[1.0]), r"pair: expected the shape \(2,\), got \(1,\)"),
        (lambda s: s.update(pair=[[1.0], 2.0]), r"pair: expected the shape \(2,\), got None"),
        (lambda s: s.update(scale="x"), "scale: "),
        (lambda s: s.update(table=[[0.0, 0.0]] * 2), "has 1.0 in one and 0.0 in the other"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(change: Any, said: str) -> None:
    model = Odd()
    state = model.state_dict()
    before = model.state_dict()
    change(state)
    with pytest.raises((ValueError, TypeError), match=said):
        model.load_state_dict(state)
    assert model.state_dict() == before


class Unreadable:
    """As a tensor of PyTorch on the device `meta`."""

    def tolist(self) -> Any:
        raise NotImplementedError("no data")


@pytest.mark.parametrize(
    "table",
    [
        {"a.b": Value(1.0), "a": {"b": Value(2.0)}},
        {1: Value(1.0), "1": Value(2.0)},
        {1: [Value(1.0), Value(3.0)], "1": [Value(2.0)]},
    ],
)
def test_two_tensors_of_one_name_are_an_error(table: Any) -> None:
    model: Any = nn.Sequential()
    model.table = table
    for use in (model.state_dict, lambda: model.load_state_dict({"table.1": 0.0})):
        with pytest.raises(ValueError, match=r"two parameters have the same name, table\.(a\.b|1)"):
            use()


def outputs(model: Any, row: list[float]) -> list[float]:
    found = model(row)
    return [x.data for x in (found if isinstance(found, list) else [found])]


def assert_same(torch: Any, ours: Any, theirs: Any, rng: random.Random) -> None:
    for scale in (0.1, 1.0, 10.0):
        row = [rng.gauss(0, scale) for _ in range(3)]
        expected = theirs(torch.tensor(row, dtype=torch.float64)).tolist()
        assert outputs(ours, row) == pytest.approx(expected, rel=1e-12, abs=1e-12)


@given(
    seed=st.integers(0, 999),
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    names=st.tuples(*[st.sampled_from(ACTIVATIONS)] * 2),
    bias=st.booleans(),
    dropout=st.sampled_from([0.0, 0.5]),
)
def test_networks_there_and_back(
    torch: Any, seed: int, sizes: list[int], names: Any, bias: bool, dropout: float
) -> None:
    from nn.torch import from_torch, to_torch

    hidden, last = names
    model = nn.MLP(
        3, sizes, activation=hidden, output_activation=last, bias=bias, rng=seed, dropout=dropout
    )
    rng = random.Random(seed)
    theirs = to_torch(model).eval()
    assert_same(torch, model, theirs, rng)
    back = from_torch(theirs)
    assert repr(back) == repr(model) or (dropout and len(sizes) == 1) or hidden == "identity"
    assert back.state_dict() == {**model.state_dict()}
    assert_same(torch, back, theirs, rng)
    assert_same(torch, back, to_torch(back).eval(), rng)
    before = model.state_dict()
    for parameter in theirs.parameters():
        parameter.data.zero_()
    assert model.state_dict() == before  # nothing is shared


def test_sequences_of_pytorch(torch: Any) -> None:
    from nn.torch import from_torch, to_torch

    t = torch.nn
    theirs = t.Sequential(
        t.Tanh(),
        t.Linear(3, 4),
        t.Identity(),
        t.ReLU(),
        t.Sequential(t.Dropout(0.25), t.Linear(4, 4, bias=False), t.GELU(), t.Sigmoid()),
        t.Linear(4, 2),
        t.Softmax(dim=1),
    )
    theirs = theirs.double().eval()
    theirs[-1].dim = -1
    ours = from_torch(theirs)
    assert isinstance(ours, nn.Sequential)
    assert_same(torch, ours, theirs, random.Random(0))
    with pytest.raises(TypeError, match="to_torch: "):
        to_torch(nn.Sequential(nn.Residual(nn.Layer(2, 2))))
    state = {name: x.numpy() for name, x in to_torch(ours.layers[1]).state_dict().items()}
    assert list(state) == ["0.weight", "0.bias"]


def test_what_has_no_counterpart_is_named(torch: Any) -> None:
    from nn.torch import from_torch, to_torch

    t = torch.nn
    for module, said in [
        (t.Sequential(t.Linear(2, 2), t.Conv3d(1, 1, 1)), "got Conv3d"),
        (t.Sequential(t.Linear(2, 2), t.Softmax(dim=0)), "expected dim=-1"),
        (t.Sequential(t.Embedding(3, 2, padding_idx=0)), "expected padding_idx=None"),
        (t.LayerNorm(2, elementwise_affine=False), "expected elementwise_affine=True"),
        (t.LayerNorm(2, bias=False), "expected parameters of {'weight': .*'bias'"),
        (t.LayerNorm((2, 2)), "expected parameters of"),
        (t.Conv1d(2, 2, 3, groups=2), "expected groups=1"),
        (t.Conv2d(1, 1, 3, padding="same"), "expected the padding as numbers"),
        (t.Conv2d(1, 1, 3, padding=1, padding_mode="circular"), "padding_mode='zeros'"),
        (t.RNNCell(2, 2, nonlinearity="relu"), "nonlinearity='tanh'"),
        (t.Sequential(t.MultiheadAttention(2, 1)), "is in a Sequential, .* by itself"),
        (t.MultiheadAttention(2, 1, dropout=0.5), "expected dropout=0.0"),
        (t.MultiheadAttention(2, 1, add_bias_kv=True), "expected bias_k=None, bias_v=None"),
        (t.MultiheadAttention(2, 1, add_zero_attn=True), "expected add_zero_attn=False"),
        (t.MultiheadAttention(2, 1, kdim=3), "expected parameters of"),
        (t.Flatten(0), "expected start_dim=1"),
        (t.Sequential(t.Flatten(1, 2), t.Linear(2, 2)), "expected end_dim=-1"),
        (t.BatchNorm1d(2, affine=False), "expected affine=True"),
        (t.BatchNorm1d(2, track_running_stats=False), "expected track_running_stats=True"),
        (t.BatchNorm1d(2, momentum=None), "momentum: expected a number"),
        (t.BatchNorm2d(2), "make the model in nn"),
        (t.Sequential(t.Linear(2, 2), t.LeakyReLU(0.3)), "expected negative_slope=0.01"),
        (t.Sequential(t.Linear(2, 2), t.GELU("tanh")), "approximate"),
        (t.ReLU(), "got ReLU"),
    ]:
        with pytest.raises(TypeError, match=said):
            from_torch(module)
    with pytest.raises(ValueError, match="at least one Linear"):
        from_torch(t.Sequential(t.Identity()))
    with pytest.raises(TypeError, match="'step' has no counterpart"):
        to_torch(nn.MLP(2, [3, 1], activation="step"))
    with pytest.raises(TypeError, match="is in a Sequential"):
        to_torch(nn.Sequential(nn.MultiHeadAttention(2)))
    for model in (3, nn.MLP, nn.Neuron(2), nn.Residual(nn.Layer(2, 2))):
        with pytest.raises(TypeError, match="has no counterpart: expected"):
            to_torch(model)


def others(x: Any) -> list[Any]:
    """Other settings of the kind of this one."""
    if isinstance(x, bool):
        return [not x]
    return {float: [0.3, 2.0], int: [0, 3], str: ["tanh", "relu"]}.get(type(x), [])


def test_an_option_of_an_activation_is_heeded_or_refused(torch: Any) -> None:
    from nn.torch import from_torch
    from nn.torch_pairs import ACTIVATIONS

    rows = torch.tensor([[0.4, -1.5, 3.0], [25.0, 0.0, -4.0]], dtype=torch.float64)
    tried = 0
    for make in ACTIVATIONS.values():
        kind = type(make())
        for name in sorted({*inspect.signature(kind).parameters} - {"inplace", "args", "kwargs"}):
            for setting in others(getattr(make(), name) if name != "dim" else 1):
                theirs = torch.nn.Sequential(
                    torch.nn.Linear(3, 3).double(), kind(**{name: setting})
                )
                tried += 1
                try:
                    ours = from_torch(theirs)
                except TypeError as error:
                    assert f"expected {name}=" in str(error)  # noqa: PT017
                    continue
                for row, expected in zip(rows, theirs(rows).tolist(), strict=True):
                    assert outputs(ours, row.tolist()) == pytest.approx(expected, rel=1e-8)
    assert tried >= 8


OPTIONS = {
    "Embedding": ((4, 3), {"padding_idx": 0, "max_norm": 0.5, "norm_type": 1.0, "sparse": True}),
    "LayerNorm": ((3,), {"eps": 0.5, "elementwise_affine": False, "bias": False}),
    "RMSNorm": ((3,), {"eps": 0.5, "elementwise_affine": False}),
    "BatchNorm1d": (
        (3,),
        {
            "eps": 0.5, "momentum": 0.3, "affine": False, "track_running_stats": False,
            "bias": False,
        },
    ),
    "Linear": ((3, 2), {"bias": False}),
    "Conv1d": (
        (2, 2, 2),
        {
            "stride": 2, "padding": 1, "dilation": 2, "groups": 2, "bias": False,
            "padding_mode": "reflect",
        },
    ),
    "Conv2d": (
        (2, 2, 2),
        {
            "stride": (1, 2), "padding": (0, 1), "dilation": (1, 2), "groups": 2, "bias": False,
            "padding_mode": "circular",
        },
    ),
    "RNNCell": ((3, 2), {"bias": False, "nonlinearity": "relu"}),
    "GRUCell": ((3, 2), {"bias": False}),
    "LSTMCell": ((3, 2), {"bias": False}),
    "Flatten": ((), {"start_dim": 2, "end_dim": 1}),
    "MultiheadAttention": (
        (2, 2),
        {
            "dropout": 0.5, "bias": False, "add_bias_kv": True, "add_zero_attn": True, "kdim": 3,
            "vdim": 3, "batch_first": True,
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_of_a_layer_is_heeded_or_refused(torch: Any, name: str) -> None:
    from nn.torch import from_torch
    from nn.torch_reading import PAIRED

    assert {kind.__name__ for kind in PAIRED} <= {*OPTIONS}
    kind = getattr(torch.nn, name)
    arguments, options = OPTIONS[name]
    known = {*inspect.signature(kind).parameters} - {"device", "dtype", "scale_grad_by_freq"}
    assert known - {*options} == set([*inspect.signature(kind).parameters][: len(arguments)]) | (
        {"_weight", "_freeze"} if name == "Embedding" else set()
    )
    row = {"Embedding": [1, 0], "Conv1d": [[0.5, -1.0, 2.0, 0.1]] * 2}.get(name, [0.5, -1.0, 2.0])
    row = [[[0.5, -1.0, 2.0, 0.1]] * 3] * 2 if name in ("Conv2d", "Flatten") else row
    row = [[0.5, -1.0], [2.0, 0.1]] if name == "MultiheadAttention" else row
    for option, setting in options.items():
        theirs = kind(*arguments, **{option: setting}).double().eval()
        try:
            ours = from_torch(theirs)
        except TypeError as error:
            assert "expected" in str(error)  # noqa: PT017
            continue
        x = torch.tensor(row, dtype=None if name == "Embedding" else torch.float64)
        if name == "MultiheadAttention":
            made = theirs(x, x, x)[0]
        else:
            made = theirs(x[None])[0] if name in ("Flatten", "BatchNorm1d") else theirs(x)
        wanted = [
            z
            for part in (made if isinstance(made, tuple) else (made,))
            for z in flat(part.tolist())
        ]
        with autograd.no_grad():
            found = [float(z) for z in autograd.tree.leaves(ours(row))]
        assert found == pytest.approx(wanted, rel=1e-12, abs=1e-14), option


class Doubled(nn.MLP):
    def __call__(self, inputs: Any, *, key: Any = None) -> Any:
        return 2 * super().__call__(inputs, key=key)


class Shifted(nn.Layer):
    def __call__(self, inputs: Any) -> Any:
        return [x + 1 for x in super().__call__(inputs)]


class Squared(nn.Neuron):
    def __call__(self, inputs: Any) -> Any:
        return super().__call__(inputs) ** 2


def with_neuron(**change: Any) -> nn.Layer:
    layer = nn.Layer(2, 2, rng=0)
    for name, x in change.items():
        setattr(layer.neurons[0], name, x)
    return layer


def with_one_shared() -> nn.MLP:
    model = nn.MLP(2, [2, 1], rng=0)
    model.layers[1].neurons[0].weights[0] = model.layers[0].neurons[0].weights[0]
    return model


def with_squared() -> nn.Layer:
    layer = nn.Layer(2, 1, rng=0)
    layer.neurons = [Squared(2, rng=0)]
    return layer


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Doubled(2, [3, 1]), "Doubled has a __call__ of its own"),
        (lambda: nn.Sequential(Shifted(2, 3)), "Shifted has a __call__ of its own"),
        (lambda: with_neuron(activation=autograd.tanh), "expected neurons with one activation"),
        (with_squared, "expected neurons with one activation"),
        (lambda: with_neuron(bias=None), "expected Values in weight, found them in"),
        (lambda: with_neuron(weights=[1.0, 2.0]), "expected Values in weight, bias"),
        (with_one_shared, "a parameter is in two tensors that differ"),
    ],
)
def test_what_its_class_does_not_say_is_not_left_out(torch: Any, make: Any, said: str) -> None:
    from nn.torch import to_torch

    with pytest.raises(TypeError, match=said):
        to_torch(make())


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_what_a_module_does_beside_its_class_is_not_left_out(torch: Any) -> None:
    from torch.nn.utils import parametrizations, prune, weight_norm

    from nn.torch import from_torch

    t = torch.nn

    class Scaled(t.Sequential):  # type: ignore[misc, name-defined]
        def forward(self, x: Any) -> Any:
            return 2 * super().forward(x)

    def changed(change: Any) -> Any:
        made = t.Sequential(t.Linear(2, 2), t.Tanh())
        change(made)
        return made

    hook = lambda module, x, out=None: None
    for module in (
        changed(lambda m: m[0].register_forward_hook(hook)),
        changed(lambda m: m[1].register_forward_pre_hook(hook)),
        changed(lambda m: m.register_forward_hook(hook)),
        changed(lambda m: setattr(m[0], "forward", lambda x: x)),
        changed(lambda m: prune.l1_unstructured(m[0], "weight", 0.5)),
        changed(lambda m: weight_norm(m[0])),
        changed(lambda m: parametrizations.weight_norm(m[0])),
    ):
        with pytest.raises(TypeError, match=r"a forward of its own|got Param"):
            from_torch(module)
    with pytest.raises(TypeError, match=r"expected a torch\.nn\.Sequential of .*, got Scaled"):
        from_torch(Scaled(t.Linear(2, 2)))


def test_what_is_shared_stays_shared(torch: Any) -> None:
    from nn.torch import from_torch, to_torch

    t = torch.nn
    layer, table = nn.Layer(2, 2, rng=0), nn.Embedding(3, 2, rng=1)
    theirs, embedding = t.Linear(2, 2), t.Embedding(3, 2)
    tied = t.Sequential(t.Linear(2, 2), t.Linear(2, 2, bias=False))
    tied[1].weight = tied[0].weight
    ours = nn.Sequential(layer, autograd.softmax, layer)
    for model, module in (
        (ours, t.Sequential(theirs, t.Tanh(), theirs)),
        (nn.Sequential(table, table), t.Sequential(embedding, embedding)),
        (nn.Sequential(nn.Layer(2, 3, rng=0)), tied),
    ):
        made, back = to_torch(model), from_torch(module)
        assert sum(p.numel() for p in made.parameters()) == len(model.parameters())
        assert sum(p.numel() for p in module.parameters()) == len(back.parameters())
        again = to_torch(back)
        assert sum(p.numel() for p in again.parameters()) == len(back.parameters())
    row = torch.tensor([1.0, -2.0], dtype=torch.float64)
    back = from_torch(tied.double())
    assert outputs(back, row.tolist()) == pytest.approx(tied(row).tolist(), rel=1e-12)
    assert outputs(back, row.tolist()) == pytest.approx(to_torch(back)(row).tolist(), rel=1e-12)


OTHERS = {
    "embedding": (lambda: nn.Embedding(4, 3, rng=0), [[1, 3, 3]]),
    "layer norm": (lambda: nn.LayerNorm(3, eps=1e-3), [[1.0, 2.0, 4.0]]),
    "rms norm": (lambda: nn.RMSNorm(3), [[1.0, 2.0, 4.0]]),
    "conv1d": (lambda: nn.Conv1d(2, 3, 2, stride=2, padding=1, rng=0), [[[1.0, 2.0]] * 2]),
    "conv2d": (
        lambda: nn.Conv2d(1, 2, (1, 2), stride=(1, 2), padding=(1, 0), bias=False, rng=0),
        [[[[1.0, 2.0, -1.0], [0.5, 0.0, 3.0]]]],
    ),
    "rnn": (lambda: nn.RNNCell(2, 3, rng=0), [[1.0, 2.0], [0.1, 0.2, 0.3]]),
    "gru": (lambda: nn.GRUCell(2, 3, bias=False, rng=0), [[1.0, 2.0], [0.1, 0.2, 0.3]]),
    "lstm": (lambda: nn.LSTMCell(2, 3, rng=0), [[1.0, 2.0]]),
    "flatten": (
        lambda: nn.Sequential(
            nn.Conv2d(1, 2, 2, rng=0), autograd.tanh, nn.Flatten(), nn.Layer(4, 1, rng=1)
        ),
        [[[[1.0, 2.0, -1.0], [0.5, 0.0, 3.0]]]],
    ),
    "norm in a sequence": (
        lambda: nn.Sequential(nn.Layer(2, 3, activation="tanh", rng=0), nn.RMSNorm(3, eps=0.1)),
        [[1.0, 2.0]],
    ),
    "indexes in a sequence": (lambda: nn.Sequential(nn.Embedding(4, 3, rng=0)), [[1, 2]]),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_layers_there_and_back(torch: Any, name: str) -> None:
    from nn.torch import from_torch, to_torch

    make, inputs = OTHERS[name]
    model = make()
    theirs = to_torch(model)
    is_index = isinstance(inputs[0][0], int)
    given = [torch.tensor(x, dtype=None if is_index else torch.float64) for x in inputs]
    if name == "flatten":
        given = [torch.stack([x, x]) for x in given]  # a batch
    expected = theirs(*given)
    expected = expected[:1] if name == "flatten" else expected
    expected = expected if isinstance(expected, tuple) else (expected,)
    wanted = [x for part in expected for x in part.detach().flatten().tolist()]
    back = from_torch(theirs)
    assert repr(back) == repr(model)
    for ours in (model, back):
        found = [float(x) for x in autograd.tree.leaves(ours(*inputs))]
        assert found == pytest.approx(wanted, rel=1e-12, abs=1e-14)
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.zero_()
    assert back.state_dict() == model.state_dict()  # nothing is shared


@given(
    shape=st.sampled_from([(1, 1), (2, 1), (4, 2), (6, 3)]),
    bias=st.booleans(),
    counts=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    seed=st.integers(0, 999),
)
def test_attention_there_and_back(
    torch: Any, shape: Any, bias: bool, counts: tuple[int, int], seed: int
) -> None:
    from nn.torch import from_torch, to_torch

    rng = random.Random(seed)
    model = nn.MultiHeadAttention(*shape, bias=bias, rng=rng)
    for parameter in model.parameters():
        parameter.data = rng.gauss(0, 1)
    rows, others = ([[rng.gauss(0, 1) for _ in range(shape[0])] for _ in range(n)] for n in counts)
    x, y = (torch.tensor(given, dtype=torch.float64) for given in (rows, others))
    theirs = to_torch(model)
    back = from_torch(theirs)
    assert repr(back) == repr(model)
    assert back.state_dict() == model.state_dict()
    above = torch.ones(len(rows), len(rows), dtype=torch.bool).triu(1)
    for ours in (model, back):
        for options, expected in [
            ({}, theirs(x, x, x)),
            ({"others": others}, theirs(x, y, y)),
            ({"causal": True}, theirs(x, x, x, attn_mask=above)),
        ]:
            made = ours(rows, **options)
            wanted = expected[0].tolist()
            assert [*map(len, made)] == [*map(len, wanted)]
            found = [z.data for row in made for z in row]
            assert found == pytest.approx(flat(wanted), rel=1e-12, abs=1e-12)


def test_attention_shares_what_is_shared(torch: Any) -> None:
    from nn.torch import from_torch, to_torch

    model = nn.MultiHeadAttention(2, 1, rng=0)
    model.in_proj_weight[4:] = [neuron.weights for neuron in model.out_proj.neurons]
    with pytest.raises(TypeError, match="a parameter is in two tensors that differ"):
        to_torch(model)
    theirs = torch.nn.MultiheadAttention(2, 1)
    theirs.in_proj_bias.data[:2] = 1.0
    back = from_torch(theirs.double())
    for parameter in back.parameters():
        parameter.data = 0.0
    assert back([[1.0, 2.0]])[0][0].data == 0.0
    assert theirs.in_proj_bias[0].item() == 1.0


def test_sequences_that_were_made_of_ours_go_back(torch: Any) -> None:
    """Activations that stand alone, or after one another, have a counterpart."""
    from nn.torch import from_torch, to_torch

    t = torch.nn
    theirs = t.Sequential(t.ReLU(), t.Linear(3, 3), t.Tanh(), t.GELU(), t.Conv1d(1, 1, 1))[:4]
    ours = from_torch(theirs.double())
    assert_same(torch, ours, to_torch(ours), random.Random(0))
    assert_same(torch, ours, theirs, random.Random(1))


def test_gradcheck_of_functions_of_pytorch(torch: Any) -> None:
    from autograd.testing.torch import gradcheck

    x, y = torch.tensor([[0.3, -1.2], [2.0, 0.7]]), torch.tensor([0.5, 1.5])
    index = torch.tensor([1, 0])

    def several(x: Any, y: Any, index: Any) -> Any:
        return torch.sin(x) @ y, (x[index] * y).sum(), torch.ones(1, dtype=torch.float64)

    assert len(gradcheck(several, (x, y, index)).entries) == (2 + 1 + 1) * 6

    class Wrong(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return torch.tanh(x)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * (1 - torch.tanh(ctx.saved_tensors[0]))  # not squared

    with pytest.raises(autograd.GradientError, match="2 of 2"):
        gradcheck(lambda y: Wrong.apply(y).sum(), (y,))
    for inputs, said in [(3, "expected a tensor or a tuple"), ((3,), r"inputs\[0\]: expected a")]:
        with pytest.raises(TypeError, match=said):
            gradcheck(torch.sin, inputs)
    with pytest.raises(TypeError, match="of floats among the inputs"):
        gradcheck(lambda i: i, index)
    with pytest.raises(TypeError, match="of floats as a result"):
        gradcheck(lambda y: 3.0, y)
    for single in (torch.nn.Linear(2, 1), torch.nn.Sequential(torch.nn.Linear(2, 2))):
        with pytest.raises(TypeError, match=r"brought there by module\.double\(\)"):
            gradcheck(single, y)
        gradcheck(single.double(), y)
    for mode in (torch.no_grad(), torch.inference_mode()):
        with mode:
            gradcheck(torch.sin, y)
            with pytest.raises(autograd.GradientError, match="2 of 2"):
                gradcheck(lambda y: Wrong.apply(y).sum(), (y,))


# Sequential and Residual


def test_modules_one_after_the_other() -> None:
    first, second = nn.Layer(2, 3, activation="tanh", rng=0), nn.Layer(3, 3, False, rng=1)
    model = nn.Sequential(first, nn.Residual(second), nn.Dropout(0.5))
    hidden = first([1.0, 2.0])
    expected = [a.data + b.data for a, b in zip(hidden, second(hidden), strict=True)]
    assert outputs(model, [1.0, 2.0]) == expected
    assert outputs(autograd.jit(model), [1.0, 2.0]) == pytest.approx(expected)
    key = autograd.random.key(0)
    drawn = [y if isinstance(y, float) else y.data for y in model([1.0, 2.0], key=key)]
    assert drawn != expected
    assert all(y == 0.0 or y == pytest.approx(2 * x) for x, y in zip(expected, drawn, strict=True))
    assert nn.Residual(nn.Layer(1, 1, rng=0))([2.0])[0].data == pytest.approx(
        2.0 + nn.Layer(1, 1, rng=0)([2.0]).data
    )


def test_a_sequence_is_trained_by_compiled_steps() -> None:
    rows, targets = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]
    found = []
    for compiled in (False, True):
        model = nn.Sequential(
            nn.Layer(2, 6, activation="tanh", rng=0),
            nn.Residual(nn.Layer(6, 6, activation="tanh", rng=1)),
            nn.Dropout(0.1),
            nn.Layer(6, 1, activation="sigmoid", rng=2),
        )
        history = nn.fit(
            model, (rows, targets), loss=nn.binary_cross_entropy, epochs=30, jit=compiled,
            optimizer=nn.Adam(model.parameters(), lr=0.05), key=autograd.random.key(1),
        )  # fmt: skip
        found.append([p.data for p in model.parameters()])
        assert history["loss"][-1] < history["loss"][0]
    assert found[0] == pytest.approx(found[1], rel=1e-9)


class Block(nn.Module):
    """A module with dropout that takes no key."""

    def __init__(self) -> None:
        self.layer, self.dropout = nn.Layer(2, 8, rng=0), nn.Dropout(0.5)

    def __call__(self, row: Any) -> Any:
        return self.dropout(self.layer(row))


class WithOptions(Block):
    def __call__(self, row: Any, **options: Any) -> Any:
        return self.dropout(self.layer(row), **options)


@pytest.mark.parametrize(
    "layer",
    [
        nn.Dropout(0.5),
        lambda row, key=None: nn.Dropout(0.5)(row, key),
        lambda row, *, key=None: nn.Dropout(0.5)(row, key),
        autograd.jit(nn.Dropout(0.5)),
        WithOptions(),
        nn.Sequential(WithOptions()),
        nn.Sequential(autograd.softmax, nn.Dropout(0.5)),
    ],
)
def test_a_key_reaches_whatever_draws(layer: Any) -> None:
    row = [1.0, 2.0] if "WithOptions" in repr(layer) else [1.0] * 8
    for model in (nn.Sequential(layer), nn.Sequential(lambda row: row, layer)):
        plain = outputs_of(model(row))
        drawn = [outputs_of(model(row, key=autograd.random.key(i))) for i in range(8)]
        assert outputs_of(model(row)) == plain
        assert len({tuple(x) for x in drawn}) > 1
        assert any(x.count(0.0) > plain.count(0.0) for x in drawn)
    if "WithOptions" not in repr(layer):
        assert outputs_of(nn.Residual(layer)(row, key=autograd.random.key(0))) != [2.0] * 8


def outputs_of(row: Any) -> list[float]:
    return [float(x) for x in row]


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("wrap", [lambda m: m, nn.Residual, lambda m: nn.Sequential(m)])
def test_a_key_that_does_not_reach_dropout_is_an_error(wrap: Any, compiled: bool) -> None:
    model = nn.Sequential(wrap(Block()), nn.Layer(8, 1, rng=1))
    with pytest.raises(TypeError, match=r"Block\.__call__ takes no key, so that Dropout\(0\.5\)"):
        nn.fit(
            model, ([[1.0, 2.0]], [1.0]), loss=nn.mean_squared_error, epochs=1, jit=compiled,
            optimizer=nn.SGD(model.parameters(), lr=0.1), key=autograd.random.key(0),
        )  # fmt: skip


def rows_of(inputs: Any) -> Any:
    return [rows_of(x) for x in inputs] if isinstance(inputs, list) else float(inputs)


@pytest.mark.parametrize("name", nn.ACTIVATIONS)
def test_an_activation_is_one_of_each_number(name: str) -> None:
    """In a row or in rows of rows; a function of one's own is given what there is."""
    function: Any = nn.ACTIVATIONS[name]
    rows = [[[0.3, -1.2], [2.0, 0.0]], [[-0.7, 1.0]]]
    expected = [[[float(function(x)) for x in row] for row in part] for part in rows]
    assert rows_of(nn.Sequential(function)(rows)) == expected
    assert rows_of(nn.Sequential(function)(tuple(rows[0][0]))) == expected[0][0]
    assert float(nn.Sequential(function)(0.3)) == expected[0][0][0]
    layer = nn.Layer(2, 3, rng=0, activation=name)
    linear = nn.Sequential(nn.Layer(2, 3, False, rng=0), function)
    assert outputs(linear, [0.3, -2.0]) == outputs(layer, [0.3, -2.0])
    around = rows_of(nn.Residual(function)([0.3, -1.2]))
    assert around == [x + y for x, y in zip([0.3, -1.2], expected[0][0], strict=True)]
    assert nn.Sequential(lambda row: row[::-1])([1.0, 2.0]) == [2.0, 1.0]


def bend(x: Any) -> Any:
    return x * x


@pytest.mark.parametrize(
    "last",
    [
        lambda: nn.Layer(1, 2, rng=1),
        lambda: nn.MLP(1, [2, 1], rng=1),
        lambda: nn.Residual(nn.Layer(1, 1, rng=1)),
        lambda: nn.Residual(nn.MLP(1, [2, 1], rng=1)),
        lambda: nn.Sequential(autograd.tanh, nn.Layer(1, 2, rng=1)),
        lambda: autograd.softmax,
        lambda: nn.LayerNorm(1),
        lambda: nn.Neuron(1, rng=1),
        nn.Flatten,
    ],
)
def test_a_layer_of_one_neuron_has_layers_after_it(last: Any) -> None:
    first, second = nn.Layer(2, 1, activation="tanh", rng=0), last()
    row = [first([0.5, -1.0])]
    found = nn.Sequential(first, second)([0.5, -1.0])
    given = second(row)
    assert autograd.tree.leaves(found) == pytest.approx([float(x) for x in flat(given)])
    assert rows_of(nn.Sequential(first, bend, bend)([0.5, -1.0])) == (row[0].data ** 2) ** 2


class Scalar(list[Any]):
    """As an array without dimensions: it has `__len__` and `__iter__`, which are TypeErrors."""

    shape = ()

    def __iter__(self) -> Any:
        raise TypeError("iteration over a 0-d array")


def flat(x: Any) -> list[Any]:
    return nn.Flatten()(x)


@given(sizes=st.lists(st.integers(1, 3), min_size=0, max_size=4))
def test_flatten_is_row_by_row(sizes: list[int]) -> None:
    def made(shape: list[int], start: int) -> Any:
        if not shape:
            return float(start)
        inner = math.prod(shape[1:])
        return [made(shape[1:], start + i * inner) for i in range(shape[0])]

    assert nn.Flatten()(made(sizes, 0)) == [float(i) for i in range(math.prod(sizes))]
    for odd in ("ab", {1: 2.0}, None, [[1.0, "a"]], Scalar(), [Scalar()]):
        with pytest.raises(TypeError, match="Flatten: expected rows of numbers, got"):
            nn.Flatten()(odd)


def test_dropout_of_rows_of_rows() -> None:
    rows = [[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0]]]
    key = autograd.random.key(3)
    drawn = nn.Dropout(0.5)(rows, key)
    assert nn.Flatten()(drawn) == nn.Dropout(0.5)(nn.Flatten()(rows), key)
    assert [[len(row) for row in part] for part in drawn] == [[2, 2], [2]]


def test_what_cannot_be_called_is_named() -> None:
    with pytest.raises(TypeError, match="got int 3 as number 1"):
        nn.Sequential(nn.Layer(1, 1), 3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="Residual: expected a module"):
        nn.Residual(nn.Layer)
    with pytest.raises(ValueError, match="as many numbers as it is given"):
        nn.Residual(nn.Layer(2, 3))([1.0, 2.0])
    for x, made in (("ab", "ab"), ({"a": 1.0}, {"a": 1.0}), ([1.0], None), (None, [1.0])):
        with pytest.raises(ValueError, match="as many numbers as it is given"):
            nn.Residual(lambda _, made=made: made)(x)


def test_what_is_frozen_is_frozen_on_the_other_side(torch: Any) -> None:
    from nn.torch import from_torch, to_torch

    def frozen(module: Any) -> list[str]:
        return [name for name, p in module.named_parameters() if not p.requires_grad]

    model = nn.MLP(2, [3, 2, 1], rng=0)
    assert frozen(to_torch(model)) == []
    model.layers[1].freeze()
    twin = to_torch(model)
    assert frozen(twin) == ["2.weight", "2.bias"]
    again = from_torch(twin)
    assert len(again.trainable_parameters()) == len(model.trainable_parameters()) == 12
    trained = {id(p) for p in again.trainable_parameters()}  # equal Values may be two
    assert trained.isdisjoint(id(p) for p in again.layers[1].parameters())

    whole = nn.Sequential(nn.Embedding(3, 2, rng=0), nn.GRUCell(2, 2, rng=0))
    whole.freeze()
    twin = to_torch(whole)
    assert len(frozen(twin)) == len(list(twin.parameters()))
    assert from_torch(twin).trainable_parameters() == []


def test_a_part_of_a_layer_that_is_frozen_is_refused(torch: Any) -> None:
    from nn.torch import from_torch, to_torch

    model = nn.MLP(2, [3, 1], rng=0)
    model.layers[0].neurons[1].freeze()
    with pytest.raises(TypeError, match="a part of a tensor is frozen"):
        to_torch(model)
    linear = torch.nn.Linear(2, 3)
    linear.bias.requires_grad_(False)
    with pytest.raises(TypeError, match="requires_grad is False of bias alone"):
        from_torch(torch.nn.Sequential(linear))
