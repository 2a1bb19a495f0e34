"""Tensor: an array, its gradient, and how it was made."""

from __future__ import annotations

import operator
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from . import names
from .backward import HookHandle, walk_back
from .dispatch import call, call_ufunc
from .door import apply, asks, binary, plain, unary
from .graph import Array, Node, at
from .inplace import at as ufunc_at
from .inplace import overwrite
from .methods import ArrayMethods
from .modes import no_grad
from .operators import Operators
from .primitive import derivative, primitives
from .views import Handle, node_of
from .writes import read_only


class Tensor(Operators["Tensor"], ArrayMethods["Tensor"]):
    """An array that remembers how it was made, so that it can be differentiated.

    Args:
        data: numbers, nested lists of them, an array, or a Tensor; copied.
        dtype: the dtype, by default that of `data`.
        requires_grad: whether `backward` computes the gradient with respect to this Tensor.
        name: a label of your own.

    Raises:
        TypeError: `requires_grad` with a dtype that is neither real nor complex floating point.

    >>> import numpy as np
    >>> import autograd_mini as ag
    >>> x = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> y = np.sum(x * x)
    >>> y.backward()
    >>> x.grad
    Tensor([2., 4.])
    """

    __slots__ = ("_frozen", "_name")

    _frozen: Node | None
    _name: str | None

    def __init__(
        self,
        data: Any,
        *,
        dtype: Any = None,
        requires_grad: bool = False,
        name: str | None = None,
    ) -> None:
        if isinstance(data, Tensor):
            data = data._array
        if isinstance(data, np.ndarray) and type(data) is not np.ndarray:
            data = plain(data)
        if not isinstance(data, np.ndarray) and hasattr(data, "__array_function__"):
            self._array = data.copy() if dtype is None else data.astype(dtype)
        else:
            self._array = np.array(_plain_items(data), dtype=dtype)
        if self._array.dtype.kind not in "biufc":
            raise TypeError(f"a Tensor holds numbers, not {self._array.dtype}")
        self._name = name
        names.note(self._array, name)
        self._frozen = None
        self._node = None
        self._view = None
        if requires_grad:
            self.requires_grad = True

    # What it is

    @property
    def data(self) -> Array:
        """The array itself, to read: a read-only view.

        To write, write to the Tensor (`with ag.no_grad(): t[...] = values`) or assign: `t.data =
        values` does the same. So a gradient that needs the old values is never silently wrong.
        """
        return read_only(self._array)

    @data.setter
    def data(self, values: Any) -> None:
        with no_grad():
            overwrite(self, ..., values, "assignment to data")

    @property
    def requires_grad(self) -> bool:
        """Whether gradients with respect to this Tensor are computed. Can be set on a leaf."""
        return node_of(self) is not None

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        node = node_of(self)
        if node is not None and node.primitive is not None:
            if not value:
                raise RuntimeError(
                    f"only a leaf can stop requiring grad, and this Tensor is the result of "
                    f"{node.primitive}: use t.detach()"
                )
        elif not value:
            self._frozen, self._node = self._leaf(), None
        elif self._leaf() is not None:  # the same leaf as in the graphs recorded before
            self._frozen, self._node = None, self._leaf()
        elif node is None:
            if self._array.dtype.kind not in "fc":
                raise TypeError(
                    f"a Tensor of dtype {self._array.dtype} cannot require grad: only floating "
                    "point and complex ones can; convert it first with dtype=float"
                )
            self._node = Node(None, (), self._array.shape, self._array.dtype)
            notes = self._node.noted()
            notes.name, notes.tensor = self.name, weakref.ref(self)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Set `requires_grad` and return this Tensor."""
        self.requires_grad = requires_grad
        return self

    @property
    def is_leaf(self) -> bool:
        """Whether this Tensor is not the recorded result of an operation."""
        node = node_of(self)
        return node is None or node.primitive is None

    @property
    def grad(self) -> Tensor | None:
        """The gradient, once `backward` has run: a Tensor of the same shape and dtype."""
        node = self._node or self._leaf()
        notes = None if node is None else node.notes
        return None if notes is None else notes.grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        leaf = self._node or self._leaf()
        if value is None:
            if leaf is not None and leaf.notes is not None:
                leaf.notes.grad = None
            return
        if self._node is None:
            raise RuntimeError("this Tensor does not require grad, so it has no gradient to set")
        if not isinstance(value, Tensor):
            value = Tensor(value, dtype=self._array.dtype)
        if value.shape != self.shape or value.dtype != self.dtype:
            raise ValueError(
                f"the gradient of a Tensor of shape {self.shape} and dtype {self.dtype} cannot "
                f"have shape {value.shape} and dtype {value.dtype}"
            )
        self._node.noted().grad = value

    def _leaf(self) -> Node | None:
        """Return the node that has the gradient: also of a leaf that requires none for now."""
        return self._node or getattr(self, "_frozen", None)

    @property
    def name(self) -> str | None:
        """A label of your own."""
        return getattr(self, "_name", None)

    @name.setter
    def name(self, name: str | None) -> None:
        self._name = name
        names.note(self._array, name)
        node = node_of(self)
        if node is not None:
            node.noted().name = name

    @property
    def shape(self) -> tuple[int, ...]:
        """The size of each axis."""
        return self._array.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._array.ndim

    @property
    def size(self) -> int:
        """The number of elements."""
        return self._array.size

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the elements."""
        return self._array.dtype

    @property
    def itemsize(self) -> int:
        """The size of an element, in bytes."""
        return self._array.itemsize

    @property
    def strides(self) -> tuple[int, ...]:
        """The steps from an element to the next along each axis, in bytes."""
        return self._array.strides

    @property
    def device(self) -> str:
        """Where the elements are: "cpu" for NumPy's arrays."""
        return self._array.device

    @property
    def nbytes(self) -> int:
        """The size of all elements, in bytes."""
        return self._array.nbytes

    # Gradients

    def backward(
        self, gradient: Any = None, *, retain_graph: bool = False, create_graph: bool = False
    ) -> None:
        """Add to the `grad` of each leaf behind this Tensor its gradient.

        Args:
            gradient: the cotangent of this Tensor, of its shape; 1 for a single number.
            retain_graph: keep the graph for another `backward`; otherwise it is freed.
            create_graph: record the walk back too, so that gradients can be differentiated.

        Raises:
            RuntimeError: this Tensor does not require grad; its graph was freed; an array that a
                rule needs was overwritten in place; no `gradient` though there are many elements.
            ValueError: `gradient` has another shape.

        >>> import autograd_mini as ag
        >>> x = ag.Tensor(3.0, requires_grad=True)
        >>> (x**3).backward(create_graph=True)
        >>> x.grad.item()
        27.0
        """
        walk_back(self, gradient, retain_graph, create_graph)

    def zero_grad(self) -> None:
        """Forget the gradient: `grad` is None again."""
        self.grad = None

    def retain_grad(self) -> None:
        """Let `backward` keep the gradient of this Tensor in `grad`, though it is no leaf."""
        self._recorded("retain_grad()").noted().keeps_grad = True

    def register_hook(self, hook: Callable[[Tensor], Any]) -> HookHandle:
        """Call `hook` with the gradient of this Tensor whenever `backward` has computed it.

        What it returns, unless None, replaces the gradient. `handle.remove()` takes it back.

        >>> import autograd_mini as ag
        >>> x = ag.Tensor(3.0, requires_grad=True)
        >>> handle = x.register_hook(lambda g: 10 * g)
        >>> (x * x).backward()
        >>> x.grad
        Tensor(60.)
        """
        return HookHandle(self._recorded("register_hook()"), hook)

    def _recorded(self, what: str) -> Node:
        node = node_of(self)
        if node is None:
            raise RuntimeError(f"{what} on a Tensor that does not require grad")
        return node

    def detach(self) -> Tensor:
        """Return a constant that shares this Tensor's memory: no gradient passes through it."""
        with no_grad():
            return apply(_alias, (self,), {})

    # Leaving the graph

    def numpy(self) -> Array:
        """Return the array, read-only and without a copy; `t.numpy().copy()` can be written to.

        Raises:
            RuntimeError: this Tensor requires grad: write `t.detach().numpy()`.
        """
        self._refuse_leaving("numpy()")
        return self.data

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        self._refuse_leaving("conversion to an array", "np.stack([t, ...]) for np.array([t, ...])")
        if copy:
            return np.array(self._array, dtype=dtype)
        return np.asarray(self.data, dtype=dtype, copy=copy)

    def item(self, *args: Any) -> Any:
        """Return an element as a Python number: the only one, or the one at an index."""
        return self._array.item(*args)

    def tobytes(self, order: Any = "C") -> bytes:
        """Return the elements as bytes."""
        self._refuse_leaving("tobytes()")
        return self._array.tobytes(order)

    def tolist(self) -> Any:
        """Return the elements as nested lists of Python numbers."""
        return self._array.tolist()

    def __float__(self) -> float:
        self._refuse_leaving(
            "float()", "np.zeros(n, like=t) for an array to write it to", "t.item()"
        )
        return float(self._array)

    def __complex__(self) -> complex:
        self._refuse_leaving("complex()", leave="t.item()")
        return complex(self._array)

    def __int__(self) -> int:
        return int(self._array)

    def __index__(self) -> int:
        return operator.index(self._array)

    def __bool__(self) -> bool:
        return bool(self._array)

    def __round__(self, ndigits: int | None = None) -> Any:
        return round(self.item()) if ndigits is None else self.round(ndigits)

    def __format__(self, spec: str) -> str:
        return format(self._array if self.ndim else self.item(), spec) if spec else str(self)

    def _refuse_leaving(
        self, what: str, instead: str = "", leave: str = "t.detach().numpy()"
    ) -> None:
        node = node_of(self)
        if node is not None:
            raise RuntimeError(
                f"{what} of a Tensor that requires grad would silently lose its graph (shape "
                f"{self.shape}, {node.primitive or 'a leaf'}{at(node.about.line)}): use NumPy's "
                f"functions and operators on the Tensor itself{instead and ', '}{instead}; or "
                f"{leave} if no gradient is wanted"
            )

    # Printing, copying, pickling

    def __repr__(self) -> str:
        text = (
            np.array_repr(np.asarray(self._array))
            if isinstance(self._array, np.ndarray | np.generic)
            else f"array({self._array!r})"
        )
        text = "Tensor" + text.removeprefix("array").replace("\n", "\n ")
        node = node_of(self)
        if node is None:
            return text
        how = "requires_grad=True" if node.primitive is None else f"op={node.primitive}"
        return f"{text[:-1]}, {how})"

    def __str__(self) -> str:
        return str(self._array)

    def __copy__(self) -> Tensor:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        self._refuse_recorded("deepcopy")
        result = memo[id(self)] = self._rebuilt()
        return result

    def __reduce__(self) -> tuple[Any, ...]:
        self._refuse_recorded("pickle")
        grad = None if self.grad is None else np.array(self.grad._array)
        return _restored, (type(self), self._array, self.requires_grad, self.name, grad)

    def _rebuilt(self) -> Tensor:
        grad = None if self.grad is None else self.grad._array
        return _restored(type(self), self._array, self.requires_grad, self.name, grad)

    def _refuse_recorded(self, what: str) -> None:
        if not self.is_leaf:
            raise RuntimeError(
                f"{what} of a Tensor that {self._node and self._node.primitive} made would lose or "
                "copy its whole graph: use t.detach() first"
            )

    # Operators

    __hash__ = object.__hash__

    def __len__(self) -> int:
        return len(self._array)

    def __iter__(self) -> Iterator[Tensor]:
        if self.ndim == 0:
            raise TypeError("iteration over a Tensor without axes")
        if not asks(self):
            return (self[i] for i in range(len(self)))
        return iter(call(np.unstack, (self,), {}))

    def __contains__(self, value: Any) -> bool:
        return bool((self == value).any())

    # NumPy's protocols

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "__call__" and not kwargs:
            primitive = primitives.get(ufunc)
            if primitive is not None and primitive.fresh:
                return (unary if len(inputs) == 1 else binary)(primitive, *inputs)
        if method == "at":
            return ufunc_at(ufunc, *inputs)
        return call_ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(
        self,
        function: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        return call(function, args, kwargs)

    def _call(
        self, function: Callable[..., Any], *args: Any, out: Any = None, **kwargs: Any
    ) -> Any:
        return call(function, (self, *args), kwargs if out is None else {**kwargs, "out": out})

    # In place

    def fill(self, value: Any) -> None:
        """Set all elements to `value`, in place."""
        overwrite(self, ..., value, "fill")

    def sort(self, axis: int = -1, kind: Any = None) -> None:
        """Sort the elements along `axis`, in place."""
        overwrite(self, ..., np.sort(self, axis=axis, kind=kind), "sort")

    def partition(self, kth: Any, axis: int = -1, kind: Any = "introselect") -> None:
        """Partition the elements along `axis`, in place."""
        overwrite(self, ..., np.partition(self, kth, axis=axis, kind=kind), "partition")

    def put(self, indices: Any, values: Any, mode: Any = "raise") -> None:
        """Set the elements at flat `indices` to `values`, in place."""
        np.put(self, indices, values, mode=mode)  # type: ignore[arg-type]


Handle.result = Tensor


def detach(x: Array) -> Array:
    """Return `x` itself."""
    return x


_alias = derivative(detach, x=lambda g: g)


def _plain_items(data: Any) -> Any:
    """Return nested lists with numbers for the Tensors in them."""
    if isinstance(data, list | tuple):
        return [_plain_items(part) for part in data]
    if isinstance(data, Tensor):
        data._refuse_leaving("Tensor([...])", "np.stack([t, ...]) for Tensor([t, ...])")
        return data._array
    return data


def _restored(
    kind: type[Tensor], data: Array, requires_grad: bool, name: str | None, grad: Array | None
) -> Tensor:
    result = Tensor.__new__(kind)
    Tensor.__init__(result, data, requires_grad=requires_grad, name=name)
    if grad is not None:
        result.grad = Tensor(grad)
    return result
