"""The derivative table, in chapters; importing it fills the registry."""

from . import elementwise, indexing, piecewise, products, reductions, shape

__all__ = ["elementwise", "indexing", "piecewise", "products", "reductions", "shape"]
