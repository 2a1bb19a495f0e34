"""Products: what the generated tests do not say."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_mini as ag

few = settings(max_examples=25, deadline=None)
sizes = st.integers(0, 3)
shapes = st.lists(sizes, max_size=2).map(tuple)
rng = np.random.default_rng(0)


def leaf(*shape: int, dtype: Any = float) -> Any:
    values = rng.normal(size=shape) + (1j * rng.normal(size=shape) if dtype is complex else 0)
    return ag.Tensor(values, dtype=dtype, requires_grad=True)


def inner(a: Any, b: Any) -> Any:
    return np.sum(np.asarray(a.data) * np.asarray(b.data))


def hold_adjoint(product: Callable[..., Any], *shapes: tuple[int, ...]) -> None:
    """Hold a product to <g, product(.., x, ..)> = <gradient, x> for each factor: it is linear."""
    factors = [leaf(*shape) for shape in shapes]
    out = product(*factors)
    g = ag.Tensor(rng.normal(size=out.shape))
    if not out.requires_grad:
        assert not factors
        return
    out.backward(g)
    for i, factor in enumerate(factors):
        x = ag.Tensor(rng.normal(size=factor.shape))
        others = [f.detach() for f in factors]
        assert factor.grad.shape == factor.shape
        np.testing.assert_allclose(
            inner(product(*others[:i], x, *others[i + 1 :]), g), inner(factor.grad, x), atol=1e-10
        )


@st.composite
def stacks(draw: st.DrawFn) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Draw shapes that `np.matmul` takes: vectors, matrices and stacks that broadcast."""
    n, k, m = draw(sizes), draw(sizes), draw(sizes)
    stack = draw(st.lists(st.integers(1, 3), max_size=2))

    def part(core: tuple[int, ...]) -> tuple[int, ...]:
        kept = draw(st.integers(0, len(stack)))
        own = [size if draw(st.booleans()) else 1 for size in stack[len(stack) - kept :]]
        return (*own, *core)

    x1 = (k,) if draw(st.booleans()) and draw(st.booleans()) else part((n, k))
    x2 = (k,) if draw(st.booleans()) and draw(st.booleans()) else part((k, m))
    return x1, x2


@few
@given(stacks())
def test_matmul_of_any_shapes(pair: Any) -> None:
    hold_adjoint(np.matmul, *pair)


@few
@given(shapes, shapes, sizes)
def test_dot_and_inner_of_any_shapes(a: Any, b: Any, k: int) -> None:
    hold_adjoint(np.dot, (*a, k), (*b[:-1], k, *b[-1:]))
    hold_adjoint(np.inner, (*a, k), (*b, k))


@few
@given(shapes, shapes)
def test_outer_products_of_any_shapes(a: Any, b: Any) -> None:
    hold_adjoint(np.outer, a, b)
    hold_adjoint(np.kron, a, b)
    hold_adjoint(lambda x, y: np.tensordot(x, y, 0), a, b)
    hold_adjoint(np.vdot, a, a[::-1])


@few
@given(st.data(), st.lists(sizes, max_size=3), shapes, shapes)
def test_tensordot_over_any_axes(data: Any, summed: Any, a_free: Any, b_free: Any) -> None:
    def laid_out(free: Any) -> tuple[tuple[int, ...], list[int]]:
        whole = [*((i, n) for i, n in enumerate(summed)), *((-1, n) for n in free)]
        order = data.draw(st.permutations(whole))
        axes = [[i for i, _ in order].index(i) for i in range(len(summed))]
        negative = [axis - data.draw(st.sampled_from([0, len(order)])) for axis in axes]
        return tuple(n for _, n in order), negative

    (a, a_axes), (b, b_axes) = laid_out(a_free), laid_out(b_free)
    hold_adjoint(lambda x, y: np.tensordot(x, y, (a_axes, tuple(b_axes))), a, b)


@few
@given(st.data(), st.integers(1, 3), st.booleans())
def test_vecdot_and_cross_along_any_axis(data: Any, ndim: int, keepdims: bool) -> None:
    shape = data.draw(st.lists(st.integers(1, 2), min_size=ndim, max_size=ndim))
    axis = data.draw(st.integers(-ndim, ndim - 1))
    shape[axis] = 3
    a = data.draw(st.integers(0, ndim if axis < 0 else 0).filter(lambda n: n <= ndim + axis))
    first, second = tuple(shape[a:]), tuple(n if n == 3 else 1 for n in shape)
    hold_adjoint(lambda x, y: np.vecdot(x, y, axis=axis, keepdims=keepdims), first, second)
    hold_adjoint(lambda x, y: np.cross(x, y, axis=axis), first, second)
    hold_adjoint(lambda x, y: np.linalg.cross(y, x, axis=axis), first, second)


