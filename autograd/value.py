"""`Value`: one number that remembers how it was computed.

An operation on Values gives a Value that holds its primitive and its operands: that is the graph.
`backward()` walks it in reverse topological order and applies the chain rule (in
`autograd.reverse`). The derivative rules are in `autograd.primitives`, not here.

A node is one small object. Operands are in two slots rather than in a tuple, and a plain number is
not wrapped: with fewer objects for the garbage collector to visit, building a graph is fast. An
operation of three or more operands has their tuple in the first slot.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from functools import partial
from math import ceil, floor, trunc
from typing import Any, cast, final

from autograd import freeing, modes
from autograd.errors import ARITHMETIC, located
from autograd.leaving import DETACHED, copy_taken, number_taken
from autograd.number import (
    as_flag,
    as_float,
    describe,
    is_number,
    own_operator,
)
from autograd.primitives import activations as act
from autograd.primitives import elementary as ele
from autograd.primitives import gammas as gam
from autograd.primitives import piecewise as pie
from autograd.primitives.arithmetic import (
    add,
    div,
    floordiv,
    identity,
    mod,
    mul,
    neg,
    number_power,
    power,
    power_number,
    real_power,
    sub,
)
from autograd.primitives.definition import Binary, Primitive, Unary
from autograd.primitives.piecewise import fabs
from autograd.primitives.tracing import equal, less, less_equal, not_equal
from autograd.primitives.zero import SYMBOLIC_ZERO

Operator = Callable[[Any, Any], Any]

ADD, SUB, MUL = add.primitive, sub.primitive, mul.primitive
DIV, NEG, POWER_NUMBER = div.primitive, neg.primitive, power_number.primitive


def method(function: Unary) -> Callable[[Value], Value]:
    """The function as a method of Value, which it is as it stands."""
    return cast("Callable[[Value], Value]", function)


@final
class Value:
    """One number in a computation: its data, its gradient and how it was computed.

    It behaves like a float: all arithmetic operators, with numbers on either side, comparisons
    (by value), and the conversions `float`, `int`, `bool`, `round`, `format`. Hashing is by
    identity, so Values can be keys and members of sets.

    Args:
        data: the number: anything that `float` accepts except strings and arrays.
        label: a name to show in drawings and in error messages.

    Attributes:
        data: the number, a float. Assigning to it does not recompute results of it.
        grad: the derivative of the last Value whose `backward()` was called; for a leaf, the sum
            over all such calls; 0.0 at first.
        label: the name.

    Raises:
        TypeError: the data is not a number.

    >>> a = Value(2.0, label="a")
    >>> b = a * 3
    >>> c = b * b
    >>> c.backward()
    >>> c.data, a.grad
    (36.0, 36.0)
    """

    __slots__ = ("_a", "_b", "_data", "_primitive", "grad", "label")

    grad: Any
    label: str
    _data: float
    _primitive: Primitive | None
    _a: Any
    _b: Any

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        from autograd.ufuncs import apply

        return apply(ufunc, method, inputs, options)

    def __init_subclass__(cls) -> None:
        raise TypeError(
            "Value cannot be subclassed: the engine recognises nodes by this exact class"
            " (define a new operation with autograd.primitive)"
        )

    def __init__(
        self,
        data: Any,
        label: str = "",
        _op: Any = None,  # micrograd's arguments, for an error that explains them
        _label: Any = None,
        *,
        _children: Any = None,
    ) -> None:
        if _op is not None or _children is not None or not isinstance(label, str):
            given = (_children, label if not isinstance(label, str) else None, _op)
            raise TypeError(_not_a_label(next((x for x in given if x is not None), label)))
        self.grad = 0.0
        self.label = label
        self._primitive = self._a = self._b = None
        if modes.is_tracing and (tape := modes.current_tape()) and tape.leaf(self, data):
            return
        self._data = data if type(data) is float else as_float(data, "Value")

    @property
    def data(self) -> float:
        """The number, a float; anything that `float` accepts except a string may be assigned."""
        if modes.is_tracing:
            refuse(self, "data")
        return self._data

    @data.setter
    def data(self, data: Any) -> None:
        if modes.is_tracing:
            refuse(self, "assignment to .data")
        self._data = data if type(data) is float else as_float(data, "Value.data")

    def __repr__(self) -> str:
        if modes.is_tracing and (tape := modes.current_tape()):
            tape.refuse_to_user(self, "format or print")
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self._data!r}, grad={self.grad!r}{label})"

    def __str__(self) -> str:
        if modes.is_tracing:
            refuse(self, "format or print")
        return repr(self)

    def __copy__(self) -> Value:
        return self._copying(is_deep=False).shallow_copy(self)  # type: ignore[no-any-return]

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        return self._copying().deep_copy(self, memo)  # type: ignore[no-any-return]

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self._copying().pickled(self)

    def _copying(self, is_deep: bool = True) -> Any:
        from autograd import copying

        if modes.is_tracing:
            refuse(self, "copy or pickle")
        copy_taken(self, is_deep)
        return copying

    if freeing.IS_NEEDED:
        __del__ = freeing.let_go

    # How it was computed

    @property
    def operands(self) -> tuple[Any, ...]:
        """The operands of this, in order: Values and plain numbers.

        >>> (Value(2.0) * 3.5).operands
        (Value(data=2.0, grad=0.0), 3.5)
        """
        if self._primitive is None:
            return ()
        if type(self._a) is tuple:
            return self._a
        return (self._a,) if self._b is None else (self._a, self._b)

    @property
    def primitive(self) -> Primitive | None:
        """The operation of which this is the result, `None` for a leaf."""
        return self._primitive

    @property
    def _op(self) -> str:
        """The symbol of the operation, as programs written for micrograd read it."""
        return self._primitive.symbol if self._primitive else ""

    @property
    def _prev(self) -> set[Value]:
        """The operands as Values, as programs written for micrograd read them."""
        return {x if isinstance(x, Value) else Value(x) for x in self.operands}

    @property
    def _backward(self) -> Callable[[], None]:
        """One step of the chain rule, as programs written for micrograd call it by hand."""
        from autograd.reverse import hand_on

        if modes.is_tracing:
            refuse(self, "_backward()")
        return partial(hand_on, self)

    def backward(self, *given: Any, create_graph: bool = False, **others: Any) -> None:
        """Compute the derivative of this with respect to everything it depends on.

        The gradients of leaves (Values that are not results, such as parameters) are added to; all
        others start from zero, so calling this again on the same graph is right.

        Args:
            *given: not used; an initial gradient, as PyTorch takes it, is an error.
            create_graph: make the gradients Values, which can be differentiated again.
            **others: not used; PyTorch's `gradient` and `retain_graph` are errors.

        Raises:
            TypeError: there is another argument, or `create_graph` is neither `True` nor `False`.
            ValueError, ZeroDivisionError, OverflowError: a derivative does not exist here, such as
                that of `sqrt` at 0; the message names the operation and its operands.

        >>> x = Value(3.0)
        >>> y = x**3
        >>> y.backward(create_graph=True)
        >>> dy = x.grad
        >>> x.grad = 0.0
        >>> dy.backward()
        >>> dy.data, x.grad
        (27.0, 18.0)
        """
        from autograd.reverse import backward, backward_with_graph

        if modes.is_tracing:
            refuse(self, "backward()")
        if given or others:
            got = describe(given[0]) if given else ", ".join(f"{k}=" for k in others)
            raise TypeError(
                f"backward: expected no argument, got {got}: the derivative of what it is called on"
                " is 1, and the graph is kept (for another, write (g * y).backward(); to make the"
                " gradients Values, backward(create_graph=True))"
            )
        if create_graph is not False:
            as_flag(create_graph, "backward: create_graph")
        (backward_with_graph if create_graph else backward)(self)

    def zero_grad(self) -> None:
        """Set the gradient of this, and of everything it depends on, to 0.0.

        >>> x = Value(3.0)
        >>> y = x * x
        >>> y.backward()
        >>> y.zero_grad()
        >>> x.grad
        0.0
        """
        from autograd.graph import topological_order

        if modes.is_tracing:
            refuse(self, "zero_grad()")
        for node in topological_order(self):
            node.grad = 0.0

    def detach(self) -> Value:
        """A new leaf with the same data and label, through which no gradient flows.

        >>> x = Value(3.0)
        >>> y = x * x.detach()
        >>> y.backward()
        >>> x.grad
        3.0
        """
        if modes.is_tracing and modes.current_tape():
            return Value(self, self.label)
        leaf = Value(self._data, self.label)
        leaf._a = DETACHED
        return leaf

    @staticmethod
    def _apply(primitive: Primitive, operands: tuple[Any, ...]) -> Value:
        """The result of a primitive on operands of which at least one is a Value."""
        others: list[Any] = []  # operands that are neither: integers, or what is no number
        note: Callable[[Any], Any] = others.append
        numbers = [
            x._data if x.__class__ is Value else x if x.__class__ is float else note(x)
            for x in operands
        ]
        if others:
            operands = tuple(
                [
                    x if x.__class__ is Value or x is SYMBOLIC_ZERO else as_float(x, primitive.name)
                    for x in operands
                ]
            )
            numbers = [x._data if x.__class__ is Value else x for x in operands]
        try:
            data = primitive.value(*numbers)
        except ARITHMETIC as error:
            raise located(error, primitive.name, operands) from None
        if type(data) is not float and data is not SYMBOLIC_ZERO:
            data = as_float(data, f"the value of {primitive.name}")
        if primitive.arity == 1:
            return record(data, primitive, operands[0], None)
        if primitive.arity == 2:
            return record(data, primitive, *operands)
        return record(data, primitive, operands, None)

    def _apply_unary(self, primitive: Primitive) -> Value:
        """The same for one operand; what it raises does not say where."""
        data = primitive.value(self._data)
        if data.__class__ is not float:
            return self._apply(primitive, (self,))
        return record(data, primitive, self, None)

    # Arithmetic. `record` makes the node; anything but a Value, float or int goes to `convert`.
    # Sums and products are nine tenths of most graphs: they inline `record`, for speed.

    def __add__(self, other: Any) -> Value:
        if other.__class__ is Value and not modes.is_quiet:
            node = _new(Value)
            node._data = self._data + other._data
            node.grad = 0.0
            node.label = ""
            node._primitive = ADD
            node._a = self
            node._b = other
            return node
        if other.__class__ is float or other.__class__ is int:
            return record(self._data + other, ADD, self, other)
        return combine(add, operator.add, self, other)

    def __radd__(self, other: Any) -> Value:
        if other.__class__ is float or other.__class__ is int:
            return record(other + self._data, ADD, other, self)
        return convert(operator.add, self, other, reflected=True)

    def __sub__(self, other: Any) -> Value:
        if other.__class__ is Value:
            return record(self._data - other._data, SUB, self, other)
        if other.__class__ is float or other.__class__ is int:
            return record(self._data - other, SUB, self, other)
        return convert(operator.sub, self, other)

    def __rsub__(self, other: Any) -> Value:
        if other.__class__ is float or other.__class__ is int:
            return record(other - self._data, SUB, other, self)
        return convert(operator.sub, self, other, reflected=True)

    def __mul__(self, other: Any) -> Value:
        if other.__class__ is Value and not modes.is_quiet:
            node = _new(Value)
            node._data = self._data * other._data
            node.grad = 0.0
            node.label = ""
            node._primitive = MUL
            node._a = self
            node._b = other
            return node
        if other.__class__ is float or other.__class__ is int:
            return record(self._data * other, MUL, self, other)
        return combine(mul, operator.mul, self, other)

    def __rmul__(self, other: Any) -> Value:
        if other.__class__ is float or other.__class__ is int:
            return record(other * self._data, MUL, other, self)
        return convert(operator.mul, self, other, reflected=True)

    def __truediv__(self, other: Any) -> Value:
        if other.__class__ is Value and other._data:
            return record(self._data / other._data, DIV, self, other)
        return combine(div, operator.truediv, self, other)

    def __rtruediv__(self, other: Any) -> Value:
        return combine(div, operator.truediv, self, other, reflected=True)

    def __floordiv__(self, other: Any) -> Value:
        return combine(floordiv, operator.floordiv, self, other)

    def __rfloordiv__(self, other: Any) -> Value:
        return combine(floordiv, operator.floordiv, self, other, reflected=True)

    def __mod__(self, other: Any) -> Value:
        return combine(mod, operator.mod, self, other)

    def __rmod__(self, other: Any) -> Value:
        return combine(mod, operator.mod, self, other, reflected=True)

    def __divmod__(self, other: Any) -> tuple[Value, Value]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Value, Value]:
        return other // self, other % self

    def __pow__(self, other: Any) -> Value:
        if other.__class__ is float or other.__class__ is int:
            try:
                number = float(other)
                return record(real_power(self._data, number), POWER_NUMBER, self, number)
            except ARITHMETIC:
                pass  # is raised again, and says where
        made = power if isinstance(other, Value) else power_number
        return combine(made, operator.pow, self, other)

    def __rpow__(self, other: Any) -> Value:
        return combine(number_power, operator.pow, self, other, reflected=True)

    def __neg__(self) -> Value:
        return record(-self._data, NEG, self, None)

    def __pos__(self) -> Value:
        return self._apply(identity.primitive, (self,))

    def __abs__(self) -> Value:
        return self._apply(fabs.primitive, (self,))

    # Comparisons are by value and give plain bools; the hash is by identity, as in PyTorch. While a
    # function is being traced they give nodes, and `bool` records a guard.

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> Any:
        if modes.is_tracing and (node := compared(equal, self, other)) is not None:
            return node
        return self._data == (other._data if isinstance(other, Value) else other)

    def __ne__(self, other: object) -> Any:
        if modes.is_tracing and (node := compared(not_equal, self, other)) is not None:
            return node
        return self._data != (other._data if isinstance(other, Value) else other)

    def __lt__(self, other: Any) -> Any:
        if modes.is_tracing and (node := compared(less, self, other)) is not None:
            return node
        return self._data < (other._data if isinstance(other, Value) else other)

    def __le__(self, other: Any) -> Any:
        if modes.is_tracing and (node := compared(less_equal, self, other)) is not None:
            return node
        return self._data <= (other._data if isinstance(other, Value) else other)

    def __gt__(self, other: Any) -> Any:
        if modes.is_tracing and (node := compared(less, self, other, True)) is not None:
            return node
        return self._data > (other._data if isinstance(other, Value) else other)

    def __ge__(self, other: Any) -> Any:
        if modes.is_tracing and (node := compared(less_equal, self, other, True)) is not None:
            return node
        return self._data >= (other._data if isinstance(other, Value) else other)

    # Conversions leave the graph: they give the same as for a float.

    def __float__(self) -> float:
        if modes.is_tracing:
            refuse(self, "float()")
        number_taken(self)
        return self._data

    def __int__(self) -> int:
        if modes.is_tracing:
            refuse(self, "int()")
        return int(self._data)

    def __bool__(self) -> bool:
        outcome = bool(self._data)
        if modes.is_tracing and (tape := modes.current_tape()):
            tape.guard(self, outcome)
        return outcome

    def __round__(self, ndigits: int | None = None) -> float:
        if modes.is_tracing:
            refuse(self, "round()")
        return round(self._data, ndigits)

    def __trunc__(self) -> int:
        if modes.is_tracing:
            refuse(self, "trunc()")
        return trunc(self._data)

    def __floor__(self) -> int:
        if modes.is_tracing:
            refuse(self, "floor()")
        return floor(self._data)

    def __ceil__(self) -> int:
        if modes.is_tracing:
            refuse(self, "ceil()")
        return ceil(self._data)

    def __format__(self, spec: str) -> str:
        if modes.is_tracing:
            refuse(self, "format or print")
        return format(self._data, spec) if spec else repr(self)

    # The other methods of a float

    @property
    def real(self) -> Value:
        """This: every number here is real."""
        return self

    @property
    def imag(self) -> float:
        """0.0: every number here is real."""
        return 0.0

    def conjugate(self) -> Value:
        """This: every number here is real."""
        return self

    def is_integer(self) -> bool:
        """Whether the number is whole.

        >>> Value(2.0).is_integer(), Value(2.5).is_integer()
        (True, False)
        """
        if modes.is_tracing:
            refuse(self, "is_integer()")
        return self._data.is_integer()

    def as_integer_ratio(self) -> tuple[int, int]:
        """The number as a fraction, exactly: numerator and denominator.

        >>> Value(0.75).as_integer_ratio()
        (3, 4)
        """
        return float(self).as_integer_ratio()

    def hex(self) -> str:
        """The number as text, exactly, as `float.fromhex` reads it.

        >>> Value(0.75).hex()
        '0x1.8000000000000p-1'
        """
        return float(self).hex()

    # The smooth functions and the activations, as methods

    exp = method(ele.exp)
    exp2 = method(ele.exp2)
    expm1 = method(ele.expm1)
    log = method(ele.log)
    log2 = method(ele.log2)
    log10 = method(ele.log10)
    log1p = method(ele.log1p)
    sqrt = method(ele.sqrt)
    cbrt = method(ele.cbrt)
    sin = method(ele.sin)
    cos = method(ele.cos)
    tan = method(ele.tan)
    asin = method(ele.asin)
    acos = method(ele.acos)
    atan = method(ele.atan)
    sinh = method(ele.sinh)
    cosh = method(ele.cosh)
    tanh = method(ele.tanh)
    asinh = method(ele.asinh)
    acosh = method(ele.acosh)
    atanh = method(ele.atanh)
    erf = method(ele.erf)
    erfc = method(ele.erfc)
    degrees = method(ele.degrees)
    radians = method(ele.radians)
    gamma = method(gam.gamma)
    lgamma = method(gam.lgamma)
    digamma = method(gam.digamma)
    rint = method(pie.rint)
    sigmoid = method(ele.sigmoid)
    relu = method(act.relu)
    silu = method(act.silu)
    softplus = method(act.softplus)
    softsign = method(act.softsign)

    def atan2(self, x: Value | float) -> Value:
        """See `autograd.atan2`: this is its `y`."""
        return ele.atan2(self, x)

    def hypot(self, y: Value | float) -> Value:
        """See `autograd.hypot`."""
        return ele.hypot(self, y)

    def fmod(self, y: Value | float) -> Value:
        """See `autograd.fmod`."""
        return pie.fmod(self, y)

    def leaky_relu(self, slope: Value | float = 0.01) -> Value:
        """See `autograd.leaky_relu`."""
        return act.leaky_relu(self, slope)

    def elu(self, alpha: Value | float = 1.0) -> Value:
        """See `autograd.elu`."""
        return act.elu(self, alpha)

    def gelu(self, approximate: str = "none") -> Value:
        """See `autograd.gelu`."""
        return act.gelu_form(approximate)(self)

    # The same under the names that NumPy calls on the items of an array

    arccos = acos
    arccosh = acosh
    arcsin = asin
    arcsinh = asinh
    arctan = atan
    arctan2 = atan2
    arctanh = atanh
    deg2rad = radians
    fabs = __abs__
    rad2deg = degrees


def _not_a_label(given: Any) -> str:
    """The error for micrograd's `Value(data, children, operation)`, or for another label."""
    if not isinstance(given, Iterable):
        return f"Value: the label must be a string, got {describe(given)}"
    expected = "expected a number and a label, got also"
    if not isinstance(given, str):
        expected = "the label must be a string, got"
    return (
        f"Value: {expected} {describe(given)}"
        " (write the operation itself, as a + b, which records its operands; define a new operation"
        " with autograd.primitive)"
    )


