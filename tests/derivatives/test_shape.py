"""Shapes: layouts of memory, views that are written to, what is given back, what is refused."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_mini as ag

few = settings(max_examples=25, deadline=None)
rng = np.random.default_rng(3)


def leaf(values: Any, dtype: Any = float) -> ag.Tensor:
    return ag.Tensor(values, dtype=dtype, requires_grad=True)


def hold_adjoint(function: Callable[..., Any], *arrays: Any) -> None:
    """Hold a linear function to NumPy's values, and to <g, f(x)> = <gradient, x>."""
    leaves = [leaf(a) for a in arrays]
    out, expected = function(*leaves), function(*arrays)
    assert (out.shape, out.dtype) == (expected.shape, expected.dtype)
    np.testing.assert_array_equal(out.data, expected)
    if not out.requires_grad:  # nothing of the arrays is in it
        assert 0 in (out.size, *[x.size for x in leaves])
        return
    g = rng.normal(size=out.shape)
    out.backward(g)
    gradients = [x.grad.data if x.grad is not None else np.zeros(x.shape) for x in leaves]
    found = sum(np.sum(a * b) for a, b in zip(gradients, arrays, strict=True))
    np.testing.assert_allclose(found, np.sum(g * expected), atol=1e-9)
    for x, gradient in zip(leaves, gradients, strict=True):
        other = rng.normal(size=x.shape)
        moved = function(*[other if x is y else np.zeros(y.shape) for y in leaves])
        np.testing.assert_allclose(np.sum(gradient * other), np.sum(g * moved), atol=1e-9)


# Shapes and layouts, drawn

sizes = st.integers(0, 3)
shapes = st.lists(sizes, max_size=3).map(tuple)


@st.composite
def layouts(draw: st.DrawFn) -> tuple[tuple[int, ...], Callable[[Any], Any]]:
    """Draw a shape, and how to show an array of this shape in another layout."""
    shape = draw(shapes)
    order = draw(st.permutations(range(len(shape))))
    steps = draw(st.tuples(*[st.sampled_from([1, 1, -1, 2]) for _ in shape]))
    index = tuple(slice(None, None, step) for step in steps)
    return shape, lambda x: np.transpose(x, order)[index]


@few
@given(layouts(), st.sampled_from("CFAK"))
def test_orders_mean_what_they_mean_to_numpy(layout: Any, order: str) -> None:
    shape, show = layout
    x = rng.normal(size=shape)
    hold_adjoint(lambda x: np.ravel(show(x), order=order), x)
    if order != "K":
        whole = show(x).shape[::-1]
        hold_adjoint(lambda x: np.reshape(show(x), whole, order=order), x)


@few
@given(shapes, st.lists(sizes, max_size=4), st.data())
def test_repetitions(shape: tuple[int, ...], reps: list[int], data: st.DataObject) -> None:
    x = rng.normal(size=shape)
    hold_adjoint(lambda x: np.tile(x, reps), x)
    axis = data.draw(st.sampled_from([None, *range(-len(shape), len(shape))]))
    count = x.size if axis is None else shape[axis]
    repeats = data.draw(sizes | st.lists(sizes, min_size=count, max_size=count))
    hold_adjoint(lambda x: np.repeat(x, repeats, axis), x)
    new = data.draw(shapes)
    hold_adjoint(lambda x: np.resize(x, new), x)


@few
@given(st.lists(sizes, min_size=1, max_size=3), st.data())
def test_joining_and_splitting(shape: list[int], data: st.DataObject) -> None:
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    parts = [[*shape] for _ in range(data.draw(st.integers(1, 3)))]
    for part in parts:
        part[axis] = data.draw(sizes)
    arrays = [rng.normal(size=part) for part in parts]
    hold_adjoint(lambda *x: np.concatenate(x, axis), *arrays)
    hold_adjoint(lambda *x: np.concatenate(x, None), *arrays)
    x = np.concatenate(arrays, axis)
    where = data.draw(st.integers(1, 4) | st.lists(st.integers(-4, 4), max_size=3))
    pieces = len(np.array_split(x, where, axis))
    weights = list(rng.normal(size=pieces))
    hold_adjoint(
        lambda x: np.concatenate(
            [a * b for a, b in zip(np.array_split(x, where, axis), weights, strict=True)], axis
        ),
        x,
    )


