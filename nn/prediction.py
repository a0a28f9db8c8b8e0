"""Predictions of a model for rows of data, and metrics of them.

A metric is a function `(predictions, targets) -> float` of plain numbers: unlike a loss it need not
have a derivative. `METRICS` is the table of those that have a name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from autograd import Value, no_grad
from autograd.number import as_float, describe, is_number
from autograd.tree import map_leaves
from nn.data import Rows, as_rows, paired

Metric: TypeAlias = Callable[[list[Any], list[Any]], float]
Metrics: TypeAlias = Iterable[str] | Mapping[str, Metric]


def predict(model: Callable[[Any], Any], rows: Rows) -> list[Any]:
    """The outputs of the model for each row, as plain numbers; no graph is built.

    Args:
        model: a Module, or any function of a row.
        rows: the inputs.

    Returns:
        For each row a float or, where the model has several outputs, a list of floats.

    Raises:
        TypeError: there are no rows, or an output is not a number.

    >>> from nn import MLP
    >>> model = MLP(2, [3, 1], rng=0)
    >>> predict(model, [[0.0, 0.0], [1.0, 2.0]]) == [model([0, 0]).data, model([1, 2]).data]
    True
    """
    with no_grad():
        return [plain(model(row)) for row in as_rows(rows, "predict: rows")]


def plain(output: Any) -> Any:
    """The numbers of an output without their graph, in the same structure.

    Raises:
        TypeError: it holds something that is not a number.

    >>> from autograd import Value
    >>> plain([Value(1.0), 2])
    [1.0, 2.0]
    """
    return map_leaves(float, output, path="output")


def accuracy(predictions: Rows, targets: Rows, threshold: float = 0.5) -> float:
    """The share of predictions that are right.

    Args:
        predictions: for each sample one number, or a row with one number for each class, of which
            the largest counts (the first of several).
        targets: for each sample a number, or the index of its class, or a row of probabilities.
        threshold: for single numbers: a prediction is right if it lies on the same side of the
            threshold as its target. 0.5 suits probabilities, 0 suits logits and targets of -1
            and 1.

    Raises:
        ValueError: there are none, or the two have different lengths.
        TypeError: one of them is not a number.

    >>> accuracy([0.9, 0.2, 0.6], [1, 0, 0])
    0.6666666666666666
    >>> accuracy([[0.1, 2.0], [3.0, -1.0]], [1, 1])
    0.5
    """
    right = 0
    outputs, wanted = paired("accuracy", predictions, targets)
    for i, (output, target) in enumerate(zip(outputs, wanted, strict=True)):
        if is_number(output):
            side = as_float(target, f"accuracy: targets[{i}]") > threshold
            right += bool(output > threshold) is side
        else:
            classes = _numbers("predictions", i, output)
            winner = classes.index(max(classes))
            if not is_number(target):
                probabilities = _numbers("targets", i, target)
                target = probabilities.index(max(probabilities))
            right += winner == target
    return right / len(outputs)


def sign_accuracy(predictions: Rows, targets: Rows) -> float:
    """`accuracy` with the threshold 0: for logits, and for targets of -1 and 1.

    >>> sign_accuracy([0.1, -3.0], [1, -1])
    1.0
    """
    return accuracy(predictions, targets, 0.0)


METRICS: dict[str, Metric] = {"accuracy": accuracy, "sign_accuracy": sign_accuracy}


def metric_functions(metrics: Metrics) -> dict[str, Metric]:
    """The metrics by name.

    Args:
        metrics: names in `METRICS`, or a dict from names to functions.

    Raises:
        ValueError: there is no metric of that name, or it is the name of another column.
        TypeError: they are neither names nor such a dict.

    >>> list(metric_functions(["accuracy"]))
    ['accuracy']
    """
    if isinstance(metrics, str) or not hasattr(metrics, "__iter__"):
        raise TypeError(
            "metrics: expected a list of names or a dict of functions by name,"
            f" got {describe(metrics)}: write metrics={_example(metrics)}"
        )
    if not isinstance(metrics, Mapping):
        names = list(metrics)
        for name in names:
            if not isinstance(name, str) or name not in METRICS:
                raise ValueError(
                    f"unknown metric {name!r}: expected one of {', '.join(METRICS)},"
                    f" or a dict of functions by name: write metrics={_example(name)}"
                )
        return {name: METRICS[name] for name in names}
    for name, function in metrics.items():
        if not isinstance(name, str) or not callable(function):
            raise TypeError(f"metrics: {name!r}: expected a function, got {describe(function)}")
        if name in ("epoch", "lr", "loss") or name.startswith("val_"):
            raise ValueError(f"metrics: the name {name!r} is taken")
    return dict(metrics)


def _example(given: Any) -> str:
    if callable(given):
        name = getattr(given, "__name__", "name")
        return f"{{{name!r}: {name}}}"
    return f"[{given!r}]" if isinstance(given, str) and given in METRICS else "['accuracy']"


def _numbers(role: str, i: int, row: Any) -> list[Any]:
    if isinstance(row, str) or not hasattr(row, "__iter__"):
        raise TypeError(
            f"accuracy: {role}[{i}]: expected a number or a row of numbers, got {describe(row)}"
        )
    numbers = [
        x if isinstance(x, Value) else as_float(x, f"accuracy: {role}[{i}][{k}]")
        for k, x in enumerate(row)
    ]
    if not numbers:
        raise ValueError(f"accuracy: {role}[{i}]: expected at least one number, got none")
    return numbers
