"""The walk through captured state: from a function to all that it can read, by a table of kinds.

From a function the walk reaches the cells of its closure, the globals that its code names, its
defaults, the object it is a method of, and its arguments that are not numbers; from there the items
of containers, and those attributes that are named in the code that may run. At each object the walk
writes into the guard how to notice a change, and notes what must be restored after a trace. A kind
of object that is not in the table is refused: nothing is assumed to stay unchanged.

The kind of an object is `type(x)`, whatever the object says of its class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import itemgetter
from re import sub
from types import FunctionType, ModuleType
from typing import Any

from autograd.jit.calls.guard import Guard
from autograd.jit.calls.libraries import is_library, root_of
from autograd.jit.calls.named import Names
from autograd.jit.calls.plain import ATOMS, is_frozen, is_plain, written
from autograd.jit.tuning import MOST_OBJECTS
from autograd.jit.unsupported import Unsupported
from autograd.value import Value

Place = tuple[Any, str]
"""Where an object was reached: the place before it (or None) and the step from there."""

Follow = Callable[["Walk", Any, str, Place], None]
FOLLOW: dict[Any, Follow] = {}
"""For each kind of object, how to watch it; the first class in `type(x).__mro__` counts.

What is NumPy's has the key "numpy", since that may not be installed.
"""

OF_JAX = {"jax", "jaxlib"}
"""Packages whose functions compute with arrays of their own."""

_GRAD = written("grad")
READS_GRAD = "reads .grad of a Value, which belongs to one call: pass it as an argument"


def in_words(place: Place) -> str:
    """The place where an object was reached, in words.

    >>> in_words(((None, "closure variable 'cfg'"), ".table"))
    "closure variable 'cfg' -> .table"
    """
    first, *rest = _steps(place)
    return f"{first} -> {''.join(rest)}" if rest else first


def path_of(place: Place) -> str:
    """The place as the paths of parameters are written: no brackets behind the first attribute.

    >>> path_of(((((None, "closure variable 'nets'"), "[0]"), ".layers"), "[2]"))
    'nets[0].layers.2'
    """
    first, *rest = _steps(place)
    base = "self" if first == "the function" else first.partition("'")[2].rstrip("'")
    index, dot, path = "".join(rest).removeprefix(".__self__").partition(".")
    return base + index + dot + sub(r"\[(\d+)\]", r".\1", path)


def _steps(place: Place) -> list[str]:
    steps: list[str] = []
    at: Any = place
    while at is not None:
        at, step = at
        steps.append(step)
    return steps[::-1]


class Walk:
    """One walk.

    Attributes:
        guard: the code that will check what was found.
        names: the names that count.
        holders: objects that may be changed: the kind, the object, and its place.
        is_suspect: whether something was reached that may do more than compute.
        has_lock: whether a lock was reached.
        caches: the functions with caches, each with its place.
        classes: for each class that was met, its members, and which of its data are named.
        created: the classes of which it is known whether a class method may make objects.
        absent: for each dictionary of globals, those names that are not in it.
    """

    def __init__(self, names: Names) -> None:
        self.guard = Guard()
        self.names = names
        self.holders: list[tuple[str, Any, Place]] = []
        self.absent: dict[int, tuple[dict[str, Any], set[str]]] = {}
        self.classes: dict[type, tuple[Any, list[str]]] = {}
        self.created: set[type] = set()
        self.is_suspect = False
        self.has_lock = False
        self.caches: list[tuple[Any, Place]] = []
        self._ways: set[str] = set()
        self._seen: dict[int, tuple[str, Any]] = {}

    def lacks(self, space: dict[str, Any], names: Iterable[str]) -> None:
        """These names must stay absent from a dictionary of globals."""
        self.absent.setdefault(id(space), (space, set()))[1].update(names)

    def visit(self, x: Any, place: Place, text: str = "") -> None:
        """Write the guard of an object.

        Args:
            x: the object.
            place: where it was reached.
            text: the expression that reaches it; "" if it is known to stay the same object.

        Raises:
            Unsupported: it cannot be watched.
        """
        text = text or self.guard.constant(x)
        if text not in self._ways:
            self._ways.add(text)
            before, self.guard.place = self.guard.place, place
            self._visit(x, text, place)
            self.guard.place = before

    def _visit(self, x: Any, text: str, place: Place) -> None:
        kind = type(x)
        guard = self.guard
        if kind in ATOMS or (issubclass(kind, ATOMS) and is_library(kind)):
            self.atom(x, text)
            return
        if id(x) in self._seen:
            guard.refuse(f"{text} is not {self._seen[id(x)][0]}")
            return
        name = guard.variable(text)
        self._seen[id(x)] = name, x
        if len(self._seen) > MOST_OBJECTS:
            raise Unsupported(f"captures more than {MOST_OBJECTS} objects")
        if kind is Value:
            self.holders.append(("value", x, place))
            guard.add_value(x, name)
            self._describe([x], f"[{name}]", place)
        elif is_plain(x) and ("objects" not in self.names.compares or _is_flat(x)):
            self._plain(x, name, place)
        else:
            self.follow(x, name, place)

    def follow(self, x: Any, name: str, place: Place) -> None:
        """Write the guard for an object, by its kind."""
        has_name = type(x) is FunctionType or issubclass(type(x), type)
        root = root_of(x if has_name else type(x)).partition(".")[0]
        if (
            root in OF_JAX
            and type(x) is not ModuleType
            and ".__getattr__" not in in_words(place)  # of jax.numpy, which has jnp.pi
        ):
            raise Unsupported(
                f"reads {in_words(place)}, which is JAX's: take the function of autograd, and"
                " numpy.asarray(x) for an array"
            )
        of_numpy = type(x).__module__.partition(".")[0] == "numpy"
        for kind in ["numpy"] if of_numpy else type(x).__mro__:
            if kind in FOLLOW:
                FOLLOW[kind](self, x, name, place)
                return

    def atom(self, x: Any, text: str) -> None:
        """Compare a number, a string or another atom."""
        if x == "grad" and self.names.everything:
            raise Unsupported(READS_GRAD)
        if text not in self.guard.namespace:
            name, constant = self.guard.variable(text), self.guard.constant(x)
            self.guard.refuse(f"{name} is not {constant} and not alike({name}, {constant})")

    def _plain(self, x: Any, name: str, place: Place) -> None:
        self._hold_plain(x, place)
        if self.names.everything and _GRAD in written(x):
            raise Unsupported(READS_GRAD)
        quick = ""
        if is_frozen(x):
            if name in self.guard.namespace:
                return
            quick = f"{name} is not {self.guard.constant(x)} and "
        elif type(x) is list and tuple in set(map(type, x)) and all(map(is_frozen, x)):
            known = self.guard.constant([*x])  # the same tuples hold the same numbers
            quick = f"(len({name}) != {len(x)} or any(map(is_not, {name}, {known}))) and "
        self.guard.refuse(f"{quick}dumps({name}, 2) != {self.guard.constant(written(x))}")

    def _hold_plain(self, x: Any, place: Place) -> None:
        kind = type(x)
        if kind is list or kind is dict:
            self.holders.append(("items" if kind is list else "dict", x, place))
        if kind in (list, tuple, dict) and not _is_flat(x):
            for item in _items(x):
                self._hold_plain(item, place)

    def sequence(self, x: Any, name: str, place: Place) -> None:
        """Watch the items of a list or tuple, whose class has been compared."""
        guard = self.guard
        if isinstance(x, tuple) and all(type(item) in (FunctionType, type) for item in x):
            known = guard.constant(x)  # nearly always the same tuple, whose items are then the same
            guard.refuse(
                f"{name} is not {known} and"
                f" (len({name}) != {len(x)} or any(map(is_not, {name}, {known})))"
            )
            for item in x:
                self.visit(item, (place, "[...]"))
            return
        stays = type(x) is tuple and name in guard.namespace  # this very tuple, and its items
        if not stays:
            guard.refuse(f"len({name}) != {len(x)}")
        if set(map(type, x)) == {Value} and self._are_new(x):
            self._seen |= {id(value): (f"{name}[{i}]", value) for i, value in enumerate(x)}
            self.holders += [("value", value, (place, f"[{i}]")) for i, value in enumerate(x)]
            guard.add_values(x, name)
            self._describe(x, name, place)
            return
        for i, item in enumerate(x):
            self.visit(item, (place, f"[{i}]"), "" if stays else f"{name}[{i}]")

    def _describe(self, values: Any, text: str, place: Place) -> None:
        """Watch what code may read of Values besides their numbers."""
        asked = self.names.of_users
        if "label" in asked:
            known = self.guard.constant([x.label for x in values])
            self.guard.refuse(f"[x.label for x in {text}] != {known}")
        if not asked.isdisjoint(("operands", "primitive")) and any(x._primitive for x in values):
            raise Unsupported(f"may read the graph of {in_words(place)}: pass it as an argument")

    def _are_new(self, values: Any) -> bool:
        ids = set(map(id, values))
        return len(ids) == len(values) and self._seen.keys().isdisjoint(ids)

    def mapping(self, x: dict[Any, Any], name: str, place: Place) -> None:
        """Watch the entries of a dict, whose class has been compared."""
        guard = self.guard
        keys = list(x)
        known = guard.constant(keys)
        if set(map(type, keys)) <= {str}:
            guard.refuse(f"[*{name}] != {known}")
        elif set(map(type, keys)) <= _ATOM_SET:  # 1 and 1.0 are equal, and not the same
            guard.refuse(f"dumps([*{name}], 2) != {guard.constant(written(keys))}")
        else:
            guard.refuse(f"len({name}) != {len(keys)} or any(map(is_not, {name}, {known}))")
            for key in keys:
                self.visit(key, (place, ".keys()"))
        for key, item in x.items():
            shown = repr(key) if type(key) in _ATOM_SET else f"<{type(key).__name__}>"
            self.visit(item, (place, f"[{shown}]"), f"{name}[{guard.constant(key)}]")

    def compiled(self) -> Any:
        """The guard, complete."""
        self.guard.place = None
        if self.names.compares:
            self.guard.keep_values_apart()
        if "objects" in self.names.compares:
            seen = self._seen.values()
            self.guard.keep_apart([(name, x) for name, x in seen if type(x) is not Value])
        for space, names in filter(itemgetter(1), self.absent.values()):
            known = self.guard.constant(space)
            self.guard.refuse(" or ".join([f"{name!r} in {known}" for name in sorted(names)]))
        return self.guard.compiled()


_ATOM_SET = set(ATOMS)


def _items(x: Any) -> Any:
    return x.values() if type(x) is dict else x


def _is_flat(x: Any) -> bool:
    return set(map(type, _items(x))) <= _ATOM_SET