@few
@given(st.lists(st.integers(1, 3), min_size=3, max_size=6), st.booleans(), st.booleans())
def test_chains_of_any_length(sizes: Any, row: bool, column: bool) -> None:
    chain: list[tuple[int, ...]] = list(pairwise(sizes))
    chain[0] = chain[0][1:] if row else chain[0]
    chain[-1] = chain[-1][:1] if column else chain[-1]
    hold_adjoint(lambda *arrays: np.linalg.multi_dot(arrays), *chain)


def test_a_chain_of_two_is_a_dot_product_of_any_dimensions() -> None:
    hold_adjoint(lambda a, b: np.linalg.multi_dot([a, b]), (2, 2, 3), (2, 3, 1))


COMPLEX: list[tuple[str, tuple[int, ...], tuple[int, ...]]] = [
    ("matmul", (2, 3), (3, 2)),
    ("matmul", (2, 2, 3), (3,)),
    ("matmul", (3,), (2, 3, 2)),
    ("dot", (3,), (3,)),
    ("vdot", (3,), (3,)),
    ("inner", (2, 3), (2, 3)),
    ("outer", (2,), (3,)),
    ("tensordot", (2, 3), (2, 3)),
    ("kron", (2, 2), (1, 3)),
    ("linalg.cross", (2, 3), (2, 3)),
    ("linalg.vecdot", (2, 3), (2, 3)),
]


@pytest.mark.parametrize(("name", "a", "b"), COMPLEX, ids=str)
@pytest.mark.parametrize("kinds", [(complex, complex), (float, complex), (complex, float)])
def test_complex_gradients_are_pytorchs(name: str, a: Any, b: Any, kinds: Any) -> None:
    torch = pytest.importorskip("torch")
    ours, theirs = np, torch
    for part in name.split("."):
        ours, theirs = getattr(ours, part), getattr(theirs, part)
    x, y = leaf(*a, dtype=kinds[0]), leaf(*b, dtype=kinds[1])
    p, q = (torch.tensor(np.array(t.data), requires_grad=True) for t in (x, y))
    out: Any = ours(x, y)  # type: ignore[operator]
    if kinds[0] != kinds[1] and name != "kron":  # which PyTorch does not mix
        reference = theirs(p.to(torch.complex128), q.to(torch.complex128))
    else:
        reference = theirs(p, q)
    g = rng.normal(size=out.shape) + 1j * rng.normal(size=out.shape)
    np.testing.assert_allclose(out.data, reference.detach().numpy(), atol=1e-12)
    out.backward(g)
    reference.backward(torch.tensor(g))
    for mine, its in ((x, p), (y, q)):
        assert mine.grad.dtype == mine.dtype
        np.testing.assert_allclose(mine.grad.data, its.grad.resolve_conj().numpy(), atol=1e-12)


def test_gradients_keep_each_factors_dtype() -> None:
    for product in (np.matmul, np.dot, np.inner, np.tensordot, np.kron):
        for kinds in (
            (np.float32, np.float64),
            (np.float16, np.float32),
            (np.float64, np.complex64),
        ):
            x, y = (leaf(2, 2, dtype=kind) for kind in kinds)
            np.real(product(x, y)).sum().backward()
            assert (x.grad.dtype, y.grad.dtype) == kinds


def test_lists_tuples_and_numbers_as_factors() -> None:
    x = leaf(2)
    matrix = [[1.0, 2.0], [3.0, 4.0]]
    for out, expected in (
        (x @ matrix, [3.0, 7.0]),
        (matrix @ x, [4.0, 6.0]),
        (np.matmul(((1, 2), (3, 4)), x), [4.0, 6.0]),
        (np.dot(matrix, x), [4.0, 6.0]),
        (np.dot(x, 3.0), [3.0, 3.0]),
        (np.dot(3, x), [3.0, 3.0]),
        (np.inner(x, [1.0, 2.0]), [1.0, 2.0]),
        (np.outer([1.0, 2.0], x), [3.0, 3.0]),
        (np.outer(x, 2.0), [2.0, 2.0]),
        (np.kron(2.0, x), [2.0, 2.0]),
        (np.vdot((1.0, 2.0), x), [1.0, 2.0]),
        (np.tensordot(matrix, x, 1), [4.0, 6.0]),
        (np.vecdot(x, [1.0, 2.0]), [1.0, 2.0]),
        (np.linalg.multi_dot([matrix, matrix, x]), [22.0, 32.0]),
        (x.dot(matrix), [3.0, 7.0]),
    ):
        x.zero_grad()
        np.sum(out).backward()
        np.testing.assert_allclose(x.grad.data, expected)


