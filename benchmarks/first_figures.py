"""How fast it is: as ratios to PyTorch eager and to NumPy written by hand, in one run.

    python benchmarks/first_figures.py [--quick]

The contestants take turns within each round, so that whatever else the machine does meets all of
them; a ratio is taken within a round, and what is printed is the median of the rounds with the
middle half of them. All compute the same numbers, which is checked before anything is timed.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

THREADS = 2
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = str(THREADS)

import numpy as np

import autograd_mini as ag

torch: Any = None  # until load_torch

Step = Callable[[], Any]

INPUTS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
TARGETS = np.array([[0.0], [1.0], [1.0], [1.0]])
RATE = 0.1


# The OR network: 2-3-1 on four rows, forward, backward and update


def weights() -> list[np.ndarray]:
    random = np.random.default_rng(0)
    shapes = [(2, 3), (1, 3), (3, 1), (1, 1)]
    return [random.normal(size=shape) for shape in shapes]


def or_by_hand() -> tuple[Step, Callable[[], list[np.ndarray]]]:
    w1, b1, w2, b2 = weights()

    def step() -> None:
        sums = INPUTS @ w1 + b1
        hidden = np.maximum(0, sums)
        output = 1 / (1 + np.exp(-(hidden @ w2 + b2)))
        d_output = (output - TARGETS) * output * (1 - output)
        d_hidden = d_output @ w2.T * (sums > 0)
        w2[...] -= RATE * (hidden.T @ d_output)
        b2[...] -= RATE * d_output.sum(axis=0, keepdims=True)
        w1[...] -= RATE * (INPUTS.T @ d_hidden)
        b1[...] -= RATE * d_hidden.sum(axis=0, keepdims=True)

    return step, lambda: [w1, b1, w2, b2]


def or_by_us() -> tuple[Step, Callable[[], list[np.ndarray]]]:
    parameters = [ag.Tensor(w, requires_grad=True) for w in weights()]
    w1, b1, w2, b2 = parameters

    def step() -> None:
        hidden = ag.nn.functional.relu(INPUTS @ w1 + b1)
        output = ag.nn.functional.sigmoid(hidden @ w2 + b2)
        loss = (0.5 * (output - TARGETS) ** 2).sum()
        loss.backward()
        with ag.no_grad():
            for p in parameters:
                p -= RATE * p.grad
                p.grad = None

    return step, lambda: [p.detach().numpy() for p in parameters]


def or_by_us_with_sgd() -> tuple[Step, Callable[[], list[np.ndarray]]]:
    parameters = [ag.Tensor(w, requires_grad=True) for w in weights()]
    w1, b1, w2, b2 = parameters
    optimizer = ag.optim.SGD(parameters, lr=RATE)

    def step() -> None:
        hidden = ag.nn.functional.relu(INPUTS @ w1 + b1)
        output = ag.nn.functional.sigmoid(hidden @ w2 + b2)
        loss = (0.5 * (output - TARGETS) ** 2).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step, lambda: [p.detach().numpy() for p in parameters]


def or_by_torch() -> tuple[Step, Callable[[], list[np.ndarray]]]:
    inputs, targets = torch.tensor(INPUTS), torch.tensor(TARGETS)
    parameters = [torch.tensor(w, requires_grad=True) for w in weights()]
    w1, b1, w2, b2 = parameters

    def step() -> None:
        hidden = torch.relu(inputs @ w1 + b1)
        output = torch.sigmoid(hidden @ w2 + b2)
        loss = (0.5 * (output - targets) ** 2).sum()
        loss.backward()
        with torch.no_grad():
            for p in parameters:
                p -= RATE * p.grad
                p.grad = None

    return step, lambda: [p.detach().numpy() for p in parameters]


def or_by_torch_with_sgd() -> tuple[Step, Callable[[], list[np.ndarray]]]:
    inputs, targets = torch.tensor(INPUTS), torch.tensor(TARGETS)
    parameters = [torch.tensor(w, requires_grad=True) for w in weights()]
    w1, b1, w2, b2 = parameters
    optimizer = torch.optim.SGD(parameters, lr=RATE)

    def step() -> None:
        hidden = torch.relu(inputs @ w1 + b1)
        output = torch.sigmoid(hidden @ w2 + b2)
        loss = (0.5 * (output - targets) ** 2).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step, lambda: [p.detach().numpy() for p in parameters]


# 3,000 tiny operations, forward and backward


def tiny_by_us() -> tuple[Step, Callable[[], list[np.ndarray]]]:
    x = ag.Tensor([0.5, -0.5], requires_grad=True)

    def step() -> None:
        x.grad = None
        y = x
        for _ in range(1000):
            y = np.tanh(y * 1.01 + 0.01)
        y.sum().backward()

    return step, lambda: [x.grad.numpy()]


def tiny_by_torch() -> tuple[Step, Callable[[], list[np.ndarray]]]:
    x = torch.tensor([0.5, -0.5], dtype=torch.float64, requires_grad=True)

    def step() -> None:
        x.grad = None
        y = x
        for _ in range(1000):
            y = torch.tanh(y * 1.01 + 0.01)
        y.sum().backward()

    return step, lambda: [x.grad.numpy()]


# Timing


def load_torch() -> str:
    """Import PyTorch, and return its version in words."""
    global torch
    try:
        import torch
    except ImportError:
        return "no PyTorch installed"
    torch.set_num_threads(THREADS)
    return f"PyTorch {torch.__version__}"


def check(contestants: dict[str, tuple[Step, Callable[[], list[np.ndarray]]]], steps: int) -> None:
    """Raise where contestants differ after as many steps."""
    results = {}
    for name, (step, state) in contestants.items():
        for _ in range(steps):
            step()
        results[name] = [np.array(a) for a in state()]
    first, *others = results.items()
    for name, arrays in others:
        for a, b in zip(first[1], arrays, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12, err_msg=f"{first[0]}, {name}")


def race(steps: dict[str, Step], rounds: int, repeats: int) -> dict[str, list[float]]:
    """Return the seconds that each takes for a step, in each of the rounds."""
    times: dict[str, list[float]] = {name: [] for name in steps}
    names = list(steps)
    gc.collect()
    gc.disable()
    for turn in range(rounds + 1):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            step = steps[name]
            start = time.perf_counter()
            for _ in range(repeats):
                step()
            if turn:  # the first round warms up
                times[name].append((time.perf_counter() - start) / repeats)
    gc.enable()
    return times


def spread(values: list[float]) -> str:
    """Return the median and the middle half of `values`."""
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return f"{middle:8.3f}   ({low:.3f} to {high:.3f})"


def row(what: str, figure: str) -> None:
    print(f"{what:<58} {figure}", flush=True)


def ratio(times: dict[str, list[float]], a: str, b: str) -> None:
    row(f"  {a} / {b}", spread([x / y for x, y in zip(times[a], times[b], strict=True)]))


def per_step(times: dict[str, list[float]]) -> None:
    for name, seconds in times.items():
        row(f"  {name}, microseconds", f"{1e6 * statistics.median(seconds):8.1f}")


def or_step(rounds: int) -> None:
    contestants = {"by hand": or_by_hand(), "ours": or_by_us(), "ours, SGD": or_by_us_with_sgd()}
    if torch:
        contestants |= {"torch": or_by_torch(), "torch, SGD": or_by_torch_with_sgd()}
    check(contestants, 100)
    print("The OR network's step")
    times = race({name: step for name, (step, _) in contestants.items()}, rounds, 100)
    per_step(times)
    ratio(times, "ours", "by hand")
    ratio(times, "ours, SGD", "by hand")
    if torch:
        ratio(times, "ours", "torch")
        ratio(times, "ours, SGD", "torch, SGD")


def tiny(rounds: int) -> None:
    contestants = {"ours": tiny_by_us()}
    if torch:
        contestants["torch"] = tiny_by_torch()
    check(contestants, 1)
    print("3,000 operations on 2 elements, forward and backward")
    times = race({name: step for name, (step, _) in contestants.items()}, rounds, 2)
    per_step(times)
    if torch:
        ratio(times, "ours", "torch")


def chain(length: int) -> list[float]:
    """Return the seconds an operation takes: forward, backward, and release without a backward."""
    x = ag.Tensor(1.0, requires_grad=True)

    def forward() -> Any:
        y = x
        for _ in range(length):
            y = y + 1.0
        return y

    gc.collect()
    start = time.perf_counter()
    y = forward()
    recorded = time.perf_counter()
    y.backward()
    walked = time.perf_counter()
    if x.grad.item() != 1 or y.item() != length + 1:
        raise AssertionError("the chain's gradient is wrong")
    y = forward()
    kept = time.perf_counter()
    del y
    released = time.perf_counter()
    return [t / length for t in (recorded - start, walked - recorded, released - kept)]


def chains(rounds: int) -> None:
    print("A chain of 1,000,000 operations, and one of 10,000")
    short, long = [], []
    chain(10_000)
    for _ in range(rounds):
        tries = [chain(10_000) for _ in range(5)]
        short.append([statistics.median(times) for times in zip(*tries, strict=True)])
        long.append(chain(1_000_000))
    pairs = list(zip(long, short, strict=True))
    for i, part in enumerate(["forward", "backward", "release"]):
        for name, times in {"10,000": short, "1,000,000": long}.items():
            microseconds = 1e6 * statistics.median(t[i] for t in times)
            row(f"  {part}, {name}, microseconds an operation", f"{microseconds:8.3f}")
        row(f"  {part}, 1,000,000 / 10,000", spread([a[i] / b[i] for a, b in pairs]))
    row("  in all, 1,000,000 / 10,000", spread([sum(a) / sum(b) for a, b in pairs]))


def imports(rounds: int) -> None:
    print("Importing, compiled once")
    source = (
        "import time; a = time.perf_counter(); import numpy; b = time.perf_counter(); "
        "import autograd_mini; c = time.perf_counter(); print(b - a, c - b)"
    )
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache, "PYTHONDONTWRITEBYTECODE": ""}

        def once() -> list[float]:
            command = [sys.executable, "-c", source]
            return [float(t) for t in subprocess.check_output(command, env=environment).split()]

        once()
        times = [once() for _ in range(rounds)]
    row("  numpy, milliseconds", spread([1e3 * t[0] for t in times]))
    row("  autograd_mini beyond it, milliseconds", spread([1e3 * t[1] for t in times]))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few rounds, to see that it runs")
    quick = parser.parse_args().quick
    print(f"Python {sys.version.split()[0]}, NumPy {np.__version__}, {THREADS} threads.")
    print("Medians, and the middle half of the rounds.")
    # Before PyTorch is loaded, whose own objects the cycle collector walks through too.
    chains(2 if quick else 7)
    gc.disable()
    print("The same with Python's cycle collector off:", end=" ")
    chains(2 if quick else 7)
    gc.enable()
    print("With", load_torch())
    or_step(4 if quick else 40)
    tiny(4 if quick else 40)
    imports(4 if quick else 15)


if __name__ == "__main__":
    main()
