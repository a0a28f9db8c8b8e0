"""First slips: each error says what was given, what was expected, and what to write instead."""

from collections.abc import Callable
from typing import Any

import pytest

import nn as typed
from autograd import Value
from nn import MLP, SGD

nn: Any = typed  # what is written here is what type checkers warn of
model: Any = MLP(2, [3, 1], activation="tanh", rng=0)
several: Any = MLP(2, [3, 2], rng=0)
rows, targets = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0]

REST = {"loss": typed.mean_squared_error, "optimizer": SGD(model.parameters(), lr=0.1), "epochs": 1}


def train(**changed: Any) -> Any:
    """A training that is right, but for what is changed."""
    trained = changed.get("model", model)
    own = trained if isinstance(trained, MLP) else model
    return nn.fit(
        **{
            "model": trained,
            "train": (rows, targets),
            "loss": nn.mean_squared_error,
            "optimizer": SGD(own.parameters(), lr=0.1),
            "epochs": 1,
            **changed,
        }
    )


Slip = tuple[str, Callable[[], Any], list[str]]

PARAMETERS: list[Slip] = [
    (f"{kind.__name__}: {name}", lambda kind=kind, x=x: kind(x, lr=0.1), [kind.__name__, *words])  # type: ignore[misc]
    for kind in typed.OPTIMIZERS.values()
    for name, x, words in [
        ("model", model, ["MLP", "write", "(model.parameters(), lr=0.1)"]),
        ("method", model.parameters, ["without a call", "model.parameters()"]),
        ("Value", Value(1.0), ["Value", "([x], lr=0.1)"]),
        ("None", None, ["None", "model.parameters()"]),
        ("pairs", model.named_parameters(), ["tuple", "parameters[0]", "model.parameters()"]),
        ("numbers", [1.0], ["float 1.0", "parameters[0]"]),
        ("nothing", [], ["at least one parameter"]),
    ]
]