def test_a_shared_matrix_costs_one_product_and_no_stack_of_gradients() -> None:
    x, w = leaf(256, 2, 8), leaf(8, 8)
    loss = np.sum(x @ w)
    tracemalloc.start()
    loss.backward()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 256 * 8 * 8 * 8  # bytes of one gradient of w for each of the stack
    np.testing.assert_allclose(w.grad.data, np.sum(x.data, (0, 1))[:, None] * np.ones(8))


def test_gradients_of_matrices_are_views_made_by_no_copy() -> None:
    x, w = leaf(4, 3), leaf(3, 2)
    (x @ w).backward(np.ones((4, 2)))
    np.testing.assert_array_equal(w.grad.data, x.data.T @ np.ones((4, 2)))
    np.testing.assert_array_equal(x.grad.data, np.ones((4, 2)) @ w.data.T)


def test_strided_and_reversed_factors() -> None:
    x, w = leaf(6, 4), leaf(4, 6)
    np.sum(x[::-2, ::2] @ w.T[::3, 1::2].T * np.arange(6.0).reshape(3, 2)).backward()
    left, right = np.array(x.data)[::-2, ::2], np.array(w.data).T[::3, 1::2].T
    g = np.arange(6.0).reshape(3, 2)
    np.testing.assert_allclose(x.grad.data[::-2, ::2], g @ right.T)
    np.testing.assert_allclose(w.grad.data.T[::3, 1::2].T, left.T @ g)


def test_axes_are_refused() -> None:
    x, y = leaf(2, 3), leaf(2, 3)
    with pytest.raises(NotImplementedError, match=r"np\.matmul.*moveaxis"):
        np.matmul(x, y, axes=[(1, 0), (0, 1), (0, 1)])
    with pytest.raises(NotImplementedError, match=r"np\.vecdot.*moveaxis"):
        np.vecdot(x, y, axes=[0, 0])
    plain = np.matmul(x.detach(), y.detach(), axes=[(1, 0), (0, 1), (0, 1)])
    np.testing.assert_allclose(plain.data, x.data.T @ y.data)


def test_a_mismatch_names_the_shapes() -> None:
    for product in (np.matmul, np.dot, np.tensordot):
        with pytest.raises(ValueError, match=r"\(2, 3\) and \(2, 2\)"):
            product(leaf(2, 3), leaf(2, 2))


@pytest.mark.skipif(
    np.lib.NumpyVersion(np.__version__) >= "2.5.0", reason="NumPy 2.5 has them no more"
)
@pytest.mark.parametrize("shapes", [((2,), (2,)), ((2,), (4, 3)), ((4, 3), (1, 2)), ((4, 2), (2,))])
def test_vectors_in_the_plane_as_numpy_has_them(shapes: Any) -> None:
    with pytest.warns(DeprecationWarning, match="2-dimensional vectors"):
        hold_adjoint(np.cross, *shapes)


def test_powers_of_a_matrix() -> None:
    x = leaf(2, 2)
    for n in (-2, 0, 1, 3, 7):
        np.testing.assert_allclose(
            np.linalg.matrix_power(x, n).data, np.linalg.matrix_power(np.array(x.data), n)
        )
    np.linalg.matrix_power(x, 0).sum().backward()
    np.testing.assert_array_equal(x.grad.data, np.zeros((2, 2)))
    with pytest.raises(TypeError):
        np.linalg.matrix_power(x, 1.5)  # type: ignore[arg-type]
    with pytest.raises(np.linalg.LinAlgError, match="square"):
        np.linalg.matrix_power(leaf(2, 3), 1)


def test_gradients_of_gradients_of_a_chain() -> None:
    x, w = leaf(3), leaf(3, 3)

    def loss(x: Any, w: Any) -> Any:
        return np.tanh(x @ w) @ w @ x

    hessian = ag.hessian(lambda x: loss(x, w.detach()))(x.detach())
    torch = pytest.importorskip("torch")
    p, q = (torch.tensor(np.array(t.data)) for t in (x, w))
    reference = torch.autograd.functional.hessian(lambda p: torch.tanh(p @ q) @ q @ p, p)
    np.testing.assert_allclose(hessian.data, reference.numpy(), atol=1e-12)