_new = object.__new__


def record(data: float, primitive: Primitive | None, a: Any, b: Any) -> Value:
    """A node: the result of a primitive on operands `a` and `b`.

    For an operation on one operand, `b` is None; for three or more, `a` is their tuple.
    """
    node = _new(Value)
    node._data = data
    node.grad = 0.0
    node.label = ""
    node._primitive = primitive
    node._a = a
    node._b = b
    if modes.is_quiet:
        remember(node)
    return node


def unrecorded(data: float) -> Value:
    """The result of an operation that nothing records."""
    node = _new(Value)
    node._data = data
    node.grad = 0.0
    node.label = ""
    node._primitive = node._a = node._b = None
    return node


def remember(node: Value) -> None:
    """Record a new node on the tape, if one is set; else drop its operands in `no_grad`, or show it
    to the observer.
    """
    tape = modes.current_tape()
    if tape:
        (tape.write if modes.is_recording() else tape.write_stopped)(node)
    elif not modes.is_recording():
        node._primitive = node._a = node._b = None
    elif (note := modes.current_observer()) is not None:
        note(node)


def compared(function: Binary, value: Value, other: Any, reflected: bool = False) -> Any:
    """A comparison that each run of what is traced must make; else None."""
    tape = modes.current_tape()
    return tape.compared(function, value, other, reflected) if tape else None