@few
@given(shapes, st.data())
def test_permutations(shape: tuple[int, ...], data: st.DataObject) -> None:
    x = rng.normal(size=shape)
    axes = st.integers(-len(shape), len(shape) - 1) if shape else st.nothing()
    order = data.draw(st.permutations(range(len(shape))))
    signed = [axis - len(shape) * data.draw(st.booleans()) for axis in order]
    hold_adjoint(lambda x: np.transpose(x, signed), x)
    hold_adjoint(lambda x: np.moveaxis(x, signed, range(len(shape))), x)
    if shape:
        shifts = data.draw(st.lists(st.integers(-5, 5), min_size=1, max_size=3))
        along = [data.draw(axes) for _ in shifts]
        hold_adjoint(lambda x: np.roll(x, shifts, along), x)
    hold_adjoint(lambda x: np.roll(x, 3), x)
    hold_adjoint(lambda x: np.flip(x, tuple(set(order[:2]))), x)


LINEAR = ["constant", "edge", "linear_ramp", "mean", "reflect", "symmetric", "wrap"]


@few
@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple),
    st.sampled_from(LINEAR),
    st.booleans(),
    st.data(),
)
def test_padding(shape: tuple[int, ...], mode: str, odd: bool, data: st.DataObject) -> None:
    pair = st.tuples(st.integers(0, 9), st.integers(0, 9))
    width = data.draw(st.integers(0, 3) | pair | st.tuples(*[pair for _ in shape]))
    keywords: dict[str, Any] = {}
    if mode in ("reflect", "symmetric"):
        keywords["reflect_type"] = "odd" if odd else "even"
    if mode == "mean" and odd:
        keywords["stat_length"] = data.draw(st.integers(1, 5))
    hold_adjoint(lambda x: np.pad(x, width, mode, **keywords), rng.normal(size=shape))


# Views: what NumPy does to the arrays, it does to their derivatives

VIEWS: dict[str, Callable[[Any], Any]] = {
    "reshape": lambda x: np.reshape(x, (3, 2)),
    "reshape-order-F": lambda x: np.reshape(x, (3, 2), order="F"),
    "reshape-of-transpose": lambda x: np.reshape(x.T, (2, 3)),
    "reshape-order-F-of-transpose": lambda x: np.reshape(x.T, (2, 3), order="F"),
    "reshape-order-A-of-transpose": lambda x: np.reshape(x.T, 6, order="A"),
    "reshape-copy": lambda x: np.reshape(x, (3, 2), copy=True),
    "ravel": np.ravel,
    "ravel-order-A": lambda x: np.ravel(x.T, order="A"),
    "ravel-order-K": lambda x: np.ravel(x.T[::-1, None], order="K"),
    "transpose": np.transpose,
    "permute_dims": lambda x: np.permute_dims(x, (-1, 0)),
    "T": lambda x: x.T,
    "mT": lambda x: x.mT,
    "swapaxes": lambda x: np.swapaxes(x, 0, 1),
    "moveaxis": lambda x: np.moveaxis(x, 0, 1),
    "rollaxis": lambda x: np.rollaxis(x, 1),
    "rollaxis-nowhere": lambda x: np.rollaxis(x, 0),
    "matrix_transpose": np.matrix_transpose,
    "linalg.matrix_transpose": np.linalg.matrix_transpose,
    "expand_dims": lambda x: np.expand_dims(x, 1),
    "squeeze": lambda x: np.squeeze(x[:1]),
    "flip": np.flip,
    "flip-axis": lambda x: np.flip(x, 1),
    "fliplr": np.fliplr,
    "flipud": np.flipud,
    **{f"rot90-{k}": lambda x, k=k: np.rot90(x, k) for k in range(4)},
    "roll": lambda x: np.roll(x, 1),
    "atleast_1d": np.atleast_1d,
    "atleast_3d": np.atleast_3d,
    "atleast_2d-several": lambda x: np.atleast_2d(x[0], x[1]),
    "broadcast_to": lambda x: np.broadcast_to(x, (2, 2, 3)),
    "broadcast_arrays": lambda x: np.broadcast_arrays(x, x[1:])[:1],
    "diagonal": np.diagonal,
    "linalg.diagonal": np.linalg.diagonal,
    "diag-of-matrix": np.diag,
    "diag-of-vector": lambda x: np.diag(x[0]),
    "diagflat": np.diagflat,
    "tril": np.tril,
    "array_split": lambda x: np.array_split(x, 2, axis=1),
    "array_split-overlapping": lambda x: np.array_split(x, [2, 1], axis=1),
    "split": lambda x: np.split(x, [1, 1], axis=1),
    "hsplit": lambda x: np.hsplit(x, 3),
    "vsplit": lambda x: np.vsplit(x, 2),
    "dsplit": lambda x: np.dsplit(x[None], 3),
    "unstack": np.unstack,
    "unstack-axis": lambda x: np.unstack(x, axis=1),
    "iteration": list,
    "meshgrid": lambda x: np.meshgrid(x[0], x[1], copy=False, sparse=True),
    "meshgrid-copy": lambda x: np.meshgrid(x[0], x[1]),
    "concatenate": lambda x: np.concatenate((x, x)),
    "stack": lambda x: np.stack((x, x)),
    "tile": lambda x: np.tile(x, (1, 1)),
    "repeat": lambda x: np.repeat(x, 1, 0),
    "resize": lambda x: np.resize(x, (2, 3)),
    "pad": lambda x: np.pad(x, 0),
    "pad-edge": lambda x: np.pad(x, 0, "edge"),
    "copy": np.copy,
    "astype": lambda x: np.astype(x, x.dtype, copy=False),
    "astype-copy": lambda x: np.astype(x, x.dtype),
}


