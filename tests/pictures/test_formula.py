"""Formulas of rules: what is shown is what the rule computes."""

from __future__ import annotations

import copy
import functools
import importlib
import inspect
import math
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini import derivatives
from autograd_mini.graph import Node, arrays_in, fit, item, pack
from autograd_mini.pictures.formula import LONGEST, formula, source
from autograd_mini.primitive import Cotangents, Lazy, Rule, each
from autograd_mini.tree import tree_leaves, tree_map

from ..derivatives.case import Case
from ..derivatives.test_every_rule import CASES

Edge = tuple[Node, Node, Rule, tuple[Any, ...]]


def edges(*results: ag.Tensor) -> Iterator[Edge]:
    """Yield each node behind results, and for each argument its node, the rule and what it saved.

    But for those of the engine's own that gather and part sequences.
    """
    stack = [t._node for t in results if t._node is not None]
    seen = set(stack)
    while stack:
        node = stack.pop()
        for parent, rule, saved in node.edges or ():
            if node.primitive not in (item, pack):
                yield node, parent, rule, saved
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)


def results_of(case: Case, dtype: Callable[[Any], Any] = lambda dtype: dtype) -> list[ag.Tensor]:
    def leaf(x: Any) -> Any:
        if isinstance(x, np.ndarray) and x.dtype.kind in "fc":
            return ag.Tensor(x, dtype=dtype(x.dtype), requires_grad=True)
        return x

    with np.errstate(all="ignore"):
        out = case(*tree_map(leaf, case.args))
    return [part for part in tree_leaves(out) if isinstance(part, ag.Tensor)]


def cotangent(node: Node) -> Any:
    """Return random numbers like the result of a node."""
    generator = np.random.default_rng(0)

    def random(shape: Any, dtype: Any) -> Any:
        parts = generator.normal(size=(2, *shape))
        return np.asarray(parts[0] + 1j * parts[1] if dtype.kind == "c" else parts[0], dtype)

    if node.parts is not None:
        return Cotangents(random(*part) for part in node.parts)
    return random(node.shape, node.dtype)


def function_of(rule: Rule) -> Callable[..., Any]:
    return rule.vjp.vjp if isinstance(rule.vjp, each) else rule.vjp


