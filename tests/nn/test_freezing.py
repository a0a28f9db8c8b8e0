"""`Module.freeze`: what training leaves as it is, plain and compiled."""

import copy
import pickle
import warnings
from typing import Any

import pytest

import nn
from autograd import Value

ROWS, TARGETS = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]


def train(model: Any, parameters: Any, compiled: bool, **options: Any) -> None:
    nn.fit(
        model, (ROWS, TARGETS), loss=nn.binary_cross_entropy_with_logits, epochs=20,
        optimizer=nn.Adam(parameters, lr=0.05), jit=compiled, **options,
    )  # fmt: skip


def data(parameters: Any) -> list[float]:
    return [p.data for p in parameters]


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("layer", [0, 1, 2])
def test_a_frozen_layer_stays_and_the_others_move(compiled: bool, layer: int) -> None:
    model = nn.MLP(2, [4, 3, 1], activation="tanh", rng=0)
    twin = copy.deepcopy(model)
    model.layers[layer].freeze()
    still = data(model.layers[layer].parameters())
    before = data(model.trainable_parameters())
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # nothing to be warned of
        train(model, model.trainable_parameters(), compiled)
        others = [x for x in twin.layers if x is not twin.layers[layer]]
        train(twin, [p for x in others for p in x.parameters()], False,
              frozen=twin.layers[layer].parameters())  # fmt: skip
    assert data(model.layers[layer].parameters()) == still
    assert all(a != b for a, b in zip(before, data(model.trainable_parameters()), strict=True))
    assert data(model.parameters()) == pytest.approx(data(twin.parameters()), rel=1e-9)
    assert len(model.state_dict()) == 6  # all are saved


def test_an_optimiser_of_all_is_refused() -> None:
    model = nn.MLP(2, [3, 1], rng=0)
    model.layers[0].freeze()
    with pytest.raises(ValueError, match=r"holds layers\.0.*Adam\(model\.trainable_parameters\(\)"):
        train(model, model.parameters(), False)


class Tied(nn.Module):
    def __init__(self) -> None:
        self.scale = Value(1.0)
        self.first = nn.Sequential(nn.Layer(2, 2, rng=0))
        self.others = [nn.Layer(2, 2, rng=1), {"again": self.first.layers[0]}]
        self.me = self  # a module may refer to itself


def test_freezing_goes_down_and_is_taken_back() -> None:
    model: Any = Tied()
    assert len(model.trainable_parameters()) == len(model.parameters()) == 13
    model.first.freeze()
    assert len(model.trainable_parameters()) == 7  # the shared layer is frozen in both places
    again = pickle.loads(pickle.dumps(model))
    assert len(again.trainable_parameters()) == 7
    model.freeze()
    assert model.trainable_parameters() == []
    model.unfreeze()
    assert len(model.trainable_parameters()) == 13
    assert repr(model.first) == "Sequential(Layer(2, 2, activation='relu'))"