def writes_through_views(view: Callable[[Any], Any], x: Any, w: Any, base: Any) -> Any:
    """Write to each view, and return what was seen before and is seen after."""
    base = x * 2 if base is None else base
    views = view(base)
    views = views if isinstance(views, list | tuple) else (views,)
    before = [weigh(v) for v in (base, *views)]
    for i, v in enumerate(views):
        v[...] = np.sin(np.copy(v)) * w[i % 3] + x[0, 0]
        v[-1:] *= w[1]
    return sum([*before, *[weigh(np.exp(v)) for v in (base, *views)]])


def writes_under_views(view: Callable[[Any], Any], x: Any, w: Any, base: Any) -> Any:
    """Write to the base of views, and return what was seen before and is seen after."""
    base = x * 2 if base is None else base
    views = view(base)
    views = views if isinstance(views, list | tuple) else (views,)
    before = [weigh(v) for v in (base, *views)]
    base[0] = np.cos(np.copy(base[1])) * w
    base *= w[2]
    return sum([*before, *[weigh(np.exp(v)) for v in (base, *views)]])


def weigh(x: Any) -> Any:
    return np.sum(x * np.cos(np.arange(x.size)).reshape(x.shape))


def as_numpy(run: Callable[[Any, Any], Any], x: Any, w: Any) -> tuple[Any, Any, Any]:
    """Return the value of a program on plain arrays, and its gradients by central differences."""

    def slopes(of: Callable[[Any], Any], at: Any) -> Any:
        steps = np.eye(at.size).reshape(-1, *at.shape) * 1e-5
        return np.reshape([(of(at + s) - of(at - s)) / 2e-5 for s in steps], at.shape)

    return run(x, w), slopes(lambda x: run(x, w), x), slopes(lambda w: run(x, w), w)