def _by_name(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let arguments be passed by name, and those that are None be left away, as formulas do."""
    parameters = inspect.signature(function).parameters.values()
    defaults = {p.name: None if p.default is p.empty else p.default for p in parameters}

    def called(*args: Any, **kwargs: Any) -> Any:
        given = defaults | dict(zip(defaults, args, strict=False)) | kwargs
        return function(*given.values())

    return called


HELPERS = {
    name: _by_name(function)
    for chapter in pkgutil.iter_modules(derivatives.__path__)
    for name, function in vars(
        importlib.import_module(f"{derivatives.__name__}.{chapter.name}")
    ).items()
    if inspect.isfunction(function)
    and function.__module__.startswith(derivatives.__name__)
    and {p.kind for p in inspect.signature(function).parameters.values()}
    == {inspect.Parameter.POSITIONAL_OR_KEYWORD}
}


def evaluated(text: str, rule: Rule, g: Any, saved: tuple[Any, ...]) -> Any:
    """Return what a formula says, read as Python."""
    vjp = function_of(rule)
    names = list(inspect.signature(vjp).parameters)[1:]
    around = getattr(vjp, "__globals__", {}) | inspect.getclosurevars(vjp).nonlocals
    numbers = {"np": np, "inf": np.inf, "nan": np.nan}
    given = dict(zip(names, saved, strict=True))
    with np.errstate(all="ignore"):
        return eval(text, around | HELPERS | numbers | given | {"g": g})


def same(found: Any, expected: Any, parent: Node) -> bool:
    """Return whether two cotangents are the same, once broadcasting is undone."""
    if parent.shape is not None:
        found, expected = (
            fit(np.asarray(x), parent.shape, parent.dtype) for x in (found, expected)
        )
        return np.allclose(found, expected, rtol=1e-3, equal_nan=True)
    if callable(expected):
        found, expected = Lazy(found), Lazy(expected)
    places = [saved[0] for _, _, saved in parent.edges or ()]
    return all(np.allclose(found[i], expected[i], rtol=1e-3, equal_nan=True) for i in places)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_formula_says_what_the_rule_computes(case: Case) -> None:
    for node, parent, rule, saved in edges(*results_of(case)):
        text = formula(node, rule, saved)
        if "…" in text:
            continue
        g = cotangent(node)
        with np.errstate(all="ignore"):
            expected = function_of(rule)(copy.deepcopy(g), *saved)
        assert same(evaluated(text, rule, g, saved), expected, parent), f"{node.primitive}: {text}"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_formula_is_a_line_and_changes_nothing(case: Case) -> None:
    results = results_of(case)
    found = list(edges(*results))

    def state() -> list[Any]:
        return [
            *(array.tobytes() for _, _, _, saved in found for array in arrays_in(saved)),
            *(node.edges for node, _, _, _ in found),
            [t.grad for t in results],
            ag.random.get_state(),
            ag.is_grad_enabled(),
            np.geterr(),
        ]

    before = state()
    texts = [formula(node, rule, saved) for node, _, rule, saved in found]
    assert texts == [formula(node, rule, saved) for node, _, rule, saved in found]
    after = state()
    assert before[:-4] == after[:-4]
    assert before[-3:] == after[-3:]
    for text in texts:
        assert 0 < len(text) <= LONGEST
        assert text.isprintable()


ABRIDGED = {
    *("assigned", "viewed", "getitem", "cross_entropy", "nll_loss"),
    *("np.take", "np.take_along_axis", "np.compress", "np.extract", "np.repeat", "np.cross"),
    *("np.linalg.solve", "np.linalg.norm"),
    *("np.max", "np.min", "np.amax", "np.amin", "np.nanmax", "np.nanmin", "np.prod", "np.nanprod"),
    *("np.var", "np.std", "np.nanvar", "np.nanstd", "np.logaddexp.reduce", "np.logaddexp2.reduce"),
    *("np.tensordot", "np.nancumprod", "np.linspace"),
}
"""The operations with rules too long for one line, or that use arrays which have no name."""


def test_few_formulas_leave_something_away() -> None:
    abridged = {
        str(node.primitive)
        for case in CASES
        for node, _, rule, saved in edges(*results_of(case))
        if "…" in formula(node, rule, saved)
    }
    assert abridged <= ABRIDGED


def shown(out: ag.Tensor, position: int = 0) -> str:
    """Return the formula of the last operation for one of its arguments."""
    node = out._node
    assert node is not None
    rule, saved = next((r, s) for _, r, s in node.edges or () if r.position == position)
    return formula(node, rule, saved)


def leaf(*shape: int, dtype: Any = float) -> ag.Tensor:
    numbers = np.linspace(0.1, 0.9, math.prod(shape)).reshape(shape)
    return ag.Tensor(numbers.astype(dtype), requires_grad=True)


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (np.tanh, "g * (1 - out * out)"),
        (lambda x: x * 2, "g * 2"),
        (lambda x: x @ np.ones((3, 2)), "g @ x2.T"),
        (lambda x: x.sum(), "np.broadcast_to(g, (2, 3))"),
        (lambda x: x.sum(axis=1), "np.broadcast_to(g.reshape(2, 1), (2, 3))"),
        (lambda x: x.max(), "np.broadcast_to(g, (2, 3)) * shares(a, out)"),
        (lambda x: x.reshape(6), "g.reshape(2, 3)"),
        (lambda x: x.T, "g.T"),
    ],
)
def test_formulas_read_as_in_a_textbook(f: Any, expected: str) -> None:
    assert shown(f(leaf(2, 3))) == expected


def test_the_order_of_elements_and_of_axes_is_said() -> None:
    assert shown(np.ravel(leaf(2, 3), order="F")) == "np.reshape(g, shape=(2, 3), order='F')"
    assert ".T" not in shown(np.tensordot(leaf(2, 3), np.ones((3, 2)), axes=1))


def test_a_cotangent_without_axes_is_reshaped_to_none() -> None:
    assert shown(np.cumsum(leaf())).endswith(".reshape(())")


def test_only_of_real_numbers_conjugates_are_left_away() -> None:
    for f, position in ((np.sin, 0), (np.square, 0), (lambda z: np.multiply(z, 1 + 2j), 0)):
        assert "conj" in shown(f(leaf(3, dtype=complex)), position)
    assert "conj" not in shown(np.sin(leaf(3)))


def test_the_conjugate_of_a_complex_argument_stays_where_the_result_is_real() -> None:
    @ag.primitive(z=lambda g, z: g * 2 * z.conjugate())
    def squared_size(z: Any) -> Any:
        return np.real(z * z.conjugate())

    assert shown(squared_size(leaf(3, dtype=complex))) == "g * 2 * z.conjugate()"
    assert shown(squared_size(leaf(3))) == "g * 2 * z"


# Rules of the user's own


def operation(rule: Any) -> str:
    """Return the formula of a rule, of an operation that has it."""

    @ag.primitive(x=rule)
    def twice(x: Any) -> Any:
        return 2 * x

    return shown(twice(leaf(2)))


def test_a_lambda_is_shown_as_it_is_written() -> None:
    factor = 2.0
    assert operation(lambda g: factor * g) == "factor * g"
    assert operation(lambda g: g) == "g"
    assert operation(lambda g, x, out: g * out / x) == "g * out / x"
    assert operation(lambda g, x: (lambda y: y * 2)(g) + 0 * x) == "(lambda y: y * 2)(g) + 0 * x"
    assert operation((lambda: lambda g: g + g)()) == "g + g"


@pytest.mark.parametrize("n", [2, -2, 0.5, -0.5, float("inf")])
def test_numbers_that_a_rule_is_given_are_written_as_such(n: float) -> None:
    @ag.primitive(x=lambda g, x, n: g * n**x + 0 * n)
    def power(x: Any, n: float) -> Any:
        return 0 * x

    node = power(leaf(2), n)._node
    assert node is not None
    ((_, rule, saved),) = node.edges or ()
    text = formula(node, rule, saved)
    assert "n *" not in text
    g = np.ones(2)
    with np.errstate(all="ignore"):
        expected = function_of(rule)(g, *saved)
    np.testing.assert_equal(evaluated(text, rule, g, saved), expected)


def test_two_lambdas_on_one_line_are_told_apart() -> None:
    first, second = lambda g: g * 2, lambda g: g + g
    assert (operation(first), operation(second)) == ("g * 2", "g + g")
    same, other = lambda g: g, lambda g, x: x
    assert (operation(same), operation(other)) == ("g", "x")


# fmt: off
def test_a_lambda_over_several_lines_is_one_line() -> None:
    assert operation(
        lambda g, x: (
            g * 2
            + 0 * x
        )
    ) == "g * 2 + 0 * x"
# fmt: on


def test_a_lambda_that_decides_is_shown_whole() -> None:
    assert operation(lambda g, x: g if x is None else 2 * g) == "g if x is None else 2 * g"
    assert operation(lambda g: g is not None and 2 * g) == "g is not None and 2 * g"


def test_a_lambda_in_a_line_of_letters_of_several_bytes_is_found() -> None:
    rules = {"Größe ∂": lambda g: 2 * g, "∂∂": lambda g: g + g}
    assert [operation(rule) for rule in rules.values()] == ["2 * g", "g + g"]


def test_a_long_lambda_is_cut() -> None:
    text = operation(
        lambda g, x: g * 2 + 0 * x + 0 * x + 0 * x + 0 * x + 0 * x + 0 * x + 0 * x + 0 * x + 0 * x
    )
    assert len(text) <= LONGEST
    assert text.startswith("g * 2 + 0 * x")


def test_a_lambda_without_source_is_a_call_of_it() -> None:
    space: dict[str, Any] = {}
    exec("rule = lambda g, x: 2 * g", space)
    assert operation(space["rule"]) == "lambda(g, x)"


def doubled(g: Any, x: Any) -> Any:
    return 2 * g + 0 * x


class Doubled:
    def __call__(self, g: Any, x: Any) -> Any:
        return 2 * g + 0 * x


def many(g: Any, x: Any, out: Any, x_shape: Any) -> Any:
    return 2 * g


def test_a_named_function_is_a_call_of_it() -> None:
    assert operation(doubled) == "doubled(g, x)"
    assert operation(many) == "many(g, x, …)"


def test_an_object_that_can_be_called_is_called_by_its_class() -> None:
    assert operation(Doubled()) == "Doubled(g, x)"
    assert operation(functools.partial(doubled)) == "partial(g, x)"
    assert operation(Doubled().__call__) == "__call__(g, x)"


def test_no_rule_of_a_user_is_run() -> None:
    calls: list[int] = []

    def rule(g: Any, x: Any) -> Any:
        calls.append(1)
        return g

    assert operation(rule) == "rule(g, x)"
    assert operation(lambda g: calls.append(1) or g) == "calls.append(1) or g"
    assert calls == []


def test_the_source_is_that_of_a_named_function() -> None:
    def of(rule: Any) -> str | None:
        register = ag.primitive(x=rule)
        out = register(lambda x: 2 * x)(leaf(2))
        return source(next(r for _, r, _ in out._node.edges))

    assert of(doubled) == inspect.getsource(doubled)
    assert of(lambda g: 2 * g) is None
    assert of(Doubled()) is None
    space: dict[str, Any] = {}
    exec("def rule(g): return 2 * g", space)
    assert of(space["rule"]) is None