def is_array(x: Any) -> bool:
    """Whether this is a NumPy array; NumPy is not imported for that."""
    return type(x).__module__ == "numpy" and hasattr(x, "shape")


def refuse(value: Value, what: str) -> None:
    """Raise TraceError if the number of this Value is asked for in a trace."""
    if tape := modes.current_tape():
        tape.refuse(value, what)


def constant(x: Any, role: str) -> Any:
    """The number of `x`, for a computation that passes no gradient on.

    A float; while a function is traced, a Value that stands for one.
    """
    if isinstance(x, Value):
        tape = modes.current_tape()
        return tape.constant(x) if tape else x._data
    return as_float(x, role)


def combine(
    function: Binary, operation: Operator, value: Value, other: Any, reflected: bool = False
) -> Value:
    """The result of a primitive on a Value and an operand of any kind, on its left if reflected."""
    if other.__class__ is Value or other.__class__ is float or other.__class__ is int:
        operands = (other, value) if reflected else (value, other)
        return Value._apply(function.primitive, operands)
    return convert(operation, value, other, reflected)


def convert(operation: Operator, value: Value, other: Any, reflected: bool = False) -> Value:
    """The result of an operator on a Value and something that is not a Value, float or int.

    With a NumPy array it is an array of Values, with an unknown type `NotImplemented`, so that
    Python tries the other operand. A symbolic zero handles sums and products itself.
    """
    if other is SYMBOLIC_ZERO and operation in (operator.add, operator.sub, operator.mul):
        return cast(Value, NotImplemented)
    if is_number(other):
        is_right = isinstance(other, float) and not reflected
        if is_right and own_operator(other, f"__r{operation.__name__}__"):  # Python asks it first
            return cast(Value, NotImplemented)
        if tape := modes.current_tape():
            tape.refuse_beside(value, other)
        number = as_float(other, operation.__name__)
        return cast(Value, operation(number, value) if reflected else operation(value, number))
    if is_array(other):
        from numpy import frompyfunc

        if tape := modes.current_tape():
            tape.refuse_beside(value, other)
        elementwise = (lambda x: operation(x, value)) if reflected else partial(operation, value)
        return cast(Value, frompyfunc(elementwise, 1, 1)(other))
    if type(other).__module__ == "builtins":
        hint = " (call it to get a number)" if callable(other) else ""
        raise TypeError(
            f"{operation.__name__}: expected a number beside {value!r}, got {describe(other)}{hint}"
        )
    return cast(Value, NotImplemented)
