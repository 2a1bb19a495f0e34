"""What a Tensor is, prints, converts to, and refuses."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest

import autograd_mini as ag


def leaf(values: Any) -> ag.Tensor:
    return ag.Tensor(values, requires_grad=True)


def test_attributes() -> None:
    t = ag.Tensor(np.ones((2, 3), np.float32), name="w")
    assert (t.shape, t.ndim, t.size, t.dtype, t.name) == ((2, 3), 2, 6, np.float32, "w")
    assert (t.itemsize, t.nbytes, len(t)) == (4, 24, 2)
    assert t.is_leaf
    assert not t.requires_grad
    assert t.grad is None
    assert t.T.shape == (3, 2)
    assert t.mT.shape == (3, 2)


def test_data_is_copied_and_read_only() -> None:
    source = np.ones(2)
    t = ag.Tensor(source)
    source += 1
    np.testing.assert_array_equal(t, 1.0)
    with pytest.raises(ValueError, match="read-only"):
        t.data[0] = 5.0
    with pytest.raises(ValueError, match="read-only"):
        t.numpy()[0] = 5.0


def test_data_can_be_assigned_and_views_see_it() -> None:
    t = leaf([1.0, 2.0])
    row = t[:1]
    t.data = [5.0, 6.0]
    np.testing.assert_array_equal(t.data, [5.0, 6.0])
    np.testing.assert_array_equal(row.data, [5.0])


def test_made_of_tensors_lists_and_numbers() -> None:
    assert ag.Tensor([ag.Tensor(1.0), 2.0]).tolist() == [1.0, 2.0]
    assert ag.Tensor(ag.Tensor([1, 2]), dtype=float).dtype == float
    assert ag.Tensor(True).dtype == bool
    with pytest.raises(RuntimeError, match=r"np\.stack"):
        ag.Tensor([leaf(1.0), 2.0])
    with pytest.raises(TypeError, match="holds numbers"):
        ag.Tensor(["a"])


@pytest.mark.parametrize("values", [1, [1, 2], True, np.ones(2, np.int8)])
def test_integers_never_require_grad(values: Any) -> None:
    with pytest.raises(TypeError, match="cannot require grad.*dtype=float"):
        ag.Tensor(values, requires_grad=True)


def test_requires_grad_can_be_changed_on_leaves_only() -> None:
    t = ag.Tensor([1.0])
    assert t.requires_grad_() is t
    assert t.requires_grad
    y = t * 2.0
    with pytest.raises(RuntimeError, match="only a leaf"):
        y.requires_grad = False
    t.requires_grad = False
    assert not t.requires_grad


def test_repr_shows_gradients_and_operations() -> None:
    assert repr(ag.Tensor([1.0, 2.0])) == "Tensor([1., 2.])"
    assert repr(leaf([1.0, 2.0])) == "Tensor([1., 2.], requires_grad=True)"
    assert repr(leaf([1.0]) * 2.0) == "Tensor([2.], op=np.multiply)"
    assert repr(ag.Tensor(np.eye(2, dtype=np.float32))) == (
        "Tensor([[1., 0.],\n        [0., 1.]], dtype=float32)"
    )
    assert repr(ag.Tensor(2)) == "Tensor(2)"
    assert str(leaf([1.0, 2.0])) == "[1. 2.]"
    assert f"{leaf(1.5):.3f} {leaf([1.0])}" == "1.500 [1.]"


def test_conversions_of_constants() -> None:
    t = ag.Tensor(2.5)
    assert (float(t), int(t), bool(t), complex(t), round(t), t.item()) == (
        2.5,
        2,
        True,
        2.5,
        2,
        2.5,
    )
    assert list(range(5))[ag.Tensor(3)] == 3
    assert np.asarray(ag.Tensor([1.0])).dtype == float
    assert np.array(ag.Tensor([1.0])).flags.writeable
    assert np.asarray(ag.Tensor([1.0]), dtype=np.float32).dtype == np.float32
    assert ag.Tensor([[1, 2]]).tolist() == [[1, 2]]
    with pytest.raises(ValueError, match="ambiguous"):
        bool(ag.Tensor([1.0, 2.0]))


def test_item_and_formatting_work_on_what_requires_grad() -> None:
    t = leaf(2.5) * 2.0
    assert t.item() == 5.0
    assert int(t) == 5
    assert bool(t > 1)
    assert round(t, 1).item() == 5.0


LEAVING: dict[str, Any] = {
    "asarray": lambda t: np.asarray(t),
    "array of list": lambda t: np.array([t, t]),
    "array method": lambda t: np.ones(3).dot(t),
    "float": lambda t: float(t[0]),
    "complex": lambda t: complex(t[0]),
    "math.exp": lambda t: math.exp(t[0]),
    "numpy()": lambda t: t.numpy(),
    "vectorize": lambda t: np.vectorize(lambda x: x + 1)(t),
    "add into array": lambda t: np.add(np.ones(3), t, out=np.ones(3)),
    "where into array": lambda t: np.add(np.ones(3), t, out=np.ones(3), where=[True, False, True]),
    "at into array": lambda t: np.add.at(np.ones(3), [0, 1, 2], t),
    "assignment into array": lambda t: np.ones(3).__setitem__(0, t[0]),
    "slice assignment into array": lambda t: np.ones(3).__setitem__(slice(None), t),
    "fill": lambda t: np.ones(3).fill(t[0]),
    "sum of list": lambda t: np.sum([t, t]),
    "scalar constructor": lambda t: np.float64(t[0]),
}


@pytest.mark.parametrize("leave", LEAVING.values(), ids=LEAVING.keys())
@pytest.mark.parametrize("recorded", [False, True])
def test_the_graph_is_never_silently_lost(leave: Any, recorded: bool) -> None:
    t = leaf([1.0, 2.0, 3.0])
    with pytest.raises((TypeError, RuntimeError, ValueError)) as caught:
        leave(t * 2.0 if recorded else t)
    assert "lose" in f"{caught.value} {caught.value.__cause__}"  # NumPy wraps some in its own


def test_adding_into_an_array_is_refused() -> None:
    a, t = np.ones(3), leaf([1.0, 2.0, 3.0])
    with pytest.raises(TypeError, match=r"a = a \+ t instead of a \+= t"):
        a += t
    np.testing.assert_array_equal(a, 1.0)


def test_lists_of_tensors() -> None:
    t, u = leaf([1.0, 2.0]), leaf([1.0, 2.0])
    assert t in [t, u]
    with pytest.raises(ValueError, match="ambiguous"):
        [t].index(u)
    assert 1.0 in ag.Tensor([1.0, 2.0])
    assert 3.0 not in ag.Tensor([1.0, 2.0])
    assert {t: 1}[t] == 1


OPERATORS: list[Any] = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: a / b,
    lambda a, b: a**b,
    lambda a, b: a % b,
    lambda a, b: a // b,
    lambda a, b: divmod(a, b),
    lambda a, b: a @ b,
    lambda a, b: -a + +b,
    lambda a, b: abs(a) - b,
    lambda a, b: a < b,
    lambda a, b: a <= b,
    lambda a, b: a > b,
    lambda a, b: a >= b,
    lambda a, b: a == b,
    lambda a, b: a != b,
]
A, B = np.array([[1.5, 2.5], [3.5, 0.5]]), np.array([[2.0, 1.0], [0.5, 3.0]])


@pytest.mark.parametrize("operator", OPERATORS)
def test_operators_give_numpys_values(operator: Any) -> None:
    expected = operator(A, B)
    for a, b in ((leaf(A), leaf(B)), (leaf(A), B), (A, leaf(B))):
        found = operator(a, b)
        if isinstance(expected, tuple):
            assert isinstance(found, tuple)
        else:
            assert isinstance(found, ag.Tensor)
            assert found.dtype == expected.dtype
        pairs = (
            zip(found, expected, strict=True) if isinstance(found, tuple) else [(found, expected)]
        )
        for f, e in pairs:
            np.testing.assert_array_equal(f.data, e)


def test_integer_operators() -> None:
    a, b = ag.Tensor([6, 5]), ag.Tensor([3, 1])
    assert (a & b).tolist() == [2, 1]
    assert (a | 1).tolist() == [7, 5]
    assert (1 ^ a).tolist() == [7, 4]
    assert (~a).tolist() == [-7, -6]
    assert (a << b).tolist() == [48, 10]
    assert (a >> 1).tolist() == [3, 2]
    a &= 4
    assert a.tolist() == [4, 4]


def test_python_scalars_are_weak() -> None:
    t = ag.Tensor(np.ones(2, np.float32), requires_grad=True)
    for result in (t + 1, 2.0 * t, t**2, t**2.5, 1 / t, t - 1.5, np.maximum(t, 0.0)):
        assert result.dtype == np.float32
    assert (t + np.float64(1)).dtype == np.float64


def test_classes_that_claim_operators_get_them() -> None:
    class Other:
        __array_ufunc__ = None

        def __radd__(self, other: Any) -> str:
            return "mine"

    assert leaf([1.0]) + Other() == "mine"


def test_shape_errors_name_operation_shapes_and_hint() -> None:
    with pytest.raises(ValueError, match=r"np\.add of shapes \(2,\) and \(3,\).*equal or 1"):
        leaf([1.0, 2.0]) + np.ones(3)
    with pytest.raises(ValueError, match=r"np\.matmul of shapes \(2, 3\) and \(2, 3\).*mT"):
        leaf(np.ones((2, 3))) @ np.ones((2, 3))


def test_functions_without_derivative() -> None:
    t = leaf([[3.0, 1.0], [2.0, 4.0]])
    with pytest.raises(
        NotImplementedError, match=r"np\.fft\.fft of shapes \(2, 2\).*ag\.derivative"
    ):
        np.fft.fft(t)
    with ag.no_grad():
        assert isinstance(np.fft.fft(t), ag.Tensor)
    assert isinstance(np.fft.fft(t.detach()), ag.Tensor)
    with pytest.raises(NotImplementedError, match=r"np\.apply_along_axis"):
        np.apply_along_axis(np.sum, 0, t)


def test_iteration_gives_rows_with_gradients() -> None:
    t = leaf(np.arange(6.0).reshape(3, 2))
    total = sum(np.sum(row) * i for i, row in enumerate(t))
    total.backward()
    np.testing.assert_array_equal(t.grad, [[0, 0], [1, 1], [2, 2]])
    with pytest.raises(TypeError, match="iteration"):
        iter(leaf(1.0))
    assert [float(x) for x in ag.Tensor([1.0, 2.0])] == [1.0, 2.0]


def test_copies() -> None:
    t = ag.Tensor([1.0, 2.0], requires_grad=True, name="t")
    (t * t).backward(np.ones(2))
    deep = copy.deepcopy(t)
    assert (deep.requires_grad, deep.name, deep.is_leaf) == (True, "t", True)
    np.testing.assert_array_equal(deep.grad, t.grad)
    with ag.no_grad():
        deep += 1.0
    np.testing.assert_array_equal(t.data, [1.0, 2.0])
    shared = copy.deepcopy([t, t])
    assert shared[0] is shared[1]
    shallow = copy.copy(t)
    assert not shallow.is_leaf
    with pytest.raises(RuntimeError, match="detach"):
        copy.deepcopy(t * 2.0)


def test_pickle() -> None:
    t = ag.Tensor(np.arange(3.0), requires_grad=True, name="t")
    (t * t).backward(np.ones(3))
    again = pickle.loads(pickle.dumps(t))
    assert (again.requires_grad, again.name) == (True, "t")
    np.testing.assert_array_equal(again.data, t.data)
    np.testing.assert_array_equal(again.grad, t.grad)
    with pytest.raises(RuntimeError, match="detach"):
        pickle.dumps(t * 2.0)


def test_ndarray_methods_are_there() -> None:
    missing = {
        name
        for name in dir(np.ndarray)
        if not name.startswith("_") and not hasattr(ag.Tensor, name)
    }
    assert missing == {
        *("base", "byteswap", "ctypes", "dump", "dumps", "flags", "flat", "getfield"),
        *("resize", "setfield", "setflags", "to_device", "tofile", "view"),
    }
