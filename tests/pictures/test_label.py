"""What boxes say: the operation, its numbers, its index, its settings, its line of code."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini.modes import watched_by
from autograd_mini.nn import functional
from autograd_mini.pictures import label
from autograd_mini.primitive import primitives
from autograd_mini.program import Reader, Recorder, Step, Value

MASK = np.array([[True, False, True], [False, True, True]])


def leaf(*shape: int) -> ag.Tensor:
    return ag.Tensor(np.arange(1.0, np.prod(shape) + 1).reshape(shape), requires_grad=True)


def read(f: Any, *args: Any) -> Step:
    """Return the last step of a function, as its graph says."""
    return Reader().program([f(*args)]).steps[-1]


def noted(f: Any, *args: Any) -> Step:
    """Return the last step of a function, as it was noted."""
    recorder = Recorder()
    with watched_by(recorder):
        out = f(*args)
    return recorder.program([out]).steps[-1]


both = pytest.mark.parametrize("step_of", [read, noted])


@both
@pytest.mark.parametrize(
    ("f", "title"),
    [
        (lambda x: x + x, "+"),
        (lambda x: x - 1, "- 1"),
        (lambda x: 1 - x, "1 -"),
        (lambda x: x * -0.5, "* -0.5"),
        (lambda x: x * np.float64(2), "* 2"),
        (lambda x: x * np.float32(1 / 3), "* 0.3333"),
        (lambda x: x * np.array(2.0), "* 2"),
        (lambda x: x * True, "* True"),
        (lambda x: x**3, "** 3"),
        (lambda x: x**2, "square"),
        (lambda x: 2**x, "2 **"),
        (lambda x: x / 1e-12, "/ 1e-12"),
        (lambda x: x * (1 + 2j), "* (1+2j)"),
        (lambda x: x * np.ones(3), "*"),
        (lambda x: x * np.ones(1), "*"),
        (lambda x: x @ x.T, "@"),
        (lambda x: -x, "negative"),
        (lambda x: np.maximum(x, 0), "maximum 0"),
        (lambda x: np.maximum(0, x), "maximum 0"),
        (lambda x: np.exp(x), "exp"),
        (lambda x: x.sum(axis=1), "sum"),
        (lambda x: x.reshape(3, 2), "reshape"),
        (lambda x: np.einsum("ij,kj->ik", x, x), "einsum ij,kj->ik"),
        (lambda x: np.where(MASK, x, 0), "where 0"),
        (lambda x: np.concatenate([x, x]), "concatenate"),
        (lambda x: np.linalg.norm(x), "norm"),
        (functional.relu, "relu"),
    ],
)
def test_titles(f: Any, title: str, step_of: Any) -> None:
    assert label.title(step_of(f, leaf(2, 3))) == title


INDICES = [
    (1, "1"),
    (-1, "-1"),
    (np.int64(1), "1"),
    (None, "None"),
    ((), "()"),
    (..., "..."),
    ((..., 0), "..., 0"),
    (slice(None), ":"),
    (slice(1, None), "1:"),
    (slice(None, -1), ":-1"),
    (slice(None, None, -1), "::-1"),
    (slice(0, 2, 2), "0:2:2"),
    (slice(np.int64(1), None), "1:"),
    ((slice(None), 1), ":, 1"),
    ((0, None, slice(1, 3)), "0, None, 1:3"),
    ([0, 1], "[0, 1]"),
    ((slice(None), [0, 2]), ":, [0, 2]"),
    (([0, 1], [1, 2]), "[0, 1], [1, 2]"),
    (np.array([0, 1]), "…"),
    ((slice(None), np.array([0, 2])), ":, …"),
    ((np.array([0, 1]), [1, 2]), "…, [1, 2]"),
    ((np.array([0, 1]), None, slice(1, None)), "…, None, 1:"),
    (MASK, "…"),
    ((0, MASK[0]), "0, …"),
    (True, "True"),
]


@both
@pytest.mark.parametrize(("index", "expected"), INDICES)
def test_indices(index: Any, expected: str, step_of: Any) -> None:
    step = step_of(lambda x: x[index], leaf(2, 3))
    assert label.title(step) == f"[{expected}]"
    assert label.settings(step) == ""
    assert label.call(step, {}) == f"a[{expected}]"


def test_an_index_of_many_axes_is_in_its_order() -> None:
    x = leaf(*[1] * 12)
    index = (np.array([0]), *[0] * 9, slice(None), np.array([0]))
    assert label.title(read(lambda: x[index])) == f"[…{', 0' * 9}, :, …]"


def test_a_tensor_as_an_index_is_an_array() -> None:
    assert label.title(read(lambda x: x[ag.Tensor([0, 1])], leaf(3))) == "[…]"


def test_a_long_index_is_cut() -> None:
    title = label.title(read(lambda x: x[list(range(50))], leaf(60)))
    assert len(title) == 62
    assert title.startswith("[[0, 1, 2")
    assert title.endswith("49]]")


@pytest.mark.parametrize(
    ("f", "title"),
    [
        (lambda x, v: x.__setitem__(0, v), "[…] ="),
        (lambda x, v: x.__setitem__(..., np.stack([v, v])), "[:] ="),
        (lambda x, v: x[0].__setitem__(0, v[0]), "write through a view"),
    ],
)
def test_writes_in_place(f: Any, title: str) -> None:
    x = leaf(2, 3) * 1
    f(x, leaf(3))
    titles = [label.title(step) for step in Reader().program([x]).steps]
    assert title in titles


def test_several_results() -> None:
    parts = np.split(leaf(4), 2)
    assert label.title(Reader().program(parts).steps[0]) in ("split", "array_split")


# Settings


@both
@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda x: x.sum(axis=1), "axis=1"),
        (lambda x: x.sum(axis=(0, 1), keepdims=True), "axis=(0, 1)"),
        (lambda x: x.sum(), ""),
        (lambda x: x.reshape(3, 2), ""),
        (lambda x: np.transpose(x, (1, 0)), "axes=(1, 0)"),
        (lambda x: x.astype(np.float32), ""),
        (lambda x: np.linalg.norm(x, ord="fro"), "ord='fro'"),
        (lambda x: np.cumsum(x, axis=0), "axis=0"),
        (lambda x: np.einsum("ij,kj->ik", x, x), ""),
    ],
)
def test_settings(f: Any, expected: str, step_of: Any) -> None:
    assert label.settings(step_of(f, leaf(2, 3))) == expected


def test_types_and_functions_are_called_by_name() -> None:
    assert label.setting(np.float32) == "float32"
    assert label.setting(np.tanh) == "tanh"
    assert label.setting("C") == "'C'"


# Numbers


def constant(data: Any) -> Value:
    value = Value("constant", np.shape(data), np.asarray(data).dtype)
    value.array = data
    return value


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (2, "2"),
        (2.0, "2"),
        (-0.0, "-0"),
        (1 / 3, "0.3333"),
        (1e20, "1e+20"),
        (10**20, "1" + "0" * 20),
        (True, "True"),
        (np.bool(True), "True"),
        (np.float16(0.5), "0.5"),
        (np.array(3), "3"),
        (np.inf, "inf"),
        (np.nan, "nan"),
        (2j, "(0+2j)"),
        (np.complex64(1 - 1j), "(1-1j)"),
        (None, "?"),
    ],
)
def test_numbers(data: Any, expected: str) -> None:
    assert label.number(constant(data)) == expected


def test_a_number_with_a_name_has_a_box_of_its_own() -> None:
    value = constant(2.0)
    assert label.is_number(value)
    value.name = "rate"
    assert not label.is_number(value)
    assert not label.is_number(constant(np.ones(1)))
    assert not label.is_number(Value("unknown"))


# Lines of code


@both
@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda x: x * 2, "x * 2"),
        (lambda x: 1 - x, "1 - x"),
        (lambda x: (-2) ** x, "(-2) ** x"),
        (lambda x: x**-2, "x ** -2"),
        (lambda x: x * (1 + 2j), "x * (1+2j)"),
        (lambda x: (1 + 2j) * x, "(1+2j) * x"),
        (lambda x: np.exp(x), "np.exp(x)"),
        (lambda x: np.clip(x, 0, 1), "np.clip(x, 0, 1)"),
        (lambda x: np.clip(x, None, 1), "np.clip(x, a_max=1)"),
        (lambda x: np.sum(x, axis=0), "np.sum(x, axis=0)"),
        (lambda x: np.prod(x, where=MASK), "np.prod(x, where=where)"),
        (lambda x: np.where(MASK, 0, x), "np.where(condition, 0, x)"),
        (lambda x: np.concatenate([x, x]), "np.concatenate([x, x])"),
        (lambda x: np.concatenate([x, x], axis=1), "np.concatenate([x, x], axis=1)"),
        (lambda x: np.einsum("ij,kj", x, x), "np.einsum('ij,kj', x, x)"),
        (lambda x: x[0], "x[0]"),
        (lambda x: np.reshape(x, (3, 2), order="F"), "np.reshape(x, shape=(3, 2), order='F')"),
    ],
)
def test_lines_of_code_say_what_was_called(f: Any, expected: str, step_of: Any) -> None:
    x = leaf(2, 3)
    with np.errstate(all="ignore"):
        step = step_of(f, x)
    names = {use.value: "x" for use in step.uses if use.value.needs_grad}
    assert label.call(step, names) == expected


def test_what_is_not_kept_is_an_ellipsis() -> None:
    assert label.call(read(lambda x: x + np.ones(3), leaf(3)), {}) == "x1 + …"


def test_lines_are_bounded() -> None:
    x = leaf(3)
    line = label.call(read(lambda: np.concatenate([x] * 100)), {})
    assert len(line) <= 120


# What matters to the picture


def test_whether_the_order_of_arguments_matters() -> None:
    x, y = leaf(3, 3), leaf(3, 3)
    assert label.ordered(read(lambda: x - y))
    assert label.ordered(read(lambda: x @ y))
    assert not label.ordered(read(lambda: x + y))
    assert not label.ordered(read(lambda: x - 1))
    assert not label.ordered(read(lambda: np.exp(x)))


def test_what_is_elementwise() -> None:
    for function in (np.exp, np.add, np.maximum, np.clip, np.where):
        assert label.elementwise(primitives[function]) == (function is not np.where)
    assert label.elementwise(read(functional.relu, leaf(3)).what)
    for function in (np.matmul, np.sum, np.reshape, np.modf, np.cumsum):
        if function in primitives:
            assert not label.elementwise(primitives[function])


def test_shapes_and_dtypes_that_are_unknown_are_not_said() -> None:
    assert (label.shape(Value("unknown")), label.dtype(Value("unknown"))) == ("", "")
    value = Value("leaf", (2, 3), np.dtype("float32"))
    assert (label.shape(value), label.dtype(value)) == ("(2, 3)", "float32")
