"""Down a curved valley: what second derivatives know that a gradient does not.

Newton's method with Hessian-vector products, next to gradient descent, on Rosenbrock's function.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from support import BLUE, INK, RED, parser, positive, pyplot, save

import autograd_mini as ag
from autograd_mini.data import load_mnist


def rosenbrock(x: Any) -> Any:
    """Return a sum whose level lines are a long curved valley. Its minimum is 0, at (1, ..., 1)."""
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2, axis=0)


class Run(NamedTuple):
    """Where a descent went, and what it cost: `products` counts Hessian-vector products."""

    path: np.ndarray
    gradients: list[float]
    products: int


def steepest(f: Callable[..., Any], x: np.ndarray, g: np.ndarray) -> tuple[np.ndarray, int]:
    """Return the direction of gradient descent: straight down, and at most 1/4 at a time."""
    return -g / max(1.0, 4 * np.linalg.norm(g)), 0


def newton(f: Callable[..., Any], x: np.ndarray, g: np.ndarray) -> tuple[np.ndarray, int]:
    """Return the direction to where the parabola that fits f at x has its bottom: H p = -g.

    The Hessian H is never formed. Conjugate gradients need its product with a vector alone, and
    that is a derivative too: of the gradient, in the direction of the vector.
    """
    size = np.sqrt(g @ g)
    p, residual, products = np.zeros_like(g), -g, 0
    direction = residual
    # The nearer the bottom, the more exactly: so the last steps double the digits that are right.
    while np.sqrt(residual @ residual) > min(0.01, size) * size and products < 10 * len(x):
        curved = ag.hvp(f, (x,), (direction,))
        products += 1
        curvature = direction @ curved
        if curvature <= 0:  # bent downwards: there is no bottom this way
            return (p if products > 1 else -g), products
        step = (residual @ residual) / curvature
        p = p + step * direction
        smaller = residual - step * curved
        direction = smaller + (smaller @ smaller) / (residual @ residual) * direction
        residual = smaller
    return p, products


def descend(
    f: Callable[..., Any],
    x: np.ndarray,
    choose: Callable[..., tuple[np.ndarray, int]],
    *,
    most: int,
    below: float = 1e-10,
) -> Run:
    """Walk down along the directions that `choose` gives until the gradient is below a bound.

    Both methods take steps by the same rule: the full one, halved until it descends enough.
    """
    path, gradients, products = [x], [], 0
    value_and_grad = ag.value_and_grad(f)
    value, g = value_and_grad(x)
    gradients.append(float(np.linalg.norm(g)))
    while gradients[-1] > below and len(gradients) <= most:
        p, cost = choose(f, x, g)
        products += cost
        step = 1.0
        while f(x + step * p) > value + 1e-4 * step * (g @ p) and step > 1e-12:
            step /= 2
        x = x + step * p
        value, g = value_and_grad(x)
        path.append(x)
        gradients.append(float(np.linalg.norm(g)))
    return Run(np.array(path), gradients, products)


def digits_loss(count: int) -> Callable[[Any], Any]:
    """Return the loss of a linear classifier of handwritten digits, by its weights as one vector.

    Cross-entropy, and a little weight decay so that there is one minimum.
    """
    mnist = load_mnist(Path(__file__).resolve().parent / "data")
    images = mnist.test_images[:count].reshape(-1, 784) / 255
    truth = np.eye(10)[mnist.test_labels[:count]]

    def loss(weights: Any) -> Any:
        scores = images @ weights[:7840].reshape(784, 10) + weights[7840:]
        scores = scores - np.sum(scores * truth, axis=1, keepdims=True)
        return np.mean(np.log(np.sum(np.exp(scores), axis=1))) + 5e-4 * np.sum(weights**2)

    return loss


def main() -> None:
    arguments = parser(__doc__.splitlines()[0])
    arguments.add_argument(
        "--digits",
        type=positive,
        default=1000,
        metavar="N",
        help="how many digits the last part learns, at most 1000 (default: 1000)",
    )
    arguments.add_argument(
        "--steps",
        type=positive,
        default=30_000,
        metavar="N",
        help="the most steps of gradient descent (default: 30000)",
    )
    args = arguments.parse_args()

    print("Rosenbrock's valley: f(x, y) = 100 (y - x^2)^2 + (1 - x)^2, lowest at (1, 1), where it")
    print("is 0. Its floor bends, and is a thousand times flatter along than across.\n")
    start = np.array([-1.2, 1.0])

    print(
        "1. A gradient says which way is down, not how far. Curvature says how far; and it is the"
    )
    print("   derivative of a derivative, so there is nothing new to write:\n")
    v = np.array([0.6, 0.8])
    H = ag.hessian(rosenbrock)(start)
    print(f"       H = ag.hessian(f)(start)          {np.array2string(H).replace(chr(10), '')}")
    print(f"       H @ v                             {H @ v}")
    print(f"       ag.hvp(f, (start,), (v,))         {ag.hvp(rosenbrock, (start,), (v,))}\n")
    print("   The last one never forms H: it is one walk forth and back through the gradient.\n")

    print(
        "2. Newton's method steps to the bottom of the parabola that fits. Near the end, each step"
    )
    print("   about doubles the number of digits that are right:\n")
    second = descend(rosenbrock, start, newton, most=200)
    print("       step        f      |gradient|   distance to (1, 1)")
    for k, (x, size) in enumerate(zip(second.path, second.gradients, strict=True)):
        print(f"       {k:4}  {rosenbrock(x):9.1e}  {size:9.1e}    {np.linalg.norm(x - 1):9.1e}")
    first = descend(rosenbrock, start, steepest, most=args.steps)
    print(f"\n   Newton: {told(second)}.")
    print(f"   Gradient descent, whose steps are chosen by the same rule: {told(first)}.\n")

    n = min(args.digits, 1000)
    print(f"3. A linear classifier of {n:,} handwritten digits has 7,850 weights. Its Hessian")
    print("   would be 493 MB. A product with it still takes the work of two gradients.\n")
    loss = digits_loss(args.digits)
    many = descend(loss, np.zeros(7850), newton, most=50, below=1e-8)
    cost = len(many.path) + 2 * many.products
    print(f"   Newton: {told(many)}, with {many.products} products.")
    same = descend(loss, np.zeros(7850), steepest, most=min(cost, args.steps), below=1e-8)
    print(f"   Gradient descent, for the price of that: {told(same)}.")

    draw(first, second, args.out)


def told(run: Run) -> str:
    """Return how many steps a run took, and what is left of the gradient, in words."""
    left = f"{run.gradients[-1]:.0e}" if run.gradients[-1] else "exactly 0"
    return f"{len(run.path) - 1:,} steps to a gradient of {left}"


def draw(first: Run, second: Run, folder: Path) -> None:
    """Draw both paths over the valley, and how fast their gradients vanish."""
    plt = pyplot()
    if plt is None:
        return
    figure, (valley, speed) = plt.subplots(
        1, 2, figsize=(13, 5.4), width_ratios=[1.3, 1], gridspec_kw={"wspace": 0.18}
    )
    draw_paths(valley, first, second)
    draw_speed(speed, first, second)
    save(figure, folder, "second_order.png")


def draw_paths(axis: Any, first: Run, second: Run) -> None:
    """Draw the valley from above, and both ways down."""
    x, y = np.meshgrid(np.linspace(-1.6, 1.45, 400), np.linspace(-0.55, 1.6, 400))
    height = rosenbrock(np.stack([x, y]))
    levels = np.geomspace(0.05, 2500, 14)
    axis.contourf(x, y, np.log(height + 1e-3), np.log(levels + 1e-3), cmap="Blues", alpha=0.45)
    axis.contour(x, y, height, levels, colors="white", linewidths=0.8)
    axis.plot(*first.path.T, color=RED, linewidth=1.4)
    axis.plot(
        *second.path.T, "o-", color=BLUE, linewidth=1.6, markersize=5.5, markeredgecolor="white"
    )
    axis.plot(1, 1, "*", color=INK, markersize=13, markeredgecolor="white", zorder=5)
    axis.annotate("start", (-1.2, 1), (-8, 8), textcoords="offset points", ha="right")
    axis.annotate("(1, 1)", (1, 1), (8, -12), textcoords="offset points")
    axis.grid(False)
    axis.set(title="Two ways down Rosenbrock's valley", xlabel="$x$", ylabel="$y$")


def draw_speed(axis: Any, first: Run, second: Run) -> None:
    """Draw how the gradient vanishes, step by step, on logarithmic scales."""
    for run, color, name in ((first, RED, "Gradient descent"), (second, BLUE, "Newton")):
        least = np.minimum.accumulate(run.gradients)[1:]
        least = least[least > 0]
        axis.loglog(np.arange(len(least)) + 1, least, color=color)
        axis.plot(len(least), least[-1], "o", color=color, markersize=6, markeredgecolor="white")
        label = f"{name}\n{len(run.path) - 1:,} steps"
        place = {"xytext": (10, 4), "textcoords": "offset points"}
        axis.annotate(label, (len(least), least[-1]), color=color, **place)
    axis.minorticks_off()
    axis.set(title=r"The smallest gradient so far,  $\|\nabla f\|$", xlabel="step", xlim=(0.9, 4e5))


if __name__ == "__main__":
    main()