SLIPS: list[Slip] = [
    ("lr is text", lambda: SGD(model.parameters(), lr="0.1"), ["SGD", "lr", "str '0.1'"]),  # type: ignore[arg-type]
    ("model alone", lambda: SGD(model), ["SGD", "MLP", "SGD(model.parameters(), lr=0.1)"]),  # type: ignore[arg-type]
    ("no rate", lambda: SGD(model.parameters()), ["SGD", "learning rate", "lr=0.1"]),
    # an optimiser
    ("adam", lambda: train(optimizer="adam"), ["optimizer", "'adam'", "Adam(model.parameters()"]),
    ("sgd", lambda: train(optimizer="SGD"), ["optimizer", "SGD(model.parameters(), lr=0.1)"]),
    ("class", lambda: train(optimizer=SGD), ["the class SGD", "SGD(model.parameters()"]),
    ("Adam", lambda: train(optimizer=nn.Adam), ["the class Adam", "Adam(model.parameters()"]),
    ("rate", lambda: train(optimizer=0.1), ["optimizer", "0.1", "Adam(model.parameters()"]),
    ("none", lambda: train(optimizer=None), ["optimizer", "None", "Adam(model.parameters()"]),
    # a loss
    ("mse", lambda: train(loss="mse"), ["loss", "'mse'", "loss=mean_squared_error"]),
    ("MSE", lambda: train(loss="MSELoss"), ["'MSELoss'", "loss=mean_squared_error"]),
    ("name", lambda: train(loss="cross_entropy"), ["loss", "loss=cross_entropy"]),
    ("bce", lambda: train(loss="bce"), ["loss", "'bce'", "loss=binary_cross_entropy"]),
    ("none", lambda: train(loss=None), ["loss", "None", "mean_squared_error"]),
    ("called", lambda: train(loss=Value(1.0)), ["loss", "Value", "without calling"]),
    # other arguments of a training
    ("cosine", lambda: train(schedule="cosine"), ["schedule", "'cosine'", "CosineAnnealing("]),
    ("class", lambda: train(schedule=nn.StepDecay), ["the class StepDecay", "StepDecay(every=10)"]),
    (
        "nothing",
        lambda: train(schedule=lambda epoch, loss: None),
        ["what schedule returned", "got None"],
    ),
    ("number", lambda: train(schedule=0.9), ["schedule", "0.9", "CosineAnnealing(epochs)"]),
    ("five", lambda: train(early_stopping=5), ["int 5", "EarlyStopping(patience=5)"]),
    ("class", lambda: train(early_stopping=nn.EarlyStopping), ["EarlyStopping(patience=10)"]),
    ("one", lambda: train(callbacks=print), ["callbacks", "a list", "callbacks=[function]"]),
    ("text", lambda: train(callbacks=["print"]), ["callbacks[0]", "a function", "str 'print'"]),
    ("norm", lambda: train(before_step=1.0), ["before_step", "1.0", "clip_gradient_norm"]),
    ("metric", lambda: train(metrics="accuracy"), ["metrics", "write metrics=['accuracy']"]),
    ("function", lambda: train(metrics=[nn.accuracy]), ["metrics={'accuracy': accuracy}"]),
    ("function", lambda: train(metrics=nn.accuracy), ["metrics={'accuracy': accuracy}"]),
    ("unknown", lambda: train(metrics=["auc"]), ["'auc'", "accuracy, sign_accuracy"]),
    ("none", lambda: train(epochs=0), ["epochs", "at least 1", "0"]),
    ("jit", lambda: train(jit="yes"), ["fit: jit", "True or False", "str 'yes'"]),
    ("text", lambda: train(epochs="10"), ["epochs", "integer", "str '10'"]),
    ("half", lambda: train(epochs=1.5), ["epochs", "integer", "1.5"]),
    ("none", lambda: train(batch_size=0), ["batch_size", "at least 1", "0"]),
    ("text", lambda: train(batch_size="32"), ["batch_size", "integer", "str '32'"]),
    ("text", lambda: train(rng="0"), ["rng", "a seed", "str '0'"]),
    ("half", lambda: train(rng=0.5), ["rng", "a seed", "0.5"]),
    # model and data
    (
        "order",
        lambda: nn.fit(rows, targets, model, **REST),
        ["the model and one pair", "write fit(model, "],
    ),
    ("three", lambda: nn.fit(model, rows, targets, **REST), ["write fit(model, (inputs, targets)"]),
    ("rows", lambda: train(model=rows), ["model", "list", "write fit(model, "]),
    ("class", lambda: train(model=MLP), ["the class MLP", "write fit(model, "]),
    ("one", lambda: train(train=[1.0]), ["train", "pair (inputs, targets)", "write fit(model, "]),
    ("dict", lambda: train(train={"x": rows, "y": targets}), ["train", "pair", "dict"]),
    ("rows", lambda: train(validation=rows), ["validation", "pair (inputs, targets)"]),
    ("none", lambda: train(train=([], [])), ["at least one row", "got none"]),
    ("few", lambda: train(train=(rows, [1.0])), ["a target for each row", "4 rows and 1 targets"]),
    (
        "column",
        lambda: train(train=(rows, [[t] for t in targets])),
        ["targets[0]", "[0.0]", "for x"],
    ),
    ("words", lambda: train(train=(rows, ["a", "b", "a", "b"])), ["targets[0]", "'a'", ".index("]),
    ("words", lambda: nn.cross_entropy([[0.0, 1.0]], ["cat"]), ["target[0]", "'cat'", ".index("]),
    (
        "many",
        lambda: train(model=several),
        ["predictions[0]", "mean_squared_error", "single numbers"],
    ),
    ("wide", lambda: train(train=([[1.0] * 3], [1.0])), ["expected 2 inputs, got 3", "layers.0"]),
    ("numbers", lambda: train(train=(targets, targets)), ["expected a row", "a list of 2 numbers"]),
    # saving
    ("class", lambda: nn.save("model.json", MLP), ["after the path", "the class MLP"]),  # type: ignore[arg-type]
    ("class", lambda: nn.load("model.json", MLP), ["after the path", "the class MLP"]),  # type: ignore[arg-type]
    (
        "two models",
        lambda: nn.save("model.json", model, model),  # type: ignore[arg-type]
        ["an optimizer after the model", "save('model.json', model, optimizer)"],
    ),
    (
        "class",
        lambda: nn.load("model.json", model, SGD),  # type: ignore[arg-type]
        ["an optimizer after the model", "load('model.json', model, optimizer)"],
    ),
    # calling a model
    ("batch", lambda: model(rows), ["a number", "list [0.0, 0.0]", "vmap(model)(rows)"]),
    ("batch", lambda: model([rows[0], rows[1]]), ["one row at a time", "nn.predict(model, rows)"]),
    ("number", lambda: model(1.0), ["expected a row", "float 1.0", "a list of 2 numbers"]),
    ("text", lambda: model("ab"), ["expected a number", "str 'a'"]),
    # making a model
    ("one list", lambda: MLP([2, 3, 1]), ["list [2, 3, 1]", "write MLP(2, [3, 1])"]),  # type: ignore[arg-type]
    ("numbers", lambda: MLP(2, 3, 1), ["int 3", "write MLP(2, [3, 1])"]),  # type: ignore[arg-type]
    ("two", lambda: MLP(2, 3), ["int 3", "write MLP(2, [3])"]),  # type: ignore[arg-type]
    ("third", lambda: MLP(2, [3, 1], "tanh"), ["'tanh'", "MLP(2, [3, 1], activation='tanh')"]),
    ("nonlin", lambda: nn.Layer(2, 3, "tanh"), ["nonlin", "'tanh'", "activation='tanh'"]),
    ("nonlin", lambda: nn.Neuron(2, "tanh"), ["nonlin", "'tanh'", "activation='tanh'"]),
    ("unused", lambda: MLP(2, [1], activation="bogus"), ["unknown activation 'bogus'"]),
    ("linear", lambda: nn.Neuron(2, False, activation="bogus"), ["identity, step, sigmoid"]),
]


@pytest.mark.parametrize(
    ("slip", "words"), [pytest.param(*rest, id=name) for name, *rest in [*PARAMETERS, *SLIPS]]
)
def test_a_slip_is_answered_with_what_to_write(slip: Callable[[], Any], words: list[str]) -> None:
    before = [p.data for p in model.parameters()]
    with pytest.raises((TypeError, ValueError)) as error:
        slip()
    assert [word for word in words if word not in str(error.value)] == []
    assert [p.data for p in model.parameters()] == before


def test_a_gradient_that_is_none() -> None:
    x: Any = Value(1.0)
    optimizer = SGD([Value(2.0), x], lr=0.1)
    x.grad = None
    with pytest.raises(TypeError, match=r"parameters\[1\] is None.*zero_grad\(\)"):
        optimizer.step()
    assert [p.data for p in optimizer.parameters] == [2.0, 1.0]
    for clip in (nn.clip_gradient_norm, nn.clip_gradient_value):
        with pytest.raises(TypeError, match=r"clip_\w+: .*parameters\[1\] is None.*zero_grad\(\)"):
            clip(optimizer.parameters, 1.0)


def test_data_frames_and_series_are_data() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [0, 1], "b": [True, False]})
    series = pandas.Series([0.5, 1.0])
    plain = train(train=([[0.0, 1.0], [1.0, 0.0]], [0.5, 1.0]), epochs=1)
    assert train(train=(frame, series)).columns == plain.columns
