"""Settings in functions and modules: watched, or refused with a warning."""

from __future__ import annotations

import builtins
import sys
import types
from collections.abc import Callable
from typing import Any

from jit_settings import Case, Cases

CASES = Cases()
case = CASES.case


RATE, RATES = 1.0, [1.0]


def scaled(x):
    return scaled.rate * x


@case()
def attribute_of_the_function() -> Case:
    return scaled, lambda v: setattr(scaled, "rate", v)


@case()
def attribute_of_a_helper() -> Case:
    def helper(x):
        return x

    return (
        lambda x: helper(x) * getattr(helper, "rate", 1.0),
        lambda v: vars(helper).pop("rate", 0) if v == 1.0 else setattr(helper, "rate", v),
    )


@case()
def defaults() -> Case:
    def f(x, rate=1.0):
        return x * rate

    def change(v):
        f.__defaults__ = (v,)

    return lambda x: f(x), change


@case()
def keyword_defaults() -> Case:
    def f(x, *, rate=1.0):
        return x * rate

    return lambda x: f(x), lambda v: f.__kwdefaults__.update(rate=v)


def with_code_that_changes(by: Callable[[Any], Any]) -> Case:
    def f(x):
        return x

    def g(x):
        return x * 5

    one, five = f.__code__, g.__code__
    return by(f), lambda v: setattr(f, "__code__", five if v == 5.0 else one)


@case()
def code() -> Case:
    return with_code_that_changes(lambda f: lambda x: f(x))


@case()
def own_code() -> Case:
    return with_code_that_changes(lambda f: f)


@case()
def global_that_shadows_a_builtin() -> Case:
    space = {"__builtins__": __builtins__}
    exec("def f(x): return sum([x, x])", space)

    def change(v):
        if v == 5.0:
            space["sum"] = lambda xs: xs[0] * 5
        else:
            space.pop("sum", None)

    return space["f"], change


@case()
def builtin_that_is_replaced() -> Case:
    space = {"__builtins__": dict(vars(builtins))}
    exec("def f(x): return sum([x, x]) / 2", space)

    def change(v):
        space["__builtins__"]["sum"] = lambda xs: xs[0] * v * 2

    change(1.0)
    return space["f"], change


@case()
def module_function_by_a_name_that_is_no_identifier() -> Case:
    m = types.ModuleType("settings")

    def change(v):
        setattr(m, "a rate", lambda x: x * v)

    change(1.0)
    return lambda x: getattr(m, "a rate")(x), change


@case()
def global_that_comes_later() -> Case:
    space = {"__builtins__": __builtins__}
    exec(
        "def f(x):\n    try:\n        return x * RATE\n    except NameError:\n        return x",
        space,
    )

    def change(v):
        if v == 5.0:
            space["RATE"] = v
        else:
            space.pop("RATE", None)

    return space["f"], change


@case()
def replaced_global_function() -> Case:
    def change(v):
        globals()["helper"] = lambda x: x * v

    return lambda x: helper(x), change  # noqa: F821


@case()
def module_attribute() -> Case:
    m = types.ModuleType("settings")
    return lambda x: m.rate * x, lambda v: setattr(m, "rate", v)


@case()
def module_function() -> Case:
    m = types.ModuleType("settings")
    return lambda x: m.by(x), lambda v: setattr(m, "by", lambda x: v * x)


@case()
def submodule() -> Case:
    m = types.ModuleType("settings")
    m.sub = types.ModuleType("settings.sub")
    return lambda x: m.sub.rate * x, lambda v: setattr(m.sub, "rate", v)


@case()
def imported_inside() -> Case:
    m = types.ModuleType("own_settings")
    sys.modules["own_settings"] = m

    def f(x):
        from own_settings import rate

        return x * rate

    return f, lambda v: setattr(m, "rate", v)


@case()
def imported_inside_as_module() -> Case:
    m = types.ModuleType("own_settings2")
    sys.modules["own_settings2"] = m

    def f(x):
        import own_settings2

        return x * own_settings2.rate

    return f, lambda v: setattr(m, "rate", v)


@case()
def module_with_getattr() -> Case:
    m = types.ModuleType("lazy")
    box = [1.0]
    m.__getattr__ = lambda name: box[0]
    return lambda x: m.rate * x, lambda v: box.__setitem__(0, v)


test_a_changed_setting_is_never_missed = CASES.test()
