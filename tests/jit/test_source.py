"""What `source` prints is what runs; how the printed text computes is tested in `jit_lowered`."""

from __future__ import annotations

import ast
import gc
import linecache
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import CodeType, FunctionType
from typing import Any

import pytest
from installed import BACKENDS
from jit_lowered import LOWERINGS

from autograd import Value, exp, grad, hessian, jit, tanh, value_and_grad
from autograd.jit.arrays.lower_numpy import lower
from autograd.jit.generated import define
from autograd.jit.programs.program import Program
from autograd.jit.python.lower_python import lower as to_python
from autograd.primitives import TABLE
from autograd.primitives.definition import Primitive
from nn import MLP


def program() -> Program:
    """A program with array operations, of several calls each too, and single numbers."""
    made = Program()
    xs = [made.input(f"x[{i}]") for i in range(20)]
    ys = [made.apply(TABLE["sigmoid"], made.apply(TABLE["mul"], x, x)) for x in xs]
    made.outputs = [made.apply(TABLE["sum"], *ys), made.apply(TABLE["exp"], xs[0])]
    return made


def codes(code: CodeType) -> dict[str, bytes]:
    """The functions that a text defines, by name."""
    inside = [x for x in code.co_consts if isinstance(x, CodeType)]
    return {x.co_name: x.co_code for x in inside}


def functions(run: Any) -> dict[str, FunctionType]:
    """A generated function, and those that stand beside it."""
    filename = run.__code__.co_filename
    found = {name: x for name, x in run.__globals__.items() if type(x) is FunctionType}
    return {name: x for name, x in found.items() if x.__code__.co_filename == filename}


@pytest.mark.parametrize("made", [lambda: lower(program()), lambda: to_python(program())])
def test_the_code_that_runs_is_that_of_the_printed_text(made: Callable[[], Any]) -> None:
    lowered = made()
    run = lowered.idle[0].function if hasattr(lowered, "idle") else lowered.run
    printed = codes(compile(lowered.source, "source", "exec"))
    assert printed == {name: x.__code__.co_code for name, x in functions(run).items()}
    text = "".join(linecache.getlines(run.__code__.co_filename))
    assert text
    assert lowered.source.endswith(text)


def test_calls_run_the_printed_lines_with_those_that_take_arguments_apart() -> None:
    compiled = jit(lambda x, y: [x * y + exp(y), tanh(x) ** 2 * tanh(x)], backend="python")
    for x in (1.0, 2.0, 3.0):
        compiled(x, 2.0)
    assert compiled._last is not None
    [entry] = compiled._last.entries
    called = linecache.getlines(entry.__code__.co_filename)
    _, _, _, *printed, last = compiled.source.splitlines(True)
    assert printed
    assert [line for line in called if line in printed] == printed
    results = [ast.parse(line.strip().removeprefix("return ")) for line in (called[-1], last)]
    items = [[ast.dump(x) for x in result.body[0].value.elts] for result in results]  # type: ignore[attr-defined]
    assert items[0] == items[1]


def test_each_line_is_one_call() -> None:
    source = lower(program()).source
    *_, run = ast.parse(source).body
    assert isinstance(run, ast.FunctionDef)
    [errors, last] = run.body
    assert isinstance(errors, ast.With)
    assert isinstance(last, ast.Return)
    names = [ast.unparse(x.value).split("(")[0] for x in errors.body]  # type: ignore[attr-defined]
    assert names == ["check_finite", "multiply", "sigmoid", "add.reduce", "checked"]


@pytest.mark.skipif(
    sys.version_info < (3, 14) and not getattr(sys, "_is_gil_enabled", lambda: True)(),
    reason="code is never freed in the free-threaded Python 3.13, once there was a second thread",
)
def test_tracebacks_show_the_printed_lines_while_there_is_the_function() -> None:
    lowered = lower(program())
    filename = lowered.idle[0].function.__code__.co_filename  # type: ignore[attr-defined]
    with pytest.raises(FloatingPointError) as raised:
        lowered.run([1e200] * 20)
    assert "multiply(x, x, mul_1)" in "".join(traceback.format_tb(raised.value.__traceback__))
    del lowered, raised
    gc.collect()
    define("def run(): pass\n", {})
    assert not linecache.getlines(filename)


class Collecting:
    """The path of a file, during a look at which the collector comes by."""

    def __fspath__(self) -> str:
        gc.collect()
        return __file__


