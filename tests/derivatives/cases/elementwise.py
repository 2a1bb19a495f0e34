"""Elementwise functions, smooth and piecewise, away from corners and steps."""

from __future__ import annotations

import numpy as np

from autograd_mini.derivatives.elementwise import sinc_derivative
from autograd_mini.derivatives.piecewise import phase

from ..case import Case

x = np.array([[-1.7, -0.6, 0.3], [0.8, 1.4, 2.6]])
small = np.array([-0.9, -0.35, 0.15, 0.7])
positive = np.array([0.2, 0.9, 1.6, 3.1])
large = np.array([1.2, 2.5, 7.0])
row = np.array([0.7, -1.9, 2.3])
column = np.array([[-2.1], [1.1]])
scalar = np.array(0.45)
empty = np.zeros((0, 3))
strided = np.arange(24.0).reshape(4, 6)[::-2, 1::2] / 7 - 1.3
z = np.array([0.4 + 1.1j, -1.3 + 0.2j, 0.6 - 0.8j])
w = np.array([[-0.7 + 0.5j], [1.2 - 0.3j]])

EVERYWHERE = [
    np.positive, np.negative, np.square, np.exp, np.exp2, np.expm1, np.sin, np.cos, np.tan,
    np.arctan, np.sinh, np.cosh, np.tanh, np.arcsinh, np.deg2rad, np.rad2deg, np.radians,
    np.degrees, np.sinc, np.conjugate, np.absolute, np.fabs, np.cbrt, np.reciprocal,
    np.real, np.imag, np.angle, np.nan_to_num, np.real_if_close, np.unwrap,
]  # fmt: skip
POSITIVE = [np.sqrt, np.log, np.log2, np.log10, np.log1p]
WITHIN_ONE = [np.arcsin, np.arccos, np.arctanh]
COMPLEX = [
    np.positive, np.negative, np.square, np.exp, np.exp2, np.expm1, np.sin, np.cos, np.tan,
    np.arctan, np.sinh, np.cosh, np.tanh, np.arcsinh, np.sinc, np.conjugate, np.absolute,
    np.reciprocal, np.real, np.imag, np.angle, np.nan_to_num, np.real_if_close, np.sqrt, np.log,
    np.log2, np.log10, np.log1p, np.arcsin, np.arccos, np.arccosh, np.arctanh, np.sign, phase,
]  # fmt: skip
TWO = [
    np.add, np.subtract, np.multiply, np.divide, np.hypot, np.arctan2, np.logaddexp,
    np.logaddexp2, np.maximum, np.minimum, np.fmax, np.fmin, np.fmod, np.remainder, np.divmod,
    np.copysign, np.heaviside, np.nextafter,
]  # fmt: skip


def power_in_float64(x1, x2):
    """`np.float_power` gives float64 whatever it is given."""
    return np.astype(np.float_power(x1, x2), np.result_type(x1, x2))


def parts(x):
    return np.modf(x)[0] * np.frexp(x)[0]


CASES = [
    *[Case(f, (x,)) for f in EVERYWHERE],
    *[Case(f, (positive,)) for f in POSITIVE],
    *[Case(f, (small,)) for f in WITHIN_ONE],
    Case(np.arccosh, (large,)),
    *[Case(f, (z,), id=f"{f.__name__}-complex") for f in COMPLEX],
    *[Case(f, (x, row), id=f"{f.__name__}-row") for f in TWO],
    *[Case(f, (row, column), id=f"{f.__name__}-outer") for f in TWO],
    Case(np.heaviside, (np.array([0, 2, 0], np.int8), row), id="heaviside-at-0"),
    *[Case(f, (scalar, x), id=f"{f.__name__}-scalar") for f in TWO],
    *[Case(f, (x, -1.25), id=f"{f.__name__}-number") for f in TWO],
    *[Case(f, (1.3, row), id=f"{f.__name__}-reflected") for f in TWO],
    *[Case(f, (empty, row), id=f"{f.__name__}-empty") for f in TWO],
    *[Case(f, (strided, row), id=f"{f.__name__}-strided") for f in TWO],
    *[
        Case(f, (z, w), id=f"{f.__name__}-complex")
        for f in (np.add, np.subtract, np.multiply, np.divide, np.power, power_in_float64)
    ],
    *[Case(f, (row, w), id=f"{f.__name__}-mixed") for f in (np.multiply, np.divide, np.power)],
    *[
        Case(f, (w, row), id=f"{f.__name__}-mixed-reflected")
        for f in (np.multiply, np.divide, np.power)
    ],
    *[
        Case(f, args, id=f"{f.__name__}-{name}")
        for f in (np.power, power_in_float64)
        for name, args in {
            "row": (positive[:3], x),
            "scalar": (x, 3),
            "zero": (x, 0),
            "negative": (x, -2),
            "integers": (x, np.array([2, 3, 0], np.int16)),
            "small-integers": (x, np.array([2, 1, 0], np.uint8)),
            "reflected": (2.0, x),
            "integer-base": (np.array([1, 2, 3], np.int16), x),
            "0d": (np.array(1.7), scalar),
        }.items()
    ],
    *[Case(sinc_derivative, (x, n), id=f"sinc_derivative-{n}") for n in (0, 1, 2)],
    *[Case(f, (scalar,), id=f"{f.__name__}-0d") for f in (np.tanh, np.absolute, np.sinc, np.real)],
    *[
        Case(f, (empty,), id=f"{f.__name__}-empty")
        for f in (np.tanh, np.absolute, np.sinc, np.angle)
    ],
    Case(np.angle, (z,), {"deg": True}),
    Case(np.clip, (x, -1.0, 1.0)),
    Case(np.clip, (x, -1.0, None)),
    Case(np.clip, (x, None, 1.0)),
    Case(np.clip, (x,), id="clip-none"),
    Case(np.clip, (x,), {"min": -1.0, "max": 1.0}),
    Case(np.clip, (x,), {"a_max": 1.0, "a_min": None}),
    Case(np.clip, (x, np.array([-1.0, 0.0, 0.5]), column + 2.5), id="clip-arrays"),
    Case(np.clip, (x, np.array([1.0, 0.0, 3.5]), np.array(1.2)), id="clip-crossed"),
    Case(lambda x, lo, hi: np.clip(x, min=lo, max=hi), (x, row - 1, row), id="clip-min-max"),
    Case(np.where, (x > 0.5, row, column), id="where"),
    Case(np.where, (x, row, 2.0), id="where-number"),
    Case(np.where, ([True, False, True], scalar, row), id="where-list"),
    Case(np.nan_to_num, (x,), {"nan": 1.0, "posinf": 2.0, "neginf": 3}),
    Case(parts, (x,)),
    Case(np.modf, (x,)),
    Case(np.frexp, (x,)),
    Case(np.ldexp, (x, np.array([3, -2, 0])), id="ldexp"),
    Case(np.ldexp, (row, 2), id="ldexp-number"),
    Case(np.unwrap, (np.array([0.1, 3.0, -3.1, 2.9]),), {"period": 5.0}),
]
