"""NumPy's spellings: ufunc methods, `out=`, `where=`, functions without a rule."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini.testing import check_grads


def leaf(values: Any) -> ag.Tensor:
    return ag.Tensor(values, requires_grad=True)


A = np.array([[1.0, 2.0, 4.0], [0.5, 3.0, 1.5]])
CALLS: dict[str, Any] = {
    "add.reduce": lambda x: np.add.reduce(x),
    "add.reduce all": lambda x: np.add.reduce(x, axis=None),
    "add.reduce axes": lambda x: np.add.reduce(x, (0, 1), keepdims=True),
    "multiply.reduce": lambda x: np.multiply.reduce(x, axis=1),
    "maximum.reduce": lambda x: np.maximum.reduce(x, 1),
    "minimum.reduce": lambda x: np.minimum.reduce(x),
    "logaddexp.reduce": lambda x: np.logaddexp.reduce(x, axis=1),
    "add.accumulate": lambda x: np.add.accumulate(x),
    "add.accumulate axis": lambda x: np.add.accumulate(x, axis=1),
    "multiply.accumulate": lambda x: np.multiply.accumulate(x, 1),
    "multiply.outer": lambda x: np.multiply.outer(x, x[0]),
    "subtract.outer of a constant": lambda x: np.subtract.outer(np.ones(2), x),
    "dtype": lambda x: np.add(x, 1, dtype=np.float64),
    "out": lambda x: np.multiply(x, x, out=ag.Tensor(np.zeros((2, 3)))),
    "positional out": lambda x: np.exp(x, ag.Tensor(np.zeros((2, 3)))),
    "broader out": lambda x: np.add(x, 1.0, out=ag.Tensor(np.zeros((2, 2, 3)))),
    "out of a reduction": lambda x: np.sum(x, axis=0, out=ag.Tensor(np.zeros(3))),
    "where": lambda x: np.log(x, out=ag.Tensor(np.ones((2, 3))), where=A > 1),
    "where broadcast": lambda x: np.multiply(
        x, x[:, :1], out=ag.Tensor(np.ones((2, 3))), where=[True, False, True]
    ),
    "divmod": lambda x: np.divmod(x, 0.7)[1],
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_spellings_have_right_gradients(call: Any) -> None:
    check_grads(call, A)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_spellings_have_numpys_values(call: Any) -> None:
    found = call(ag.Tensor(A))
    expected = call(A)
    np.testing.assert_allclose(found, expected)
    np.testing.assert_allclose(call(leaf(A)).data, expected)


def test_out_is_what_is_returned_and_written() -> None:
    x, out = leaf(A), ag.Tensor(np.zeros((2, 3)))
    assert np.add(x, 1.0, out=out) is out
    np.sum(out * out).backward()
    np.testing.assert_allclose(x.grad, 2 * (A + 1))


def test_out_is_cast_as_numpy_casts() -> None:
    out = ag.Tensor(np.zeros((2, 3), np.float32))
    np.add(leaf(A), 1.0, out=out)
    assert out.dtype == np.float32
    with pytest.raises(TypeError, match="cannot cast"):
        np.add(ag.Tensor(A), 1.0, out=ag.Tensor(np.zeros((2, 3), int)))


def test_two_outputs() -> None:
    a, b = np.zeros(3), ag.Tensor(np.zeros(3))
    quotient, remainder = np.divmod(ag.Tensor([7.0, 8.0, 9.0]), 4.0, out=(a, b))
    assert quotient is a
    assert remainder is b
    np.testing.assert_array_equal(a, [1, 2, 2])
    np.testing.assert_array_equal(b, [3, 0, 1])


def test_constant_tensors_go_into_plain_arrays() -> None:
    a = np.ones(2)
    a += ag.Tensor([1.0, 2.0])
    assert type(a) is np.ndarray
    np.testing.assert_array_equal(a, [2.0, 3.0])


def test_where_without_out_is_refused() -> None:
    with pytest.raises(NotImplementedError, match=r"np\.log with where= but without out="):
        np.log(leaf(A), where=A > 1)


def test_functions_that_need_no_rule() -> None:
    x = leaf(A)
    assert np.shape(x) == (2, 3)
    assert np.ndim(x) == 2
    assert np.size(x) == 6
    assert np.allclose(x, A)
    for function in (
        np.argsort,
        np.isnan,
        np.sign,
        np.floor,
        np.zeros_like,
        np.ones_like,
        np.argmax,
    ):
        result = function(x)
        assert isinstance(result, ag.Tensor)
        assert not result.requires_grad
        np.testing.assert_array_equal(result, function(A))


def test_unary_functions_reject_unknown_arguments() -> None:
    with pytest.raises(TypeError):
        np.exp(leaf(A), leaf(A), leaf(A))


def test_scalars_of_numpy_on_either_side() -> None:
    x = leaf(A)
    for result in (np.float64(2) * x, x * np.float64(2), np.int64(2) * x, np.array(2.0) * x):
        assert isinstance(result, ag.Tensor)
        assert result.requires_grad
        np.testing.assert_array_equal(result.data, 2 * A)


def test_an_argument_without_rule_is_named() -> None:
    @ag.primitive(x=lambda g, y: g * y)
    def scaled(x: Any, y: Any) -> Any:
        return x * y

    check_grads(lambda x: scaled(x, np.ones(2)), np.ones(2))
    with pytest.raises(NotImplementedError, match=r"scaled has no derivative with respect to y"):
        scaled(np.ones(2), leaf([1.0, 2.0]))


def test_rules_are_checked_when_they_are_registered() -> None:
    with pytest.raises(TypeError, match=r"has no argument y, but x"):
        ag.primitive(y=lambda g: g)(lambda x: x)
    with pytest.raises(TypeError, match=r"names z, which is neither"):
        ag.primitive(x=lambda g, z: g)(lambda x: x)
    with pytest.raises(TypeError, match=r"first parameter is g"):
        ag.primitive(x=lambda out: out)(lambda x: x)


def test_primitives_take_arrays_keywords_and_lists() -> None:
    @ag.primitive(parts=ag.each(lambda g, parts_shape: [g] * len(parts_shape)))
    def total(parts: Any) -> Any:
        return sum(parts)

    assert type(total([np.ones(2), np.ones(2)])) is np.ndarray
    x, y = leaf([1.0]), leaf([2.0])
    total(parts=[x, np.ones(1), y, x]).backward()
    np.testing.assert_array_equal(x.grad, [2.0])
    np.testing.assert_array_equal(y.grad, [1.0])


def test_primitives_with_several_results() -> None:
    @ag.primitive(x=lambda g, x: g[0] * 2 * x + g[1] * 3 * x * x)
    def powers(x: Any) -> Any:
        return x**2, x**3

    check_grads(powers, np.array([1.0, 2.0]), order=3)
    check_grads(lambda x: powers(x)[1], np.array([1.0, 2.0]))
    x = leaf([1.0, 2.0])
    square, cube = powers(x)
    np.sum(square * cube).backward()
    np.testing.assert_allclose(x.grad, 5 * x.data**4)


def test_rules_of_several_results_may_use_them() -> None:
    @ag.primitive(x=lambda g, out: g[0] * out[0] + g[1] * out[0] * out[1])
    def exponentials(x: Any) -> Any:
        e = np.exp(x)
        return e, np.exp(e)

    check_grads(exponentials, np.array([0.1, 0.2]), order=3)


def test_rules_of_several_results_may_use_integer_ones() -> None:
    @ag.primitive(x=lambda g, out: np.ldexp(g[0], -out[1]))
    def parts(x: Any) -> Any:
        return np.frexp(x)

    check_grads(lambda x: parts(x)[0] * x, np.array([1.3, 5.7]))


@pytest.mark.parametrize(
    "call",
    [
        lambda x, out: np.dot(x, x.T, out),
        lambda x, out: np.clip(np.dot(x, x.T), 2.0, 9.0, out),
        lambda x, out: np.sum(np.stack([x @ x.T, x @ x.T]), 0, None, out),
        lambda x, out: np.outer(x[0, :2], x[1, :2], out),
        lambda x, out: np.cumsum(x @ x.T, 0, None, out),
    ],
)
def test_out_by_position(call: Any) -> None:
    check_grads(lambda x: call(x, ag.Tensor(np.zeros((2, 2)))), A)
    with pytest.raises(TypeError, match="lose"):
        call(leaf(A), np.zeros((2, 2)))


def test_matrices_masked_arrays_and_others_that_compute_differently_are_refused() -> None:
    x = leaf(np.ones((2, 2)))
    with pytest.warns(PendingDeprecationWarning):
        matrix = np.matrix([[1.0, 2.0], [3.0, 4.0]])
    masked = np.ma.array(np.ones((2, 2)), mask=[[0, 1], [0, 0]])
    for other in (matrix, masked):
        for call in (lambda a: np.multiply(x, a), lambda a: x * a, ag.Tensor):
            with pytest.raises(TypeError, match=r"np\.asarray"):
                call(other)
    with pytest.raises((TypeError, RuntimeError)):
        masked * x
    with pytest.raises((TypeError, RuntimeError)):
        np.ma.exp(x)


def test_other_subclasses_are_taken_as_arrays() -> None:
    class Kind(np.ndarray):
        pass

    a = np.ones(2).view(Kind)
    x = leaf(np.ones(2))
    assert type((x * a)._array) is np.ndarray
    assert type(ag.Tensor(a)._array) is np.ndarray


def test_operands_of_pytorch_are_refused() -> None:
    torch = pytest.importorskip("torch")
    with pytest.raises(TypeError, match=r"torch\.Tensor does not compute"):
        leaf(np.ones(3)) * torch.ones(3)


def test_axis_errors_are_numpys() -> None:
    with pytest.raises(np.exceptions.AxisError) as caught:
        leaf(np.ones(3)).sum(axis=5)
    assert caught.value.__notes__ == ["in np.sum of shapes (3,)"]


def test_primitives_give_arrays() -> None:
    @ag.primitive(x=lambda g: g)
    def first(x: Any) -> Any:
        return float(x[0])

    @ag.primitive(x=lambda g: g)
    def named(x: Any) -> Any:
        return {"x": x}

    assert first(leaf([1.0, 2.0])).shape == ()
    with pytest.raises(TypeError, match="named gave a dict"):
        named(leaf([1.0, 2.0]))


def test_comparison_with_anything() -> None:
    t = leaf(1.0)
    assert (t == "a") is False
    assert (t != "a") is True
    assert t not in ("mean", "sum")


def test_a_rule_that_would_never_be_used_is_refused() -> None:
    def cube(x: Any) -> Any:
        return x**3

    with pytest.raises(TypeError, match=r"cube = ag\.primitive\("):
        ag.derivative(cube, x=lambda g, x: g * 3 * x * x)
    with pytest.raises(TypeError, match=r"@ag\.primitive\(x="):
        ag.primitive(cube)


def test_an_error_within_a_rule_names_it() -> None:
    @ag.primitive(x=lambda g: g * np.ones(5))
    def same(x: Any) -> Any:
        return x * 1

    with pytest.raises(ValueError, match="broadcast") as caught:
        same(leaf(np.ones(3))).backward(np.ones(3))
    assert caught.value.__notes__ == ["in the rule of same for x"]


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.sum(x, 0, None, None, True),
        lambda x: np.sum(x, None, None, None),
        lambda x: np.max(x, 1, None, True),
        lambda x: np.mean(x, 1, None, None, True),
        lambda x: np.squeeze(x[None], None),
        lambda x: x.sum(axis=1, keepdims=True),
        lambda x: x.var(0, None, None, 1),
        lambda x: x.prod(),
        lambda x: x.max(0),
        lambda x: x[None],
    ],
    ids=range(10),
)
def test_arguments_at_their_defaults_or_before_an_out_of_none(call: Any) -> None:
    x = leaf(A)
    result = call(x)
    np.testing.assert_array_equal(result.detach(), call(A))
    check_grads(call, A)


def test_shortcuts_give_what_numpy_gives_of_all_dtypes() -> None:
    for dtype in "?bhilBfdFDe":
        a = np.array([[1, 0, 3], [2, 5, 1]], dtype)
        t = ag.Tensor(a)
        for function in (np.sum, np.prod, np.max, np.min):
            for axis in (None, 0, 1, (0, 1)):
                ours, numpys = function(t, axis=axis), function(a, axis=axis)
                assert (ours.dtype, ours.shape) == (numpys.dtype, numpys.shape)
                np.testing.assert_array_equal(ours, numpys)
        ours, numpys = t @ t.T, a @ a.T
        assert ours.dtype == numpys.dtype
        np.testing.assert_array_equal(ours, numpys)


@pytest.mark.parametrize(
    "call", [lambda x: np.exp(x, where=False), lambda x: np.add(x, 2.0, where=False)]
)
def test_a_ufunc_that_leaves_elements_undefined_is_refused(call: Any) -> None:
    with pytest.raises(NotImplementedError, match="leaves elements undefined"):
        call(leaf(A))


@pytest.mark.parametrize("function", [np.sum, np.prod, np.max, np.min])
def test_a_keyword_that_says_nothing_is_as_if_it_were_not_there(function: Any) -> None:
    x = leaf(A)
    np.testing.assert_array_equal(
        function(x, axis=0, keepdims=np._NoValue).detach(), function(A, axis=0)
    )


def test_a_function_of_ones_own_may_have_an_out() -> None:
    @ag.primitive(x=lambda g, x: g * 2 * x)
    def squared(x: Any, out: Any = None) -> Any:
        return np.multiply(x, x, out=out)

    factor, buffer = leaf([1.0, 1.0]), ag.Tensor([0.0, 0.0])
    product = buffer * factor
    x = leaf([3.0, 4.0])
    assert squared(x, out=buffer) is buffer
    buffer.sum().backward()
    np.testing.assert_array_equal(x.grad, [6.0, 8.0])
    with pytest.raises(RuntimeError, match="overwrote in place"):
        product.sum().backward()