@pytest.mark.parametrize("start", ["result", "constant"])
@pytest.mark.parametrize("program", [writes_through_views, writes_under_views])
@pytest.mark.parametrize("name", VIEWS)
def test_writes_in_place_and_views(name: str, program: Any, start: str) -> None:
    view = VIEWS[name]
    x, w = rng.normal(size=(2, 3)) / 2, np.array([0.7, -1.2, 0.4])

    def on_arrays(x: Any, w: Any) -> Any:
        return program(view, x, w, None if start == "result" else np.ones((2, 3)))

    def on_tensors(x: Any, w: Any) -> Any:
        return program(view, x, w, None if start == "result" else ag.Tensor(np.ones((2, 3))))

    leaves = leaf(x), leaf(w)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            value, by_x, by_w = as_numpy(on_arrays, x, w)
    except ValueError:
        with pytest.raises(ValueError, match="read-only"):
            on_tensors(*leaves)
        return
    out = on_tensors(*leaves)
    np.testing.assert_allclose(out.data, value)
    out.backward()
    for t, expected in zip(leaves, (by_x, by_w), strict=True):
        gradient = np.zeros(t.shape) if t.grad is None else t.grad.data
        np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-7)


def test_views_of_constants_are_written_to_under_no_grad() -> None:
    gates = leaf(np.ones((4, 2)))
    with ag.no_grad():
        for i, part in enumerate(np.split(gates, 4)):
            part[...] = i
        np.atleast_3d(gates)[0] = 7
    np.testing.assert_array_equal(gates.data[:, 0], [7, 1, 2, 3])


# What is given back

SEVERAL: dict[str, Callable[..., Any]] = {
    "array_split": lambda x: np.array_split(x, 2),
    "split": lambda x: np.split(x, 2),
    "hsplit": lambda x: np.hsplit(x, [1]),
    "vsplit": lambda x: np.vsplit(x, 2),
    "dsplit": lambda x: np.dsplit(x[None], 3),
    "unstack": np.unstack,
    "broadcast_arrays": lambda x: np.broadcast_arrays(x, x[0]),
    "meshgrid": lambda x: np.meshgrid(x[0], x[1]),
    "meshgrid-sparse": lambda x: np.meshgrid(x[0], x[1], sparse=True),
    "atleast_2d": lambda x: np.atleast_2d(x, x[0]),
    "atleast_1d-one": np.atleast_1d,
}


@pytest.mark.parametrize("asks", [False, True])
@pytest.mark.parametrize("name", SEVERAL)
def test_several_results_come_as_from_numpy(name: str, asks: bool) -> None:
    x = rng.normal(size=(2, 3))
    expected = SEVERAL[name](x)
    found = SEVERAL[name](ag.Tensor(x, requires_grad=asks))
    if isinstance(expected, np.ndarray):
        expected, found = [expected], [found]
    assert type(found) is type(expected)
    for a, b in zip(found, expected, strict=True):
        assert isinstance(a, ag.Tensor)
        assert a.requires_grad == asks
        np.testing.assert_array_equal(a.data, b)


def test_plain_arrays_among_tensors_become_constants() -> None:
    x = leaf([1.0, 2.0])
    for results in (
        np.broadcast_arrays(x, 3.0),
        np.meshgrid(x, [1, 2, 3]),
        np.atleast_2d(x, np.ones(2)),
    ):
        assert [(type(r), r.requires_grad) for r in results] == [
            (ag.Tensor, True),
            (ag.Tensor, False),
        ]


def test_questions_about_shapes_have_plain_answers() -> None:
    x = leaf(np.ones((2, 3)))
    assert np.shape(x) == (2, 3)
    assert type(np.shape(x)) is tuple
    assert (np.ndim(x), np.size(x), np.size(x, 1), np.iscomplexobj(x)) == (2, 6, 3, False)
    assert type(np.ndim(x)) is int
    assert np.result_type(x, np.float32) == np.float64
    assert np.can_cast(x.dtype, complex)
    assert np.may_share_memory(x, x[0]) is True
    assert np.shares_memory(x, np.copy(x)) is False
    assert np.array_repr(x[0]) == "array([1., 1., 1.])"
    for like in (np.zeros_like(x), np.ones_like(x), np.empty_like(x), np.full_like(x, 2.0)):
        assert isinstance(like, ag.Tensor)
        assert not like.requires_grad


