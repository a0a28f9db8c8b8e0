"""`BatchNorm` against PyTorch, ONNX and JAX."""

import copy
from typing import Any

import pytest
from batch_networks import ROWS, TARGETS, flat, network, state, trained

import nn
from autograd import (
    FallbackError,
    Value,
    as_jax,
    tanh,
)
from autograd import random as keys
from autograd import sum as total
from nn.batch_norm import batch_norms

BATCHES = [ROWS[:2], ROWS[1:4], ROWS[4:], ROWS]


def test_a_layer_is_that_of_pytorch(torch: Any) -> None:
    from nn.torch import from_torch, to_torch

    ours = nn.BatchNorm(3, eps=1e-3, momentum=0.2)
    ours.load_state_dict(ours.state_dict() | {"weight": [0.5, -2.0, 1.0], "bias": [1.0, 0.1, -3.0]})
    theirs = to_torch(ours)
    assert repr(theirs).startswith("BatchNorm1d(3, eps=0.001, momentum=0.2, affine=True")
    for rows in BATCHES:
        x = torch.tensor(rows, dtype=torch.float64, requires_grad=True)
        given = [[*map(Value, row)] for row in rows]
        found, expected = ours.on_batch(given), theirs(x)
        assert flat(found) == pytest.approx(expected.flatten().tolist(), rel=1e-12, abs=1e-12)
        ours.zero_grad()
        theirs.zero_grad()
        total([y * y * y for row in found for y in row]).backward()
        (expected**3).sum().backward()
        wanted = x.grad.flatten().tolist()
        assert [y.grad for row in given for y in row] == pytest.approx(wanted, rel=1e-11, abs=1e-11)
        for name, parameter in theirs.named_parameters():
            grads = [p.grad for p in getattr(ours, name)]
            assert grads == pytest.approx(parameter.grad.tolist(), rel=1e-12, abs=1e-12)
        for name in ("running_mean", "running_var"):
            kept = ours.state_dict()[name]
            assert kept == pytest.approx(getattr(theirs, name).tolist(), rel=1e-12)
    theirs.eval()
    for row in ROWS:
        (expected,) = theirs(torch.tensor([row], dtype=torch.float64)).tolist()
        assert flat(ours(row)) == pytest.approx(expected, rel=1e-12)
    with pytest.raises(ValueError, match="more than 1 value"):
        theirs.train()(torch.ones(1, 3, dtype=torch.float64))
    back = from_torch(theirs)
    assert repr(back) == repr(ours)
    assert state(back) == pytest.approx(state(ours), rel=1e-12)
    ours.load_state_dict(theirs.state_dict())  # which counts batches
    assert state(ours) == state(back)
    theirs.load_state_dict({k: torch.tensor(x) for k, x in nn.BatchNorm(3).state_dict().items()})
    assert theirs.running_var.tolist() == [1.0] * 3


@pytest.mark.parametrize("compiled", [False, True])
def test_twenty_steps_are_those_of_pytorch(torch: Any, compiled: bool) -> None:
    from nn.torch import from_torch, to_torch

    model = nn.Sequential(
        nn.BatchNorm(3), nn.Layer(3, 4, False, rng=0), nn.BatchNorm(4), tanh, nn.Layer(4, 1, rng=1)
    )
    theirs = to_torch(model)
    optimizer = torch.optim.SGD(theirs.parameters(), lr=0.05, momentum=0.5)
    rows, targets = (torch.tensor(x, dtype=torch.float64) for x in (ROWS, TARGETS))
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        loss = ((theirs(rows)[:, 0] - targets) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
    assert trained(model, jit=compiled)["loss"] == pytest.approx(losses, rel=1e-12)
    back = from_torch(theirs)
    assert state(model) == pytest.approx(state(back), rel=1e-12, abs=1e-12)
    expected = theirs.eval()(rows)[:, 0].tolist()
    assert nn.predict(model, ROWS) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_what_is_shared_or_frozen_is_so_in_pytorch(torch: Any) -> None:
    from nn.torch import from_torch, to_torch

    norm = nn.BatchNorm(2)
    norm.freeze()
    theirs = to_torch(nn.Sequential(norm, nn.Layer(2, 2, rng=0), norm))
    assert theirs[0].running_mean is theirs[3].running_mean
    assert not theirs[0].weight.requires_grad
    back = from_torch(theirs)
    assert back.layers[0].running_var is back.layers[2].running_var
    assert not batch_norms(back)


@pytest.mark.peers
def test_onnx_evaluates_it() -> None:
    np = pytest.importorskip("numpy")
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    from nn.onnx import to_onnx

    model = network(0.5)
    trained(model, key=keys.key(0))
    for part in (model, nn.Sequential(model.layers[0])):
        made = to_onnx(part)
        assert "layers.0.running_var" in [x.name for x in made.graph.initializer]
        session = runtime.InferenceSession(made.SerializeToString())
        (found,) = session.run(None, {"inputs": np.array(ROWS)})
        expected = flat(nn.predict(part, ROWS))
        assert found.ravel().tolist() == pytest.approx(expected, rel=1e-12, abs=1e-13)
    with pytest.raises(ValueError, match=r"BatchNorm\(3, .* takes 3 inputs, but there are 2"):
        to_onnx(nn.Sequential(nn.Layer(3, 2, rng=0), nn.BatchNorm(3)))


@pytest.mark.peers
def test_jax_evaluates_it_and_no_device_trains_it() -> None:
    jax = pytest.importorskip("jax")
    np = pytest.importorskip("numpy")
    model = network()
    trained(model)

    def predicted(values: Any, row: Any) -> Any:
        return nn.functional_call(model, values, row)

    with jax.enable_x64(True):
        found = as_jax(predicted, state(model), ROWS[0])(state(model), np.array(ROWS[0]))
        assert float(found) == pytest.approx(model(ROWS[0]).data, rel=1e-12)
        with pytest.raises(FallbackError, match="moves its running statistics"):
            as_jax(model.layers[0].on_batch, ROWS)
    with pytest.raises(ValueError, match="needs all of them: train without devices="):
        trained(model, devices=1)
    for norm in batch_norms(model):
        norm.freeze()
    twin = copy.deepcopy(model)
    trained(model, devices=1)
    trained(twin, jit=False)
    assert state(model) == pytest.approx(state(twin), rel=1e-9, abs=1e-12)