def test_lines_are_not_dropped_while_somebody_goes_through_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As `traceback` does, at any time; the collector comes at any time too."""
    monkeypatch.setitem(linecache.cache, "looked at", (0, 1.0, [], Collecting()))  # type: ignore[arg-type]
    cycle: list[Any] = [define("def run(): pass\n", {})]
    cycle.append(cycle)
    del cycle
    linecache.checkcache()


@pytest.mark.skipif("native" not in BACKENDS, reason="LLVM is not installed")
def test_machine_code_is_said_to_be_what_it_is() -> None:
    first, *rest = LOWERINGS["native"](program()).source.splitlines()
    assert first == "# compiled to machine code; as calls of NumPy it is"
    assert rest == lower(program()).source.splitlines()


NET = MLP(2, [2, 1], rng=0)
FACTOR = Value(2.0)


def loss(params: Any, x: Any) -> Any:
    return FACTOR * params["slope"] * NET([x, x]) ** 2 + params["shift"]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("transform", [lambda f: f, grad, value_and_grad, hessian])
def test_parameters_keep_their_names(transform: Callable[..., Any], backend: str) -> None:
    compiled = jit(transform(loss), backend=backend)
    compiled({"slope": 1.0, "shift": 0.0}, 0.5)
    short = {"FACTOR", "slope", "w1", "b1", "w2", "b2"}
    long = {"FACTOR", "params_slope"}
    long |= {f"NET_{name.replace('.', '_')}" for name, _ in NET.named_parameters()}
    words = {ast.unparse(x) for x in ast.walk(ast.parse(compiled.source)) if type(x) is ast.Name}
    if backend == "python":
        assert long - {"NET_layers_1_neurons_0_bias"} <= words
        return
    for name in short - {"b2"}:
        assert any(word == name or word.startswith(f"{name}_") for word in words), (name, words)


def test_names_that_are_taken_are_told_apart() -> None:
    """Arguments that are called like functions, or like views of others."""
    exp = TABLE["exp"]
    made = Program()
    names = ("add", "multiply", "numbers", "cells", "run", "view", "x", "x_T", "x_4", "checked")
    rows = [[made.input(f"{name}[{i}]") for i in range(4)] for name in names]
    for row in rows:
        made.outputs += [made.apply(exp, made.apply(TABLE["mul"], a, row[0])) for a in row]
    numbers = [0.1 * i for i in range(len(made.inputs))]
    assert lower(made).run(numbers) == pytest.approx(made.evaluate(numbers), rel=1e-15)


class Cube:
    """A rule that is no function, and says nothing of itself."""

    def __call__(self, x: float) -> float:
        return x * x * x


@pytest.mark.parametrize("rule", [lambda x: x * x * x, Cube()])
def test_a_rule_of_the_user_is_called_by_the_printed_text(rule: Callable[..., float]) -> None:
    cube = Primitive("cube", rule, lambda g, out, x: (g * 3 * x * x,))
    made = Program()
    xs = [made.input(f"x[{i}]") for i in range(3)]
    made.outputs = [made.apply(cube, x) for x in xs]
    lowered = lower(made)
    assert lowered.run([1.0, 2.0, 3.0]) == [1.0, 8.0, 27.0]
    assert "cells[3] = checked(cube(cells[0]))  # cube_1: x" in lowered.source


def test_functions_run_in_several_threads_at_once() -> None:
    lowered = lower(program())
    rows = [[0.1 * i * j for i in range(20)] for j in range(8)]
    expected = [lowered.run(row) for row in rows]
    machine = lowered.idle.pop()  # as if another thread were running it
    assert [lowered.run(row) for row in rows] == expected
    lowered.idle.append(machine)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lowered.run, rows * 20)) == expected * 20


def likelihood(start: Any, rows: Any) -> Any:
    """Of pairs: each has its own variance, and its second number is a weight."""
    variance, total = exp(start), 0.0
    for x, weight in rows:
        total = total + weight * (tanh(variance) + x * x / variance)
        variance = 0.1 + 0.2 * x * x + 0.7 * variance
    return total


@pytest.mark.parametrize("backend", [x for x in BACKENDS if x in ("python", "native")])
@pytest.mark.parametrize("longest", [200_000, 40], ids=["in one", "in chunks"])
def test_rows_of_inputs_are_slices(
    backend: str, longest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A loop over the inputs does not print each of them: text does not grow with the rows."""
    monkeypatch.setattr(to_python, "__defaults__", (longest, False))
    lines = []
    for count in 600, 700:
        rows = [(0.01 * (k % 7), 1.0 + 0.1 * (k % 5)) for k in range(count)]
        function = jit(value_and_grad(likelihood), backend=backend)
        for start in 0.5, 0.25, -1.0:
            assert function(start, rows) == pytest.approx(value_and_grad(likelihood)(start, rows))
        lines.append(function.source.count("\n"))
        assert f"[1:{2 * count}:2]" in function.source
        assert ("run_2(" in function.source) is (longest == 40)
    assert lines[0] == lines[1] < 150