def test_casts() -> None:
    x = leaf([1.5, 2.5])
    assert not np.astype(x, int).requires_grad
    y = np.astype(x, np.float32)
    y.backward(np.ones(2, np.float32))
    assert (y.dtype, x.grad.dtype) == (np.float32, np.float64)
    z = leaf([1.0, 2.0])
    np.astype(z, complex).backward(np.array([1 + 2j, 3 - 1j]))
    np.testing.assert_array_equal(z.grad.data, [1, 3])
    w = leaf([1 + 1j], dtype=complex)
    with pytest.warns(np.exceptions.ComplexWarning):
        real = np.astype(w, float)
    real.backward(np.ones(1))
    np.testing.assert_array_equal(w.grad.data, [1 + 0j])


def test_joining_casts_as_it_is_told() -> None:
    x, y = leaf([1.0, 2.0]), leaf([3.0], dtype=np.float32)
    out = np.concatenate((x, y), dtype=np.float32)
    assert out.dtype == np.float32
    out.backward(np.array([1, 2, 3], np.float32))
    assert (x.grad.dtype, y.grad.dtype) == (np.float64, np.float32)
    np.testing.assert_array_equal(x.grad.data, [1, 2])
    assert not np.stack((x, x), dtype=int, casting="unsafe").requires_grad
    with pytest.raises(TypeError, match="same_kind"):
        np.stack((x, x), dtype=int)


def test_fill_values_keep_their_graph() -> None:
    x, value = leaf(np.ones((2, 3))), leaf(2.0)
    out = np.full_like(x, value * 2)
    out.sum().backward()
    assert x.grad is None
    assert value.grad.item() == 12
    np.testing.assert_array_equal(out.data, np.full((2, 3), 4.0))
    assert not np.full_like(x, value, dtype=int).requires_grad
    with pytest.raises(TypeError, match="lose the graph"):
        np.full_like(np.ones(2), value)


# Special points


@pytest.mark.parametrize("repeat", [np.tile, np.repeat, lambda x, n: np.repeat(x, [n])])
def test_many_half_precision_gradients_are_added_in_single(repeat: Any) -> None:
    x = leaf([1.0], dtype=np.float16)
    repeat(x, 4096).sum().backward()
    assert (x.grad.dtype, x.grad.item()) == (np.float16, 4096)


def test_padding_ignores_what_it_does_not_take() -> None:
    """An infinity in the array, or in a gradient, stays where it is: no product makes it a NaN."""
    x = leaf([np.inf, 1.0, 2.0, np.nan])
    for mode in ("edge", "wrap", "reflect"):
        out = np.pad(x, 1, mode)
        np.testing.assert_array_equal(out.data, np.pad(np.array(x.data), 1, mode))
        x.grad = None
        out.backward(np.array([1, np.inf, 1, 1, 1, 1.0]))
        assert np.isinf(x.grad.data[0])
        assert np.isfinite(x.grad.data[1:]).all()


def test_ties_in_padded_statistics_share_evenly() -> None:
    x = leaf([2.0, 2.0, 1.0])
    np.pad(x, (4, 0), "maximum").sum().backward()
    np.testing.assert_array_equal(x.grad.data, [3, 3, 1])


def test_empty_padding_has_no_gradient_outside() -> None:
    x = leaf([1.0, 2.0])
    out = np.pad(x, 2, "empty")
    out[2:4].sum().backward()
    np.testing.assert_array_equal(x.grad.data, [1, 1])


def test_padding_with_tensors() -> None:
    x, sides = leaf(np.zeros((2, 2))), leaf([3.0, 5.0])
    out = np.pad(x, ((1, 2), (0, 0)), constant_values=sides)
    np.testing.assert_array_equal(out.data[:, 0], [3, 0, 0, 5, 5])
    out.sum().backward()
    np.testing.assert_array_equal(sides.grad.data, [2, 4])


def test_pieces_that_overlap() -> None:
    x = leaf(np.arange(5.0))
    parts = np.array_split(x, [3, 1])
    assert [part.size for part in parts] == [3, 0, 4]
    sum(part.sum() for part in parts).backward()
    np.testing.assert_array_equal(x.grad.data, [1, 2, 2, 1, 1])


# What is refused


