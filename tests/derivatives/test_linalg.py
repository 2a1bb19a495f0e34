"""Linear algebra: singular matrices, stacks, and what is refused."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_mini as ag

from .test_products import few, leaf

rng = np.random.default_rng(0)


def gradient(function: Any, a: Any) -> Any:
    return ag.grad(lambda a: np.sum(function(a)))(a)


def minors(a: Any) -> Any:
    """Return the cofactors of `a` by their definition: determinants of what is left."""
    n = len(a)
    result = np.empty_like(a)
    for i, j in product(range(n), range(n)):
        left = np.delete(np.delete(a, i, 0), j, 1)
        result[i, j] = (-1) ** (i + j) * np.linalg.det(left)
    return result


def low_rank(n: int, rank: int) -> Any:
    return rng.normal(size=(n, rank)) @ rng.normal(size=(rank, n))


@few
@given(st.integers(1, 5), st.integers(0, 5))
def test_gradient_of_a_determinant_is_the_cofactors_at_any_rank(n: int, rank: int) -> None:
    a = low_rank(n, min(n, rank))
    np.testing.assert_allclose(gradient(np.linalg.det, a), minors(a), atol=1e-11)


def test_gradient_of_a_determinant_of_exact_zeros_and_ones() -> None:
    zero = np.zeros((2, 2))
    np.testing.assert_array_equal(gradient(np.linalg.det, zero), zero)
    np.testing.assert_array_equal(gradient(np.linalg.det, np.zeros((1, 1))), [[1.0]])
    np.testing.assert_allclose(gradient(np.linalg.det, np.ones((2, 2))), [[1, -1], [-1, 1]])
    np.testing.assert_allclose(
        gradient(np.linalg.det, np.ones((3, 3))), np.zeros((3, 3)), atol=1e-15
    )
    np.testing.assert_allclose(gradient(np.linalg.det, np.diag([2.0, 3, 0])), np.diag([0.0, 0, 6]))
    assert gradient(np.linalg.det, np.ones((0, 0))).shape == (0, 0)


@pytest.mark.parametrize("rank", [4, 3, 2, 1, 0])
def test_hessian_of_a_determinant_at_any_rank(rank: int) -> None:
    a = low_rank(4, rank)
    found = ag.hessian(np.linalg.det)(a)
    for (i, j), (k, m) in product(np.ndindex(4, 4), np.ndindex(4, 4)):
        expected = 0.0
        if i != k and j != m:  # the minor without both rows and both columns, with its sign
            left = np.delete(np.delete(a, [i, k], 0), [j, m], 1)
            sign = (-1) ** (i + j + k + m) * (1 if (i < k) == (j < m) else -1)
            expected = sign * np.linalg.det(left)
        np.testing.assert_allclose(found[i, j, k, m], expected, atol=1e-11)


def test_third_derivative_of_a_determinant_needs_an_invertible_matrix() -> None:
    def third(a: Any) -> Any:
        return ag.jacobian(ag.hessian(np.linalg.det))(a)

    levi_civita = third(np.eye(3))
    assert levi_civita[0, 0, 1, 1, 2, 2] == pytest.approx(1)
    assert levi_civita[0, 1, 1, 0, 2, 2] == pytest.approx(-1)
    for singular in (np.zeros((3, 3)), low_rank(4, 3), np.diag([1.0, 1.0, 1e-6])):
        with pytest.raises(np.linalg.LinAlgError, match="far from singular"):
            third(singular)
    a = np.diag([1.0, 1.0, 1e-3])
    np.testing.assert_allclose(third(a), levi_civita, atol=1e-9)  # of a cubic, a constant


def test_a_large_determinant_stays_accurate() -> None:
    a = rng.normal(size=(60, 60))
    expected = np.linalg.det(a) * np.linalg.inv(a).T
    np.testing.assert_allclose(gradient(np.linalg.det, a), expected, rtol=1e-8)


def test_slogdet_is_numpys_named_tuple_and_its_sign_a_constant_of_real_matrices() -> None:
    a = leaf(2, 3, 3)
    result = np.linalg.slogdet(a)
    assert type(result) is type(np.linalg.slogdet(np.eye(2)))
    (result.sign * 2 + result.logabsdet).sum().backward()
    np.testing.assert_allclose(a.grad.data, np.linalg.inv(a.data).mT)
    a.zero_grad()
    np.linalg.slogdet(a).sign.sum().backward()
    np.testing.assert_array_equal(a.grad.data, np.zeros((2, 3, 3)))


def test_slogdet_of_what_overflows() -> None:
    a = 1e200 * np.eye(3)
    np.testing.assert_allclose(gradient(lambda a: np.linalg.slogdet(a)[1], a), np.eye(3) / 1e200)


def test_inverses_of_singular_matrices_raise() -> None:
    zero = ag.Tensor(np.zeros((2, 2)), requires_grad=True)
    with pytest.raises(np.linalg.LinAlgError, match=r"np\.linalg\.inv of shapes \(2, 2\)"):
        np.linalg.inv(zero)
    with pytest.raises(np.linalg.LinAlgError, match=r"np\.linalg\.solve"):
        np.linalg.solve(zero, np.ones(2))
    result = np.linalg.slogdet(zero)
    assert result.logabsdet.data == -np.inf
    with pytest.raises(np.linalg.LinAlgError, match="Singular"):
        result.logabsdet.backward()


def test_shapes_that_do_not_fit_raise_as_numpy_does() -> None:
    for function in (np.linalg.inv, np.linalg.det, np.linalg.slogdet, np.linalg.cholesky):
        with pytest.raises(np.linalg.LinAlgError, match="square"):
            function(leaf(2, 3))
    with pytest.raises(np.linalg.LinAlgError, match="[Pp]ositive definite"):
        np.linalg.cholesky(ag.Tensor(-np.eye(2), requires_grad=True))
    with pytest.raises(ValueError, match="positive"):
        np.linalg.tensorinv(leaf(2, 2), 0)


def spread(kind: Any, *shape: int) -> Any:
    values = rng.normal(size=shape) + (1j * rng.normal(size=shape) if kind is complex else 0)
    return values + 3 * np.eye(shape[-1])


def spread_like(out: Any) -> Any:
    imaginary = 1j * rng.normal(size=out.shape) if out.dtype.kind == "c" else 0
    return rng.normal(size=out.shape) + imaginary


@pytest.mark.parametrize("kind", [float, complex])
@pytest.mark.parametrize(
    "name", ["inv", "det", "slogdet", "cholesky", "upper", "solve", "matrix_power", "tensorinv"]
)
def test_gradients_are_pytorchs(name: str, kind: Any) -> None:
    torch = pytest.importorskip("torch")
    a = spread(kind, 2, 3, 3)
    b = spread(kind, 2, 3, 3)[..., :2]
    if name in ("cholesky", "upper"):
        a = a @ np.conj(a).mT
    if name == "tensorinv":
        a = spread(kind, 4, 4).reshape(2, 2, 4)

    def run(linalg: Any, a: Any, b: Any) -> Any:
        if name == "solve":
            return [linalg.solve(a, b)]
        if name == "slogdet":
            return list(linalg.slogdet(a))
        if name == "matrix_power":
            return [linalg.matrix_power(a, -3)]
        if name == "upper":
            return [linalg.cholesky(a, upper=True)]
        return [getattr(linalg, name)(a)]

    p, q = (torch.tensor(x, requires_grad=True) for x in (a, b))
    x, y = (ag.Tensor(v, requires_grad=True) for v in (a, b))
    weights = [spread_like(out) for out in run(np.linalg, a, b)]
    mine = sum(
        np.sum(np.real(np.conj(w) * o)) for w, o in zip(weights, run(np.linalg, x, y), strict=True)
    )
    its = sum(
        (torch.tensor(w).conj() * o).real.sum()
        for w, o in zip(weights, run(torch.linalg, p, q), strict=True)
    )
    mine.backward()
    its.backward()
    expected = p.grad.resolve_conj().numpy()
    if name in ("cholesky", "upper"):  # ours is Hermitian as the matrix is
        expected = (expected + np.conj(expected).mT) / 2
    np.testing.assert_allclose(x.grad.data, expected, atol=1e-10)
    if name == "solve":
        np.testing.assert_allclose(y.grad.data, q.grad.resolve_conj().numpy(), atol=1e-10)


def test_second_derivatives_are_jaxs() -> None:
    jax = pytest.importorskip("jax")
    a = spread(float, 3, 3)
    a = a @ a.T

    def scalars(numpy: Any) -> list[Any]:
        linalg, v = numpy.linalg, np.array([1.0, -2.0, 0.5])
        return [
            lambda a: linalg.inv(a)[0, 1],
            lambda a: linalg.det(a),
            lambda a: linalg.slogdet(a)[1],
            lambda a: v @ linalg.solve(a, v),
            lambda a: (linalg.cholesky(a) * a).sum(),
        ]

    with jax.enable_x64(True):
        for mine, its in zip(scalars(np), scalars(jax.numpy), strict=True):
            np.testing.assert_allclose(
                ag.hessian(mine)(a), jax.hessian(its)(a), rtol=1e-8, atol=1e-9
            )


def test_the_gradient_of_a_cholesky_factor_is_symmetric() -> None:
    a = spread(float, 2, 3, 3)
    g = gradient(np.linalg.cholesky, a @ a.mT)
    np.testing.assert_array_equal(g, g.mT)
    upper = ag.grad(lambda a: np.linalg.cholesky(a, upper=True).sum())(a @ a.mT)
    np.testing.assert_allclose(g, upper, atol=1e-14)


def test_a_one_dimensional_right_side_is_a_vector_and_all_else_are_matrices() -> None:
    a = spread(float, 2, 3, 3)
    vector = np.array([1.0, 2.0, 3.0])
    b = np.broadcast_to(vector, (2, 3))[..., None]
    by_vector = ag.grad(lambda a: (np.linalg.solve(a, vector) ** 2).sum())(a)
    by_column = ag.grad(lambda a: (np.linalg.solve(a, b) ** 2).sum())(a)
    np.testing.assert_allclose(by_vector, by_column)
    shared = ag.grad(lambda v: (np.linalg.solve(a, v) ** 2).sum())(vector)
    single = ag.grad(lambda b: (np.linalg.solve(a, b) ** 2).sum())(b)
    np.testing.assert_allclose(shared, single.sum(0)[:, 0])


def test_lists_as_operands() -> None:
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    np.linalg.solve([[2.0, 0.0], [0.0, 4.0]], x).sum().backward()
    np.testing.assert_allclose(x.grad.data, [0.5, 0.25])
    a = ag.Tensor(2 * np.eye(2), requires_grad=True)
    np.linalg.solve(a, [1.0, 2.0]).sum().backward()
    np.testing.assert_allclose(a.grad.data, [[-0.25, -0.5], [-0.25, -0.5]])


REFUSED: list[tuple[Any, ...]] = [
    (np.linalg.pinv,),
    (np.linalg.eigh,),
    (np.linalg.eigvalsh,),
    (np.linalg.eig,),
    (np.linalg.eigvals,),
    (np.linalg.svd,),
    (np.linalg.svdvals,),
    (np.linalg.qr,),
    (np.linalg.cond,),
    (np.linalg.lstsq, np.ones(2)),
]


@pytest.mark.parametrize("call", REFUSED, ids=lambda call: call[0].__name__)
def test_what_has_no_derivative_yet_says_so(call: Any) -> None:
    function, *more = call
    a = spread(float, 2, 2)
    with pytest.raises(NotImplementedError, match=rf"np\.linalg\.{function.__name__} .*derivative"):
        function(ag.Tensor(a, requires_grad=True), *more)
    function(ag.Tensor(a), *more)  # where no gradient is asked, it just works


def test_the_rank_is_a_constant() -> None:
    rank = np.linalg.matrix_rank(ag.Tensor(low_rank(4, 2), requires_grad=True))
    assert rank == 2
    assert not isinstance(rank, ag.Tensor) or not rank.requires_grad


@pytest.mark.parametrize(
    "call",
    [
        (np.linalg.tensorsolve, np.ones((2, 3)), np.ones(2)),
        (np.linalg.tensorsolve, np.ones((2, 3, 2)), np.ones((2, 3))),
        (np.linalg.tensorsolve, np.ones((2, 2)), np.ones(3)),
        (np.linalg.tensorinv, np.ones((2, 3, 6)), 1),
        (np.linalg.tensorinv, np.zeros((0, 0)), 1),
        (np.linalg.tensorinv, np.ones((1, 1)), 0),
    ],
    ids=lambda call: f"{call[0].__name__}{call[1].shape}",
)
def test_tensors_that_are_no_square_matrices_are_refused_as_by_numpy(call: Any) -> None:
    function, a, more = call
    with pytest.raises(ValueError) as theirs:
        function(a, more)
    with pytest.raises(theirs.type):
        function(ag.Tensor(a, requires_grad=True), more)


def test_a_solution_may_have_all_axes() -> None:
    a, b = (ag.Tensor([[x]], requires_grad=True) for x in (2.0, 6.0))
    x = np.linalg.tensorsolve(a, b)
    assert x.shape == np.linalg.tensorsolve(a.detach().numpy(), b.detach().numpy()).shape
    x.sum().backward()
    assert (a.grad.tolist(), b.grad.tolist()) == ([[-1.5]], [[0.5]])
