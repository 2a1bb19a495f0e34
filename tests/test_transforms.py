"""Transforms: values against closed forms and JAX; nesting; trees; Tensors and arrays."""

from __future__ import annotations

import threading
import weakref
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd_mini as ag

RNG = np.random.default_rng(0)


def nested(x: Any) -> Any:
    return np.sum(np.tanh(x * x) * np.exp(-x) + 1 / (1 + x * x))


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_nested_grad_matches_jax(order: int) -> None:
    jax = pytest.importorskip("jax")
    jnp = jax.numpy

    def for_jax(x: Any) -> Any:
        return jnp.sum(jnp.tanh(x * x) * jnp.exp(-x) + 1 / (1 + x * x))

    ours, theirs = nested, for_jax
    for _ in range(order):
        ours, theirs = ag.grad(ours), jax.grad(theirs)
    with jax.enable_x64(True):
        for x in (-1.3, 0.2, 0.9):
            assert abs(float(ours(x)) - float(theirs(x))) < 1e-9


def test_hessian_matches_jax() -> None:
    jax = pytest.importorskip("jax")
    jnp = jax.numpy
    a = RNG.normal(size=(4, 4))
    x = RNG.normal(size=4)

    def f(m: Any) -> Any:
        return lambda x: m.sum(m.tanh(a @ x) ** 2) + m.log(m.sum(m.exp(x)))

    with jax.enable_x64(True):
        expected = np.asarray(jax.hessian(f(jnp))(x))
    assert np.max(np.abs(ag.hessian(f(np))(x) - expected)) < 1e-9


