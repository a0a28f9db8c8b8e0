"""Containers: the classes of objects that hold numbers, and how each is taken apart.

Lists, tuples, named tuples, dicts and arrays of objects are known. `register_dataclass` and
`register_container` add classes to the table, which every transform and the compiler go by.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from math import copysign
from typing import Any, NamedTuple, TypeVar, cast, overload

from autograd.number import describe, is_number
from autograd.value import Value

C = TypeVar("C", bound=type)


def _by_index(_: Any, count: int) -> list[str]:
    return [f"[{i}]" for i in range(count)]


class Container(NamedTuple):
    """How objects of one class are taken apart and put together.

    Attributes:
        take: from an object to its children, and what is static in it: a hashable object, or (if
            `is_registered`) a sequence of objects of any kind.
        make: from what is static and the children to an object.
        steps: from what is static and the number of children to the step from the object to each
            child, as in Python.
        is_registered: whether the class is a user's.
    """

    take: Callable[[Any], tuple[Sequence[Any], Any]]
    make: Callable[[Any, list[Any]], Any]
    steps: Callable[[Any, int], Iterable[str]] = _by_index
    is_registered: bool = False


ARRAY = "array"
"""The key of arrays in the table: NumPy may not be installed."""


def array_of(items: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """An array of that shape: of floats if all items are, of bools if all are, else of objects."""
    import numpy as np

    kinds = set(map(type, items))
    if kinds <= {float} or kinds == {bool}:
        return np.array(items, None if kinds else float).reshape(shape)
    made = np.empty(len(items), object)
    made[:] = items
    return made.reshape(shape)


def places(shape: tuple[int, ...]) -> list[str]:
    """The step to each item of an array of that shape, in order.

    >>> places((2, 1)), places(())
    (['[0][0]', '[1][0]'], [''])
    """
    return ["".join([f"[{i}]" for i in place]) for place in product(*map(range, shape))]


def _steps_of_keys(keys: Any, _: int) -> list[str]:
    return [f"[{key!r}]" for key in keys]


CONTAINERS: dict[Any, Container] = {
    list: Container(lambda x: (x, None), lambda _, items: items),
    tuple: Container(lambda x: (x, None), lambda _, items: tuple(items)),
    dict: Container(
        lambda x: ([*x.values()], keys_of(x)),
        lambda keys, items: dict(zip(keys, items, strict=True)),
        _steps_of_keys,
    ),
    OrderedDict: Container(
        lambda x: ([*x.values()], keys_of(x)),
        lambda keys, items: OrderedDict(zip(keys, items, strict=True)),
        _steps_of_keys,
    ),
    defaultdict: Container(
        lambda x: ([*x.values()], (x.default_factory, keys_of(x))),
        lambda static, items: defaultdict(static[0], zip(static[1], items, strict=True)),
        lambda static, count: _steps_of_keys(static[1], count),
    ),
    ARRAY: Container(
        lambda x: (x.ravel().tolist(), x.shape),
        lambda shape, items: array_of(items, shape),
        lambda shape, _: places(shape),
    ),
}
"""How the objects of each class are taken apart; of named tuples, those met so far."""


def container_of(kind: type) -> Container | None:
    """How objects of this class are taken apart, if they are containers."""
    found = CONTAINERS.get(kind)
    if found is None and issubclass(kind, tuple) and hasattr(kind, "_make"):
        fields = [f".{name}" for name in kind._fields]  # type: ignore[attr-defined]
        make: Any = kind._make
        found = Container(lambda x: (x, None), lambda _, items: make(items), lambda *_: fields)
        CONTAINERS[kind] = found
    return found


# Registration


def register_container(
    cls: type, flatten: Callable[[Any], Any], unflatten: Callable[[Any, list[Any]], Any]
) -> None:
    """Make objects of a class structures of numbers, as lists and dicts are.

    They may be arguments and results of every transform and of compiled functions. Subclasses are
    registered by themselves.

    Args:
        cls: the class.
        flatten: from an object to the pair of its children, a sequence of numbers and structures of
            them, and whatever else is needed to make it again, which no derivative sees. In
            compiled code the latter is a constant: it must be hashable.
        unflatten: from that and a list of children to an object. The children are not always
            numbers of the same kind: in gradients and in traces they are derivatives and Values.

    Raises:
        TypeError: `cls` is not a class of containers, or the others are not functions.
        ValueError: it is registered already.

    >>> from autograd import grad, register_container
    >>> class Point:
    ...     def __init__(self, x, y):
    ...         self.x, self.y = x, y
    >>> register_container(Point, lambda p: ((p.x, p.y), None), lambda _, xy: Point(*xy))
    >>> slope = grad(lambda p: p.x * p.y)(Point(2.0, 3.0))
    >>> slope.x, slope.y
    (3.0, 2.0)
    """
    for role, f in (("flatten", flatten), ("unflatten", unflatten)):
        if not callable(f):
            raise TypeError(f"register_container: {role}: expected a function, got {describe(f)}")

    def take(x: Any) -> tuple[list[Any], list[Any]]:
        try:
            children, static = flatten(x)
            return list(children), [static]
        except (TypeError, ValueError) as error:
            error.add_note(f"register_container: flatten takes a {cls.__name__} apart, into a pair")
            raise

    _register("register_container", cls, Container(take, lambda s, xs: unflatten(s[0], xs)))


@overload
def register_dataclass(cls: C, *, static: Iterable[str] = ()) -> C: ...
@overload
def register_dataclass(cls: None = None, *, static: Iterable[str] = ()) -> Callable[[C], C]: ...
def register_dataclass(cls: Any = None, *, static: Iterable[str] = ()) -> Any:
    """Make objects of a dataclass structures of numbers; also a decorator.

    They are put together by calling the class with all fields, which in gradients and in traces are
    derivatives and Values.

    Args:
        cls: the class.
        static: the names of fields that are not numbers, which no derivative sees. In compiled code
            they are constants: they must be hashable.

    Returns:
        The class.

    Raises:
        TypeError: `cls` is not a dataclass, or has a field that its constructor does not take.
        ValueError: it is registered already, or has no such field.

    >>> from dataclasses import dataclass
    >>> from autograd import grad, register_dataclass
    >>> @register_dataclass(static=["name"])
    ... @dataclass
    ... class Line:
    ...     slope: float
    ...     offset: float
    ...     name: str = "line"
    >>> grad(lambda line: line.slope * 3.0 + line.offset)(Line(2.0, 1.0))
    Line(slope=3.0, offset=1.0, name='line')
    """
    if cls is None:
        return lambda cls: register_dataclass(cls, static=static)
    if not isinstance(cls, type) or "__dataclass_fields__" not in vars(cls):
        raise TypeError(
            f"register_dataclass: expected a dataclass, got {describe(cls)}"
            " (register_container takes any class)"
        )
    from dataclasses import fields

    if isinstance(static, str):
        raise TypeError(f"register_dataclass: static: expected a list of names, got {static!r}")
    fixed, names = list(static), [field.name for field in fields(cls)]
    if unknown := [name for name in fixed if name not in names]:
        raise ValueError(f"register_dataclass: {cls.__name__} has no field {unknown[0]!r}")
    if computed := [field.name for field in fields(cls) if not field.init]:
        raise TypeError(
            f"register_dataclass: the constructor of {cls.__name__} does not take its field"
            f" {computed[0]!r} (register_container says how to make one)"
        )
    moving = [name for name in names if name not in fixed]

    def take(x: Any) -> tuple[list[Any], list[Any]]:
        return [getattr(x, name) for name in moving], [getattr(x, name) for name in fixed]

    def make(found: Any, items: list[Any]) -> Any:
        return cls(**dict(zip(moving + fixed, [*items, *found], strict=True)))

    steps = [f".{name}" for name in moving]
    _register("register_dataclass", cls, Container(take, make, lambda *_: steps))
    return cls


def _register(role: str, cls: Any, container: Container) -> None:
    if not isinstance(cls, type):
        raise TypeError(f"{role}: expected a class, got {describe(cls)}")
    if issubclass(cls, Value | str | bytes) or hasattr(cls, "__float__"):
        raise TypeError(f"{role}: {cls.__name__} is no class of containers: one is a single leaf")
    if cls in CONTAINERS:
        raise ValueError(f"{role}: {cls.__name__} is known already")

    def make(keys: Any, items: list[Any]) -> Any:
        made = container.make([key.thing for key in keys], items)
        if type(made) is not cls:
            raise TypeError(f"{role}: expected unflatten to make a {cls.__name__}, got {made!r}")
        return made

    CONTAINERS[cls] = container._replace(make=make, is_registered=True)


def remedy(x: Any) -> str:
    """How to make an object a container, for an error message; nothing where it cannot be one.

    >>> remedy("text"), remedy({1.0})
    ('', '')
    """
    kind = type(x)
    if is_number(x) or x is None or kind.__module__ in ("builtins", "numpy", "types"):
        return ""
    if "__dataclass_fields__" in vars(kind):
        return f" (autograd.register_dataclass({kind.__name__}) makes it a structure of its fields)"
    return (
        f" (autograd.register_container({kind.__name__}, flatten, unflatten) makes it a structure"
        " of numbers)"
    )


# What is equal in two structures


def alike(x: Any, y: Any) -> bool:
    """Whether two constants are the same down to types and signs of zeros; nan is like nan.

    >>> alike(1, 1.0), alike(0.0, -0.0), alike((float("nan"),), (float("nan"),))
    (False, False, True)
    """
    if type(x) is not type(y):
        return False
    if type(x) is tuple:
        return len(x) == len(y) and all(map(alike, x, y))
    if x == y:
        if type(x) is float:
            return x != 0.0 or copysign(1, x) == copysign(1, y)
        return type(x) in _TOLD_BY_EQUALITY or repr(x) == repr(y)  # a time is one in any zone
    return bool(x != x and y != y)


_TOLD_BY_EQUALITY = {int, bool, str, bytes, type(None)}


class Keys(tuple[Any, ...]):
    """The keys of a dict of which some are not strings: equal only if the types are equal too.

    >>> Keys((1, "a")) == Keys((1, "a")), Keys((1, "a")) == Keys((1.0, "a"))
    (True, False)
    """

    __slots__ = ()
    __hash__ = tuple.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, tuple) and alike((*self,), (*cast(Any, other),))

    def __ne__(self, other: object) -> bool:
        return not self == other


def keys_of(x: dict[Any, Any]) -> tuple[Any, ...]:
    """The keys of a dict, which compare by type too."""
    return tuple(x) if {*map(type, x)} <= {str} else Keys(x)


class Same:
    """The key of an object: equal to that of another only if it is the same object."""

    __slots__ = ("thing",)

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def matches(self, x: Any) -> bool:
        """Whether an object has this key."""
        return x is self.thing

    def __hash__(self) -> int:
        return id(self.thing)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.matches(cast(Any, other).thing)


class Equal(Same):
    """The key of a constant: equal to that of another that is alike."""

    __slots__ = ()

    def matches(self, x: Any) -> bool:
        """Whether an object has this key."""
        return x is self.thing or alike(x, self.thing)

    def __hash__(self) -> int:
        return hash(self.thing)
