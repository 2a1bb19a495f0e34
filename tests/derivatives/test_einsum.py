"""Einstein's sums: subscripts drawn at random, and what they may not lose."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_mini as ag

from .test_products import few, hold_adjoint, leaf

LETTERS = "aBcd"


@st.composite
def sums(draw: st.DrawFn) -> tuple[str, list[tuple[int, ...]]]:
    """Draw subscripts and shapes: ellipses, repeated labels, sizes of 1 that broadcast, of 0."""
    size = {letter: draw(st.integers(0, 3)) for letter in LETTERS}
    stack = draw(st.lists(st.integers(1, 2), max_size=2))
    terms, shapes = [], []
    for _ in range(draw(st.integers(1, 3))):
        labels = draw(st.lists(st.sampled_from(LETTERS), max_size=3))
        one = {letter for letter in set(labels) if draw(st.integers(0, 4)) == 0}
        shape = [1 if letter in one else size[letter] for letter in labels]
        term = "".join(labels)
        if draw(st.booleans()):
            kept = draw(st.integers(0, len(stack)))
            at = draw(st.integers(0, len(labels)))
            term = term[:at] + "..." + term[at:]
            shape[at:at] = stack[len(stack) - kept :]
        terms.append(term)
        shapes.append(tuple(shape))
    subscripts = ",".join(terms)
    if draw(st.booleans()):
        known = sorted(set(subscripts) - set(",."))
        chosen = draw(st.permutations(known))[: draw(st.integers(0, len(known)))]
        at = draw(st.integers(0, len(chosen)))
        dots = "..." if "." in subscripts else ""
        subscripts += "->" + "".join(chosen[:at]) + dots + "".join(chosen[at:])
    return subscripts, shapes


@settings(few, max_examples=150)
@given(sums(), st.sampled_from([False, True, "greedy", "optimal"]))
def test_any_subscripts(drawn: Any, optimize: Any) -> None:
    subscripts, shapes = drawn
    hold_adjoint(lambda *operands: np.einsum(subscripts, *operands, optimize=optimize), *shapes)


@few
@given(st.data())
def test_any_sublists(data: Any) -> None:
    labels = st.sampled_from([0, 7, 25, 26, 51])
    terms = data.draw(st.lists(st.lists(labels, max_size=2), min_size=1, max_size=3))
    known = sorted({label for term in terms for label in term})
    output = [data.draw(st.permutations(known))] if data.draw(st.booleans()) else []
    optimize = data.draw(st.booleans())

    def summed(*operands: Any) -> Any:
        parts = [part for pair in zip(operands, terms, strict=True) for part in pair]
        return np.einsum(*parts, *output, optimize=optimize)

    hold_adjoint(summed, *[tuple(2 + label % 2 for label in term) for term in terms])


def test_lists_and_numbers_as_operands() -> None:
    x = leaf(2)
    np.einsum(",ij,j->", 2.0, [[1.0, 2.0], [3.0, 4.0]], x).backward()
    np.testing.assert_allclose(x.grad.data, [8.0, 12.0])


def test_tensors_within_a_list_are_not_lost() -> None:
    x, y, z = leaf(), leaf(), leaf(2)
    with pytest.raises(RuntimeError, match="lose its graph"):
        np.einsum("i,i->", [x, y], np.ones(2))
    with pytest.raises((NotImplementedError, RuntimeError)):
        np.einsum("i,i->", [x, y], z)


def test_one_operand_twice() -> None:
    x = leaf(2, 3)
    np.einsum("ij,ij->", x, x).backward()
    np.testing.assert_allclose(x.grad.data, 2 * x.data)


def test_a_sum_of_a_float32_and_a_float64() -> None:
    x, y = leaf(2, dtype=np.float32), leaf(2)
    np.einsum("i,i->", x, y).backward()
    assert (x.grad.dtype, y.grad.dtype) == (np.float32, np.float64)


def test_the_path_is_no_tensor() -> None:
    x, y = leaf(2, 3), leaf(3, 2)
    path, text = np.einsum_path("ij,jk", x, y)
    assert path == ["einsum_path", (0, 1)]
    assert "ij,jk->ik" in text
    path, _ = np.einsum_path("ij,jk", x, y, optimize="optimal")
    np.testing.assert_allclose(np.einsum("ij,jk", x, y, optimize=path).data, (x @ y).data)


def test_complex_gradients_are_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    x, y = leaf(2, 2, 3, dtype=complex), leaf(3, 2, dtype=complex)
    p, q = (torch.tensor(np.array(t.data), requires_grad=True) for t in (x, y))
    g = leaf(2, 2, dtype=complex).detach()
    np.einsum("bbi,ij->jb", x, y).backward(g)
    torch.einsum("bbi,ij->jb", p, q).backward(torch.tensor(np.array(g.data)))
    np.testing.assert_allclose(x.grad.data, p.grad.numpy(), atol=1e-12)
    np.testing.assert_allclose(y.grad.data, q.grad.numpy(), atol=1e-12)


def test_second_derivatives_are_jaxs() -> None:
    jax = pytest.importorskip("jax")
    x = np.random.default_rng(1).normal(size=(3, 3))

    def cubic(numpy: Any) -> Any:
        return lambda a: numpy.einsum("ii,ij,...jk->", a, a, a)

    with jax.enable_x64(True):
        reference = np.asarray(jax.hessian(cubic(jax.numpy))(x))
    np.testing.assert_allclose(ag.hessian(cubic(np))(x), reference, atol=1e-12)