def test_no_perturbation_confusion() -> None:
    assert ag.grad(lambda x: x * ag.grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert ag.grad(lambda w: ag.grad(lambda x: w * x**2)(3.0))(2.0) == 6.0
    inner = lambda x: ag.jvp(lambda y: x * y, (1.0,), (1.0,))[1]
    assert ag.grad(lambda x: x * inner(x))(3.0) == 6.0
    assert ag.jvp(lambda x: x * ag.grad(lambda y: x * y)(2.0), (3.0,), (1.0,))[1] == 6.0


def test_mixtures_of_modes_agree() -> None:
    x = 0.7
    d = ag.grad(ag.grad(np.sin))(x)
    forward = ag.jvp(ag.grad(np.sin), (x,), (1.0,))[1]
    of_forward = ag.grad(lambda x: ag.jvp(np.sin, (x,), (1.0,))[1])(x)
    twice = ag.jvp(lambda x: ag.jvp(np.sin, (x,), (1.0,))[1], (x,), (1.0,))[1]
    np.testing.assert_allclose([d, forward, of_forward, twice], -np.sin(x))


def test_gradient_of_a_gradient_of_a_closure() -> None:
    w = ag.Tensor([1.0, 2.0], requires_grad=True)
    g = ag.grad(lambda x: np.sum(w * x * x))(np.array([3.0, 4.0]))
    assert isinstance(g, ag.Tensor)
    np.sum(g * g).backward()
    np.testing.assert_allclose(w.grad, 2 * 4 * w.data * np.array([9.0, 16.0]))


def test_within_no_grad_the_outside_is_constant() -> None:
    w = ag.Tensor([1.0, 2.0], requires_grad=True)
    with ag.no_grad():
        g = ag.grad(lambda x: np.sum(w * x * x))(np.array([3.0, 4.0]))
    assert isinstance(g, np.ndarray)
    np.testing.assert_allclose(g, [6.0, 16.0])
    assert w.grad is None


def test_arrays_in_arrays_out_tensors_in_tensors_out() -> None:
    f = lambda x: np.sum(x * x)
    assert type(ag.grad(f)(np.ones(2))) is np.ndarray
    t = ag.grad(f)(ag.Tensor(np.ones(2)))
    assert isinstance(t, ag.Tensor)
    assert not t.requires_grad
    out, vjp_fn = ag.vjp(np.exp, np.zeros(2))
    assert type(out) is np.ndarray
    assert type(vjp_fn(np.ones(2))[0]) is np.ndarray


def test_a_tensor_that_requires_grad_stays_connected() -> None:
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    g = ag.grad(lambda x: np.sum(x**3))(x)
    np.sum(g).backward()
    np.testing.assert_allclose(x.grad, 6 * x.data)


def test_transforms_leave_grad_alone() -> None:
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    ag.grad(lambda y: np.sum(y * x))(np.ones(2))
    ag.hessian(lambda y: np.sum(y * y * x))(np.ones(2))
    assert x.grad is None


def test_vjp_function_can_be_called_again() -> None:
    _, vjp_fn = ag.vjp(lambda x: x * x, np.array([1.0, 2.0]))
    for scale in (1.0, 2.0):
        np.testing.assert_allclose(vjp_fn(np.full(2, scale))[0], 2 * scale * np.array([1.0, 2.0]))


class Pair(NamedTuple):
    w: Any
    b: Any


@dataclass
class Params:
    w: Any
    b: Any


@pytest.mark.parametrize(
    "kind", [Pair, Params, lambda w, b: {"w": w, "b": b}, lambda w, b: [w, (b,)]]
)
def test_trees_of_arguments(kind: Any) -> None:
    def loss(params: Any, x: Any) -> Any:
        if isinstance(params, dict):
            w, b = params["w"], params["b"]
        elif isinstance(params, list):
            w, (b,) = params
        else:
            w, b = params.w, params.b
        return np.sum((w * x + b) ** 2)

    params = kind(np.array([1.0, 2.0]), 3.0)
    g = ag.grad(loss)(params, np.array([1.0, -1.0]))
    assert type(g) is type(params)
    leaves = ag.transforms.tree_leaves(g)
    np.testing.assert_allclose(leaves[0], [8.0, -2.0])
    np.testing.assert_allclose(leaves[1], 10.0)


def test_argnums_by_position_name_and_tuple() -> None:
    def f(x: Any, y: Any, *, z: Any) -> Any:
        return x * y * z

    assert ag.grad(f, 1)(2.0, 3.0, z=5.0) == 10.0
    assert ag.grad(f, -1)(2.0, 3.0, z=5.0) == 10.0
    assert ag.grad(f, "z")(2.0, 3.0, z=5.0) == 6.0
    assert ag.grad(f, "y")(2.0, 3.0, z=5.0) == 10.0
    assert ag.grad(f, "y")(2.0, y=3.0, z=5.0) == 10.0
    assert ag.grad(f, (0, "z"))(2.0, 3.0, z=5.0) == (15.0, 6.0)
    with pytest.raises(ValueError, match="argnums=2, but 2 positional"):
        ag.grad(f, 2)(2.0, 3.0, z=5.0)
    with pytest.raises(ValueError, match="no argument of that name"):
        ag.grad(f, "q")(2.0, 3.0, z=5.0)


def test_has_aux() -> None:
    def f(x: Any) -> Any:
        y = x * x
        return np.sum(y), {"y": y}

    g, aux = ag.grad(f, has_aux=True)(np.array([1.0, 2.0]))
    np.testing.assert_allclose(g, [2.0, 4.0])
    assert type(aux["y"]) is np.ndarray
    (value, _), g = ag.value_and_grad(f, has_aux=True)(np.array([1.0, 2.0]))
    assert value == 5.0


def test_jacobian_both_ways_and_of_trees() -> None:
    a = RNG.normal(size=(2, 5))
    np.testing.assert_allclose(ag.jacobian(lambda x: a @ x)(np.ones(5)), a)
    np.testing.assert_allclose(ag.jacobian(lambda x: x @ a)(np.ones(2)), a.T)
    j = ag.jacobian(lambda p: {"s": p["x"] * p["y"]})({"x": np.ones(2), "y": 2.0})
    np.testing.assert_allclose(j["s"]["x"], 2 * np.eye(2))
    np.testing.assert_allclose(j["s"]["y"], np.ones(2))
    assert ag.jacobian(lambda x: np.ones(3) * 2 + 0 * x[:1].sum())(np.ones((2, 2))).shape == (
        3,
        2,
        2,
    )


def test_jacobian_of_what_does_not_depend_on_the_argument_is_zero() -> None:
    np.testing.assert_array_equal(ag.jacobian(lambda x: np.ones(2))(np.ones(3)), np.zeros((2, 3)))
    np.testing.assert_array_equal(ag.grad(lambda x: 1.0)(np.ones(3)), np.zeros(3))
    assert ag.jvp(lambda x: 2.0, (1.0,), (1.0,))[1] == 0.0


def test_one_result_twice_and_results_that_are_inputs() -> None:
    def f(x: Any) -> Any:
        y = x * x
        return y, y, x

    _, vjp_fn = ag.vjp(f, 3.0)
    assert vjp_fn((1.0, 2.0, 4.0))[0] == 3 * 6 + 4
    assert ag.jvp(f, (3.0,), (1.0,))[1] == (6.0, 6.0, 1.0)


def test_hvp_is_the_hessian_times_a_vector() -> None:
    x, v = RNG.normal(size=3), RNG.normal(size=3)
    f = lambda x: np.sum(np.exp(x) * np.sin(x[::-1]))
    np.testing.assert_allclose(ag.hvp(f, (x,), (v,)), ag.hessian(f)(x) @ v)
    two = ag.hvp(lambda x, y: np.sum(x * x * y), (x, x), (v, v))
    np.testing.assert_allclose(two[0], 2 * x * v + 2 * x * v)
    np.testing.assert_allclose(two[1], 2 * x * v)


def test_errors_name_the_fix() -> None:
    with pytest.raises(TypeError, match=r"only floating point.*3\.0 for 3"):
        ag.grad(lambda x: x * x)(3)
    with pytest.raises(TypeError, match=r"one real result.*shape \(2,\)"):
        ag.grad(lambda x: x * x)(np.ones(2))
    with pytest.raises(TypeError, match="tuple with one for each"):
        ag.jvp(np.sin, 1.0, 1.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"\(3,\) given for \(2,\)"):
        ag.jvp(np.sin, (np.ones(2),), (np.ones(3),))
    with pytest.raises(ValueError, match="same structure"):
        ag.jvp(lambda p: p["x"], ({"x": 1.0},), ({"y": 1.0},))


def test_an_input_is_not_written_to() -> None:
    x = np.ones(2)

    def f(x: Any) -> Any:
        x += 1.0
        return np.sum(x)

    with pytest.raises(ValueError, match="read-only"):
        ag.grad(f)(x)
    np.testing.assert_array_equal(x, 1.0)


def test_single_precision_and_complex() -> None:
    assert ag.grad(lambda x: np.sum(x * 2))(np.ones(2, np.float32)).dtype == np.float32
    assert ag.jvp(np.exp, (np.float32(1),), (np.float32(1),))[1].dtype == np.float32
    g = ag.grad(lambda z: np.real(z * np.conj(z)))(np.complex128(3 + 4j))
    np.testing.assert_allclose(g, 2 * (3 + 4j))


def test_checkpoint_equals_the_plain_run_at_first_and_second_order() -> None:
    def block(x: Any) -> Any:
        return np.tanh(x * w) + x, np.sum(x)

    def gradients(wrapper: Any) -> list[Any]:
        def loss(x: Any) -> Any:
            h, s = wrapper(block, x)
            h2, _ = wrapper(block, h * 2)
            return np.sum(h2 * s)

        w.zero_grad()
        x = ag.Tensor([1.0, 2.0], requires_grad=True)
        loss(x).backward()
        assert x.grad is not None
        assert w.grad is not None
        with ag.no_grad():
            return [x.grad.numpy(), w.grad.numpy(), ag.hessian(loss)(np.ones(2))]

    w = ag.Tensor([0.5, -0.3], requires_grad=True)
    plain = gradients(lambda f, x: f(x))
    for found, expected in zip(gradients(ag.checkpoint), plain, strict=True):
        np.testing.assert_allclose(found, expected)


def test_checkpoint_keeps_nothing_of_the_inside() -> None:
    inside = []

    def f(x: Any) -> Any:
        y = np.exp(x)
        inside.append(weakref.ref(y))
        return y * y * y

    x = ag.Tensor(np.ones(3), requires_grad=True)
    z = ag.checkpoint(f, x)
    assert inside[0]() is None
    np.sum(z).backward()
    assert len(inside) == 2
    np.testing.assert_allclose(x.grad, 3 * np.exp(3.0))


def test_checkpoint_refuses_overwritten_inputs() -> None:
    w = ag.Tensor([2.0], requires_grad=True)
    x = ag.Tensor([3.0], requires_grad=True)
    z = ag.checkpoint(lambda x: w * w * x, x)
    with ag.no_grad():
        w -= 1.0
    with pytest.raises(RuntimeError, match="overwritten in place"):
        z.backward()


def test_results_own_their_memory() -> None:
    x, g = np.ones(2), np.ones(2)
    gradient = ag.grad(np.sum)(x)
    gradient += 1.0
    _, vjp_fn = ag.vjp(lambda a, b: a + b, x, x)
    a, b = vjp_fn(g)
    a += 1.0
    b += 2.0
    np.testing.assert_array_equal([a, b, g, x], [[2, 2], [3, 3], [1, 1], [1, 1]])
    _, t = ag.jvp(lambda x: x, (x,), (g,))
    t += 1.0
    np.testing.assert_array_equal(g, 1.0)


def test_checkpoint_runs_hooks_once() -> None:
    x, w = ag.Tensor(3.0, requires_grad=True), ag.Tensor(2.0, requires_grad=True)
    for t in (x, w):
        t.register_hook(lambda g: 10 * g)
    h = x * 1.0
    h.register_hook(lambda g: 10 * g)
    ag.checkpoint(lambda x: x * x * w, h).backward()
    assert x.grad == 10 * 10 * 12
    assert w.grad == 10 * 9


def test_results_of_a_checkpoint_that_are_its_inputs() -> None:
    x, c = ag.Tensor(np.ones(4), requires_grad=True), ag.Tensor(np.ones(4))
    h = x * 1.0
    y = ag.checkpoint(lambda t: t[1:], h)
    y *= 3.0
    np.testing.assert_array_equal(h.data, 1.0)
    np.sum(h + np.sum(y)).backward()
    np.testing.assert_array_equal(x.grad, [1, 13, 13, 13])
    z = ag.checkpoint(lambda t: t, x)
    z *= 3.0
    np.testing.assert_array_equal(x.data, 1.0)
    assert ag.checkpoint(lambda t: (t * 2, c), x)[1] is c


def test_checkpoint_repeats_random_draws_in_threads_too() -> None:
    dropout = ag.nn.functional.dropout
    wrong = []

    def work() -> None:
        for _ in range(20):
            x = ag.Tensor(np.ones(50), requires_grad=True)
            y = ag.checkpoint(dropout, x)
            np.sum(y).backward()
            if not np.array_equal(x.grad, y.detach()):
                wrong.append(x)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_checkpoint_draws_as_without() -> None:
    def draw(wrapper: Any) -> list[float]:
        x = ag.Tensor(np.ones(8), requires_grad=True)
        ag.manual_seed(0)
        y = wrapper(ag.nn.functional.dropout, x)
        return [*y.tolist(), *ag.nn.functional.dropout(x).tolist()]

    assert draw(ag.checkpoint) == draw(lambda f, x: f(x))


def test_checkpoint_refuses_other_numbers() -> None:
    generator = np.random.default_rng(0)
    x = ag.Tensor(np.ones(50), requires_grad=True)
    y = ag.checkpoint(lambda x: ag.nn.functional.dropout(x, generator=generator), x)
    with pytest.raises(RuntimeError, match="gave other numbers"):
        np.sum(y).backward()


def test_jacobian_with_complex_numbers() -> None:
    np.testing.assert_allclose(ag.jacobian(lambda x: x * 1j)(np.ones(2)), 1j * np.eye(2))
    with pytest.raises(NotImplementedError, match="complex"):
        ag.jacobian(lambda z: z * 1j)(np.ones(2) + 0j)


def test_argnums_name_each_argument_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        ag.grad(lambda a, b: a * b, (0, -2))(2.0, 3.0)


def test_a_vjp_stays_that_of_the_point_where_it_was_taken() -> None:
    x = np.ones(3)
    _, vjp_fn = ag.vjp(lambda x: x * x, x)
    x[:] = 5.0
    np.testing.assert_array_equal(vjp_fn(np.ones(3))[0], 2.0)


def test_what_is_no_function_or_argument_is_named() -> None:
    for call in (lambda: ag.grad(3.0)(1.0), lambda: ag.grad(np.sin, 1.0)(1.0)):  # type: ignore[arg-type]
        with pytest.raises(TypeError, match=r"grad\(f\)\(x\)"):
            call()


def test_checkpoint_refuses_an_index_that_was_overwritten() -> None:
    x, i = ag.Tensor(np.ones((4, 4)), requires_grad=True), ag.Tensor(1)
    y = ag.checkpoint(lambda x: np.sum(x[[i, 2], 0]), x)
    i[...] = 3
    with pytest.raises(RuntimeError, match="overwritten in place"):
        y.backward()