def test_refusals_say_what_and_how() -> None:
    x = leaf([1.0, 2.0])
    with pytest.raises(NotImplementedError, match=r"np\.pad"):
        np.pad(x, 1, lambda vector, width, axis, kwargs: None)
    with pytest.raises(ValueError, match="mode 'nope' is not supported"):
        np.pad(x, 1, "nope")
    with pytest.raises(ValueError, match="unsupported keyword arguments for mode 'edge'"):
        np.pad(x, 1, "edge", stat_length=1)
    with pytest.raises(ValueError, match="negative"):
        np.pad(x, (1, -1), "edge")
    with pytest.raises(ValueError, match="negative"):
        np.pad(x, 1, "mean", stat_length=-1)
    with pytest.raises(TypeError, match="integers, not float64"):
        np.pad(x, 1.5)
    with pytest.raises(ValueError, match="can't extend empty axis 0"):
        np.pad(leaf(np.ones((0, 2))), 1, "median")
    with pytest.raises(ValueError, match="stat_length of 0"):
        np.pad(x, 1, "maximum", stat_length=0)
    with pytest.raises(ValueError, match="equally many lists"):
        np.block([[x], x])
    with pytest.raises(TypeError, match="not tuples"):
        np.block([x, (x, x)])
    with pytest.raises(ValueError, match="larger than 0"):
        np.array_split(x, 0)
    with pytest.raises(ValueError, match="equal division"):
        np.split(x, 3)
    with pytest.raises(ValueError, match="'xy' or 'ij'"):
        np.meshgrid(x, indexing="ji")
    with pytest.raises(NotImplementedError, match="order 'K'"):
        np.ravel(np.broadcast_to(x, (2, 3, 2))[:, ::2], order="K")
    with pytest.raises(NotImplementedError, match="trim_zeros"):
        np.trim_zeros(x)


# PyTorch


def test_against_pytorch() -> None:
    torch = pytest.importorskip("torch")
    x = rng.normal(size=(2, 3, 4))
    pairs: list[tuple[Callable[[Any], Any], Callable[[Any], Any]]] = [
        (
            lambda x, mode=mode: np.pad(x, ((0, 0), (0, 0), (2, 1)), mode),
            lambda x, mode=theirs: torch.nn.functional.pad(x, (2, 1), mode=mode),
        )
        for mode, theirs in (("edge", "replicate"), ("reflect", "reflect"), ("wrap", "circular"))
    ]
    pairs += [
        (lambda x: np.tile(x, (2, 1, 3)), lambda x: x.tile(2, 1, 3)),
        (
            lambda x: np.repeat(x, [1, 0, 2], 1),
            lambda x: x.repeat_interleave(torch.tensor([1, 0, 2]), 1),
        ),
        (lambda x: np.roll(x, (1, 2), (0, 2)), lambda x: x.roll((1, 2), (0, 2))),
        (lambda x: np.rot90(x, 3, (0, 2)), lambda x: x.rot90(3, (0, 2))),
        (lambda x: np.diagonal(x, 1, 1, 2), lambda x: x.diagonal(1, 1, 2)),
        (lambda x: np.triu(x, 1), lambda x: x.triu(1)),
    ]
    for ours, theirs in pairs:
        t, u = leaf(x), torch.tensor(x, requires_grad=True)
        out, expected = ours(t), theirs(u)
        np.testing.assert_array_equal(out.data, expected.detach().numpy())
        g = rng.normal(size=out.shape)
        out.backward(g)
        expected.backward(torch.tensor(g))
        np.testing.assert_allclose(t.grad.data, u.grad.numpy(), atol=1e-12)


@pytest.mark.parametrize(
    ("width", "keywords"),
    [
        (0, {"mode": "nope"}),
        (1, {"stat_length": 1}),
        (1, {"constant_values": [[1, 2], [3, 4]]}),
        (1, {"mode": "mean", "stat_length": -1}),
        ([(1, 2), (3, 4)], {}),
    ],
)
def test_padding_a_number_refuses_what_numpy_does(width: Any, keywords: Any) -> None:
    for x in (np.array(1.0), leaf(1.0)):
        with pytest.raises(ValueError, match=r"mode|keyword|broadcast|negative"):
            np.pad(x, width, **keywords)
    assert np.pad(leaf(1.0), 1, "edge").shape == ()
