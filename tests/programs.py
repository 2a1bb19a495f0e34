"""Random programs of views, writes in place, reads and copies, run three times in step.

Once on Tensors; once on plain arrays, which say what the values must be; and once on arrays of
dual numbers, which say what the derivatives must be: NumPy's views and writes move a derivative
with its value, whatever memory it lies in. A step that the Tensors refuse is left out of all
three, and must not have changed anything.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import autograd_mini as ag

REFUSALS = (RuntimeError, TypeError, ValueError, NotImplementedError)


class Dual:
    """A number and its derivative; either may be a dual number itself, for second derivatives."""

    __slots__ = ("rate", "value")

    def __init__(self, value: Any, rate: Any) -> None:
        self.value, self.rate = value, rate

    def __add__(self, other: Any) -> Dual:
        other = dual(other)
        return Dual(self.value + other.value, self.rate + other.rate)

    def __mul__(self, other: Any) -> Dual:
        other = dual(other)
        return Dual(self.value * other.value, self.value * other.rate + self.rate * other.value)

    def __neg__(self) -> Dual:
        return Dual(-self.value, -self.rate)

    def __sub__(self, other: Any) -> Dual:
        return self + -dual(other)

    def __rsub__(self, other: Any) -> Dual:
        return dual(other) - self

    __radd__, __rmul__ = __add__, __mul__

    def __lt__(self, other: Dual) -> bool:
        return plain(self) < plain(other)

    def sin(self) -> Dual:
        return Dual(sin(self.value), cos(self.value) * self.rate)

    def cos(self) -> Dual:
        return Dual(cos(self.value), -sin(self.value) * self.rate)

    def tanh(self) -> Dual:
        t = tanh(self.value)
        return Dual(t, (1.0 - t * t) * self.rate)


def dual(x: Any) -> Dual:
    if isinstance(x, np.ndarray):  # of one element
        x = x[()]
    return x if isinstance(x, Dual) else Dual(x, 0.0)


def plain(x: Any) -> float:
    return plain(x.value) if isinstance(x, Dual) else float(x)


def half(like: Any) -> Any:
    return Dual(0.5, 0.0) if like.dtype == object else 0.5


def sin(x: Any) -> Any:
    return x.sin() if isinstance(x, Dual) else math.sin(x)


def cos(x: Any) -> Any:
    return x.cos() if isinstance(x, Dual) else math.cos(x)


def tanh(x: Any) -> Any:
    return x.tanh() if isinstance(x, Dual) else math.tanh(x)


def constant(duals: Any) -> Any:
    """Return the numbers as duals with nothing but their values, in new memory."""
    result = np.empty(np.shape(duals), object)
    for i in np.ndindex(result.shape):
        result[i] = Dual(plain(duals[i] if i else np.asarray(duals)[()]), 0.0)
    return result


def owner(array: Any) -> Any:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


@dataclass
class Variable:
    """The same thing three times. `detached` if it is read without derivatives.

    `leaf` is the direction in which a leaf that is a view is differentiated: its memory belongs to
    others, who know nothing of it. A view of a detached variable is `path` of that, its `source`,
    should this become a leaf.
    """

    tensor: Any
    array: Any
    duals: Any
    detached: bool = False
    leaf: Any = None
    source: Variable | None = None
    path: Callable[[Any], Any] = field(default=lambda a: a)

    def read(self) -> Any:
        """Return the duals that a read of it gives, sharing memory where nothing is added."""
        if self.leaf is None and not self.detached:
            return self.duals
        result = constant(self.duals)
        if self.leaf is not None:
            result[...] = result + self.leaf
        return result


class Program:
    """A random program, grown step by step.

    Args:
        seed: of the random choices.
        order: of the derivatives that the duals carry.
    """

    def __init__(self, seed: int, order: int = 1) -> None:
        self.rng = np.random.default_rng(seed)
        self.order = order
        self.variables: list[Variable] = []
        self.leaves: list[tuple[Any, Any]] = []
        self.log: list[str] = []
        self.refused = 0
        for shape in ((2, 3), (3,), (2, 3), (4,), ()):
            values = self.rng.normal(size=shape)
            requires_grad = len(self.variables) < 2
            t = ag.Tensor(values, requires_grad=requires_grad)
            variable = Variable(t, values, constant(values))
            if requires_grad:
                variable.duals[...] = variable.duals + self.direction(t)
            self.variables.append(variable)

    def direction(self, t: Any) -> Any:
        """Return the derivative of a new leaf: random numbers, one for each order."""
        rates = self.rng.normal(size=(2, *t.shape))
        self.leaves.append((t, rates))
        result = np.empty(t.shape, object)
        for i in np.ndindex(t.shape):
            first, second = rates[(0, *i)], rates[(1, *i)]
            if self.order == 1:
                result[i] = Dual(0.0, float(first))
            else:
                result[i] = Dual(Dual(0.0, float(second)), Dual(float(first), 0.0))
        return result

    # Choices

    def choose(self, options: Any) -> Any:
        return options[self.rng.integers(len(options))]

    def pick(self, wanted: Callable[[Variable], bool] = lambda v: True) -> Variable:
        return self.choose([v for v in self.variables if wanted(v)] or self.variables)

    def fitting(self, shape: tuple[int, ...]) -> Variable:
        """Return a variable that broadcasts to `shape`."""

        def fits(v: Variable) -> bool:
            try:
                return bool(np.broadcast_shapes(v.array.shape, shape) == shape)
            except ValueError:
                return False

        return self.pick(fits)

    def basic_index(self, shape: tuple[int, ...]) -> Any:
        parts: list[Any] = []
        for n in shape[: self.rng.integers(len(shape) + 1)]:
            kind = self.rng.integers(4)
            if kind == 0 and n > 0:
                parts.append(int(self.rng.integers(-n, n)))
            elif kind == 1:
                parts.append(slice(None, None, self.choose([-1, 2])))
            elif kind == 2:
                parts.append(slice(self.choose([0, 1, -2]), self.choose([None, n, -1])))
            else:
                parts.append(slice(None))
        if self.rng.random() < 0.2:
            parts.append(...)
        if self.rng.random() < 0.1:
            parts.append(None)
        return tuple(parts)

    def index(self, shape: tuple[int, ...]) -> Any:
        kind = self.rng.integers(4)
        if kind == 0 and shape and shape[0]:
            return self.rng.integers(-shape[0], shape[0], size=self.choose([2, 3, (2, 2)]))
        if kind == 1:
            return self.rng.random(shape) < 0.5
        if kind == 2 and len(shape) > 1 and 0 not in shape:
            return tuple(self.rng.integers(0, n, size=3) for n in shape)
        return self.basic_index(shape)

    # Steps

    def run(self, steps: int) -> None:
        kinds = [self.view] * 5 + [self.compute] * 3 + [self.write] * 6
        kinds += [self.copy, self.quietly, self.new_leaf, self.drop]
        for _ in range(steps):
            self.choose(kinds)()
            self.compare()

    def compare(self) -> None:
        for v in self.variables:
            np.testing.assert_allclose(v.tensor._array, v.array, err_msg="\n".join(self.log))
            values = np.vectorize(plain, otypes=[float])(v.duals)
            np.testing.assert_allclose(values, v.array, err_msg="\n".join(self.log))

    def attempt(self, name: str, action: Callable[[], Any]) -> Any:
        """Return what `action` does on Tensors, or None if they refuse it."""
        try:
            result = action()
        except REFUSALS as error:
            self.refused += 1
            self.log.append(f"{name}: {type(error).__name__}: {error}")
            return None
        self.log.append(name)
        return result

    def named(self, v: Variable) -> str:
        return f"v{[u is v for u in self.variables].index(True)}"

    def view(self) -> None:
        v = self.pick()
        shape = v.array.shape
        index = self.basic_index(shape)
        axes = tuple(self.rng.permutation(len(shape)).tolist())
        flipped = tuple(slice(None, None, -1) for _ in shape)
        options: list[tuple[str, Callable[[Any], Any]]] = [
            (f"[{index}]", lambda a: a[index]),
            (".T", lambda a: a.T),
            (f".transpose{axes}", lambda a: a.transpose(axes)),
            (".reshape(-1)", lambda a: a.reshape(-1)),
            (".reshape(-1, 1)", lambda a: a.reshape(-1, 1)),
            (".reshape(-1, order=F)", lambda a: np.reshape(a, -1, order="F")),
            ("[None]", lambda a: a[None]),
            ("flipped", lambda a: a[flipped]),
            ("broadcast", lambda a: np.broadcast_to(a, (2, *shape))),
            ("cast to the same", lambda a: np.astype(a, a.dtype, copy=False)),
            (".atleast_2d", np.atleast_2d),
            (".squeeze", np.squeeze),
            ("np.flip", np.flip),
            ("np.ravel", np.ravel),
        ]
        name, make = self.choose(options)
        if self.rng.random() < 0.15 and shape and shape[0] > 1:
            name, make = self.choose(
                [("split", lambda a: np.split(a, [1])[1]), ("row", lambda a: list(a)[-1])]
            )
        self.extend(f"v{len(self.variables)} = {self.named(v)}{name}", v, make)

    def extend(self, name: str, v: Variable, make: Callable[[Any], Any]) -> None:
        made = self.attempt(name, lambda: make(v.tensor))
        if made is None or made is v.tensor:
            return
        array = np.asarray(make(v.array))
        if made._view is None:  # it shares no memory, being a copy or made of a scalar
            self.variables.append(Variable(made, array.copy(), np.array(make(v.read()), object)))
            return
        leaf = None if v.leaf is None else make(v.leaf)
        source, path = v.source, lambda a: make(v.path(a))
        if source is None and v.detached:
            source, path = v, make
        self.variables.append(Variable(made, array, make(v.duals), v.detached, leaf, source, path))

    def quietly(self) -> None:
        """Make a view that is a constant, or write to a constant or a leaf within no_grad."""
        v = self.pick()
        if self.rng.random() < 0.5:
            index = self.basic_index(v.array.shape)
            name = f"v{len(self.variables)} = {self.named(v)}.detach()[{index}]"
            if isinstance(v.array[index], np.ndarray) and isinstance(v.tensor._array, np.ndarray):
                with ag.no_grad():
                    made = self.attempt(name, lambda: v.tensor.detach()[index])
                if made is not None:
                    new = Variable(made, v.array[index], v.duals[index], detached=True)
                    self.variables.append(new)
            return
        value = float(self.rng.normal())
        with ag.no_grad():
            done = self.attempt(
                f"no_grad: {self.named(v)} *= {value}", lambda: operator.imul(v.tensor, value)
            )
        if done is not None:
            np.multiply(v.array, value, out=v.array)
            memory = owner(v.duals)
            rates = memory - constant(memory)
            np.multiply(v.duals, value, out=v.duals)
            memory[...] = constant(memory) + rates

    def new_leaf(self) -> None:
        v = self.pick(lambda v: v.leaf is None and v.array.ndim > 0)
        if v.leaf is not None or self.attempt("look", lambda: (v.tensor.requires_grad,)) != (
            False,
        ):
            return
        self.log.append(f"{self.named(v)}.requires_grad_()")
        v.tensor.requires_grad_()
        if v.tensor._view is not None:
            v.leaf = self.direction(v.tensor)
            for w in self.variables:
                if w.source is v and w.leaf is None:
                    w.leaf = w.path(v.leaf)
        else:
            v.duals[...] = constant(v.duals) + self.direction(v.tensor)

    def drop(self) -> None:
        if len(self.variables) > 5:
            v = self.pick()
            self.log.append(f"del {self.named(v)}")
            self.variables = [u for u in self.variables if u is not v]

    def copy(self) -> None:
        v = self.pick()
        index = self.index(v.array.shape)
        make = self.choose([lambda a: np.copy(a), lambda a: a + 0.0, lambda a: np.copy(a[index])])
        self.add(f"v{len(self.variables)} = copy of {self.named(v)}", [v], make)

    def compute(self) -> None:
        a = self.pick()
        b = self.fitting(a.array.shape)
        name, make = self.choose(
            [
                ("sin", lambda a, b: np.sin(a)),
                ("tanh", lambda a, b: np.tanh(a)),
                ("a * b", lambda a, b: a * b),
                ("a - b", lambda a, b: a - b),
                ("sum", lambda a, b: np.sum(a * b, keepdims=True)),
            ]
        )
        names = f"{self.named(a)}, {self.named(b)}"
        self.add(f"v{len(self.variables)} = {name} of {names}", [a, b], make)

    def add(self, name: str, inputs: list[Variable], make: Callable[..., Any]) -> None:
        made = self.attempt(name, lambda: make(*(v.tensor for v in inputs)))
        if made is not None:
            array = np.array(make(*(v.array for v in inputs)))
            duals = np.empty_like(array, dtype=object)  # in the same memory order
            made_of_duals = make(*(v.read() for v in inputs))
            duals[...] = (
                made_of_duals[()] if isinstance(made_of_duals, np.ndarray) else made_of_duals
            )
            self.variables.append(Variable(made, array, duals))

    def write(self) -> None:
        t = self.pick(lambda v: v.array.flags.writeable)
        shape = t.array.shape
        v, u = self.fitting(shape), self.fitting(shape)
        index = self.index(shape)
        mask = self.rng.random(shape) < 0.5
        spot = self.fitting(t.array[index].shape)
        places = self.rng.integers(0, max(t.array.size, 1), size=3)
        axis = int(self.rng.integers(max(len(shape), 1)))
        steps: list[tuple[str, list[Variable], Callable[..., Any]]] = [
            ("{} += {}", [v], lambda t, x: operator.iadd(t, x)),
            ("{} *= {}", [v], lambda t, x: operator.imul(t, x)),
            ("{}[...] = {}", [v], lambda t, x: operator.setitem(t, ..., x)),
            (f"{{}}[{index}] = {{}}", [spot], lambda t, x: operator.setitem(t, index, x)),
            (f"{{}}[{index}] = 0.5", [], lambda t: operator.setitem(t, index, half(t))),
            ("np.add({1}, {2}, out={0})", [v, u], lambda t, x, y: np.add(x, y, out=t)),
            (
                f"np.multiply({{1}}, {{2}}, out={{0}}, where={mask.tolist()})",
                [v, u],
                lambda t, x, y: np.multiply(x, y, out=t, where=mask),
            ),
            ("np.sin({1}, out={0})", [v], lambda t, x: np.sin(x, out=t)),
            (
                f"np.copyto({{}}, {{}}, where={mask.tolist()})",
                [v],
                lambda t, x: np.copyto(t, x, where=mask),
            ),
            ("np.putmask", [v], lambda t, x: np.putmask(t, mask, x)),
        ]
        if t.array.size:
            steps.append((f"np.put({{}}, {places})", [v], lambda t, x: np.put(t, places, x)))
        if shape and isinstance(index, np.ndarray):
            spread = t.array[index].shape  # NumPy's own np.add.at is wrong where it broadcasts
            steps.append(
                (
                    f"np.add.at({index})",
                    [spot],
                    lambda t, x: np.add.at(t, index, np.broadcast_to(x, spread)),
                )
            )
        if shape:
            steps.append(("sort", [], lambda t: t.sort(axis)))
        if len(shape) > 1:
            steps.append(("np.fill_diagonal", [v], lambda t, x: np.fill_diagonal(t, x)))
        name, inputs, step = self.choose(steps)
        name = name.format(self.named(t), *map(self.named, inputs))
        name += f" [{', '.join(map(self.named, [t, *inputs]))}]"
        if not isinstance(t.tensor._array, np.ndarray):
            return  # a scalar: a Tensor can be written to, but NumPy's scalars cannot
        try:
            trial = t.array.copy()
            step(trial, *(x.array for x in inputs))
        except REFUSALS:
            return
        before = [x.tensor._array.copy() for x in self.variables]
        done = self.attempt(name, lambda: (step(t.tensor, *(x.tensor for x in inputs)),))
        if done is None:
            for x, data in zip(self.variables, before, strict=True):
                np.testing.assert_array_equal(x.tensor._array, data)
            return
        step(t.array, *(x.array for x in inputs))
        step(t.duals, *(x.read()[()] for x in inputs))

    # What comes out

    def loss(self) -> tuple[Any, Any]:
        """Return a number that depends on all that can be read: a Tensor, and its dual."""
        total, expected = ag.Tensor(0.0), Dual(0.0, 0.0)
        for v in self.variables:
            weights = self.rng.normal(size=v.array.shape)
            term = self.attempt("loss", lambda v=v, w=weights: np.sum(w * v.tensor * v.tensor))
            if term is not None:
                total = total + term
                duals = v.read()
                expected = expected + np.sum(weights * duals * duals)
        return total, expected
