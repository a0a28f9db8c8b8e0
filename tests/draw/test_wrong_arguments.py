"""What is no argument is refused by every function that draws, and named."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from autograd import Value
from autograd.draw import Drawing, draw, draw_model, record
from nn import MLP

WRONG: tuple[Any, ...] = (True, None, -1, 4.5, "x", b"x", [], {}, {1, 2}, object(), 1j)
"""What people give by mistake: few arguments accept any of these."""

X = Value(2.0, "x") * 3
MODEL = MLP(2, [3, 1], rng=0)
ROWS, TARGETS = [[0.0, 1.0], [1.0, 0.0]], [0.0, 1.0]
untyped_draw, untyped_record = cast(Any, draw), cast(Any, record)
untyped_model, untyped_drawing = cast(Any, draw_model), cast(Any, Drawing)


def bounded(*boundary: Any) -> Any:
    return untyped_record(boundary=boundary)


def labelled(call: Callable[[Value], Any], label: Any) -> Any:
    value = Value(2.0)
    value.label = label
    return call(value * 3)


def labelled_model(label: Any) -> Any:
    model = MLP(2, [1], rng=0)
    model.parameters()[0].label = label
    return draw_model(model)


def row(x: Any) -> Any:
    return x[0]


def option(call: Callable[..., Any], name: str, *given: Any) -> Callable[[Any], Any]:
    return lambda wrong: call(*given, **{name: wrong})


ARGUMENTS: dict[str, tuple[Callable[[Any], Any], tuple[type, ...]]] = {
    "draw": (lambda x: untyped_draw(X, x), ()),
    **{
        f"draw: {name}": (option(untyped_draw, name, X), valid)
        for name, valid in {
            "model": (type(None),),
            "scopes": (type(None),),
            "detail": (),
            "unfold": (bool,),
            "direction": (),
            "precision": (),
            "gradients": (bool,),
            "max_nodes": (),
            "legend": (bool,),
        }.items()
    },
    **{
        f"draw_model: {name}": (option(untyped_model, name, MODEL), ())
        for name in ("show", "direction", "precision")
    },
    **{
        f"record: {name}": (option(untyped_record, name), valid)
        for name, valid in {
            "model": (type(None),),
            "detail": (),
            "unfold": (bool,),
            "max_nodes": (),
            "every": (),
            "max_frames": (),
            "boundary": (type(None),),
            "boundary_size": (),
            "direction": (),
            "precision": (),
            "title": (str,),
        }.items()
    },
    "record: boundary: rows": (lambda x: bounded(row, x, TARGETS), (list,)),
    "record: boundary: rows[0]": (lambda x: bounded(row, [x, [1.0, 2.0]], TARGETS), ()),
    "record: boundary: targets": (lambda x: bounded(row, ROWS, x), (list,)),
    "record: boundary": (lambda x: bounded(x, ROWS, TARGETS), ()),
    "record: epoch": (lambda x: record()(X, epoch=x), (type(None),)),
    "record: expected a Value": (lambda x: record()(x), ()),
    "Recording.show: height": (lambda x: cast(Any, record().show)(height=x), ()),
    "Drawing.show: height": (lambda x: cast(Any, draw(X).show)(height=x), ()),
    "Drawing: expected the text": (lambda x: untyped_drawing(x), (str,)),
    "Drawing: page": (lambda x: untyped_drawing("digraph {}", x), (type(None),)),
    "draw: a label": (partial(labelled, draw), (str,)),
    "record: a label": (partial(labelled, lambda value: record()(value)), (str,)),
    "draw_model: a label": (labelled_model, (str,)),
}


@pytest.mark.parametrize("named", ARGUMENTS)
def test_what_is_no_argument_is_refused_and_named(named: str) -> None:
    call, valid = ARGUMENTS[named]
    refused = 0
    for wrong in WRONG:
        if not isinstance(wrong, valid):
            with pytest.raises((TypeError, ValueError)) as error:
                call(wrong)
            said = str(error.value)
            assert said.startswith(named), (wrong, said)
            assert " got " in said or " must be at least " in said, (wrong, said)
            refused += 1
    assert refused >= len(WRONG) - 1


def test_the_first_label_that_is_no_string_is_named() -> None:
    value = Value(2.0)
    value.label = 4.5  # type: ignore[assignment]
    with pytest.raises(TypeError, match=r"got float 4\.5 of Value\(data=2\.0"):
        draw(value + 1)


def test_a_function_of_arguments_is_no_loss() -> None:
    with pytest.raises(TypeError, match=r"recording: expected a Value or a function without arg"):
        cast(Any, record())(lambda x: x)


def test_nothing_is_written_to_what_is_no_path(tmp_path: Path) -> None:
    for wrong in (*WRONG, "x"):
        with pytest.raises((TypeError, ValueError), match=r"Drawing\.save: "):
            draw(X).save(tmp_path / wrong if isinstance(wrong, str) else wrong)
    assert not list(tmp_path.iterdir())
