"""Functions compiled again, so that each call, operator and index in them is told to a listener.

What runs is the program as it is, with its own fast paths, on its own arrays: only that `a @ b`
is `listen(place, operator.matmul, a, b)` for as long as somebody listens.
"""

from __future__ import annotations

import ast
import builtins
import copy
import functools
import gc
import operator
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

Place = tuple[str, str]
"""Where a call is written: the file, and the function within it."""

Listener = Callable[..., Any]
"""Given a place, a function and its arguments, it calls that function, and returns what it does."""

_LISTENER, _OPERATORS = "__listener__", "__operators__"

VIEWS = ("T", "mT", "real", "imag")
"""The attributes of arrays that are arrays; `a.T` is told as `getattr(a, "T")`."""

_BINARY = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.MatMult: "matmul",
    ast.Mod: "mod",
    ast.Div: "truediv",
    ast.FloorDiv: "floordiv",
    ast.Pow: "pow",
    ast.LShift: "lshift",
    ast.RShift: "rshift",
    ast.BitOr: "or_",
    ast.BitXor: "xor",
    ast.BitAnd: "and_",
}
_UNARY = {ast.USub: "neg", ast.UAdd: "pos", ast.Invert: "invert"}
_COMPARED = {
    ast.Eq: "eq",
    ast.NotEq: "ne",
    ast.Lt: "lt",
    ast.LtE: "le",
    ast.Gt: "gt",
    ast.GtE: "ge",
}
_OF_THEIR_FRAME = ("super", "locals", "vars", "dir", "globals", "eval", "exec", "_getframe")


@contextmanager
def listening(listener: Listener, files: Iterable[str]) -> Iterator[None]:
    """Let all functions that are written in `files` tell `listener` of what they call."""
    telling: dict[CodeType, CodeType] = {}
    for file in set(files):
        telling.update(_telling(file))
    setattr(builtins, _LISTENER, listener)
    setattr(builtins, _OPERATORS, operator)
    _exchange(telling)
    try:
        yield
    finally:  # also of functions that were made inside
        _exchange({new: old for old, new in telling.items()})
        delattr(builtins, _LISTENER)
        delattr(builtins, _OPERATORS)


def _exchange(codes: dict[CodeType, CodeType]) -> None:
    """Give each function that there is, and whose code is a key of `codes`, the one it maps to."""
    for function in gc.get_objects():
        if isinstance(function, FunctionType) and function.__code__ in codes:
            function.__code__ = codes[function.__code__]


@functools.cache
def _telling(file: str) -> dict[CodeType, CodeType]:
    """Return, for the code of each function in a file, the same that tells what it calls."""
    source = Path(file).read_text(encoding="utf-8")
    tree = ast.fix_missing_locations(_Telling(file).visit(ast.parse(source, file)))
    codes = [compile(text, file, "exec", dont_inherit=True) for text in (source, tree)]
    return dict(zip(*map(_functions_in, codes), strict=True))


def _functions_in(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _functions_in(constant)


class _Telling(ast.NodeTransformer):
    """Replaces what NumPy may compute by calls of the listener."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._within: list[str] = []

    def _tell(self, node: ast.AST, function: ast.expr, *args: ast.expr) -> ast.Call:
        names = self._file, ".".join(self._within)
        place = ast.Tuple([ast.Constant(name) for name in names], ast.Load())
        call = ast.Call(ast.Name(_LISTENER, ast.Load()), [place, function, *args], [])
        return ast.copy_location(call, node)

    def _named(self, node: Any) -> Any:
        self._within.append(node.name)
        self.generic_visit(node)
        self._within.pop()
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = _named  # noqa: N815

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in _OF_THEIR_FRAME:
            return node
        call = self._tell(node, node.func, *node.args)
        call.keywords = node.keywords
        return call

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        return self._tell(node, _operator(_BINARY[type(node.op)]), node.left, node.right)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Not):
            return node
        return self._tell(node, _operator(_UNARY[type(node.op)]), node.operand)

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        name = _COMPARED.get(type(node.ops[0]))
        if name is None or len(node.ops) > 1:
            return node
        return self._tell(node, _operator(name), node.left, node.comparators[0])

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        now = copy.deepcopy(node.target)
        now.ctx = ast.Load()
        self.generic_visit(node)
        name = "i" + _BINARY[type(node.op)].rstrip("_")
        value = self._tell(node, _operator(name), self.visit(now), node.value)
        return ast.copy_location(ast.Assign([node.target], value), node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        self.generic_visit(node)
        target = node.targets[0]
        if not isinstance(target, ast.Subscript) or len(node.targets) > 1:
            return node
        where = target.value, _index(target.slice)
        call = self._tell(node, _operator("setitem"), *where, node.value)
        return ast.copy_location(ast.Expr(call), node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.ctx, ast.Load):
            return node
        return self._tell(node, _operator("getitem"), node.value, _index(node.slice))

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if node.attr not in VIEWS or not isinstance(node.ctx, ast.Load):
            return node
        getter = ast.Name("getattr", ast.Load())
        return self._tell(node, getter, node.value, ast.Constant(node.attr))


def _operator(name: str) -> ast.expr:
    return ast.Attribute(ast.Name(_OPERATORS, ast.Load()), name, ast.Load())


def _index(node: ast.expr) -> ast.expr:
    """Return what is between brackets as an expression that stands by itself."""
    if isinstance(node, ast.Slice):
        ends = [end or ast.Constant(None) for end in (node.lower, node.upper, node.step)]
        return ast.Call(ast.Name("slice", ast.Load()), ends, [])
    if isinstance(node, ast.Tuple):
        return ast.Tuple([_index(part) for part in node.elts], ast.Load())
    return node
