"""One neuron, its activation functions, and their derivatives: written in NumPy, nothing else."""

from pathlib import Path
from typing import Any

import numpy as np
from support import BLUE, GREY, RED, parser, pyplot, save

import autograd_mini as ag


def sigmoid(z: Any) -> Any:
    """Return 1 / (1 + exp(-z)): between 0 and 1."""
    return 1 / (1 + np.exp(-z))


def relu(z: Any) -> Any:
    """Return max(0, z): what is negative becomes 0."""
    return np.maximum(0, z)


def sharp(z: Any) -> Any:
    """Return a sigmoid three times as steep, moved 5 to the right."""
    return sigmoid(3 * (z - 5))


def layer(a: Any, W: Any, b: Any, f: Any = sigmoid) -> Any:
    """Return the activations of a layer, f(Wa + b), given those of the layer before."""
    return f(W @ a + b)


def value_and_slope(f: Any, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return f(z) and f'(z), element by element. The derivative is not written anywhere."""
    t = ag.Tensor(z, requires_grad=True)
    values = f(t)
    values.sum().backward()  # each element of z meets its own element of f(z) alone
    return values.detach().numpy(), t.grad.numpy()


def rounded(values: Any) -> str:
    """Return numbers to three digits, for printing."""
    return np.array2string(np.asarray(values), precision=3, suppress_small=True, separator=", ")


def main() -> None:
    args = parser(__doc__).parse_args()

    print("A neuron weighs its inputs, adds a bias, and passes the sum through a function f:\n")
    print("    z = w1 x1 + w2 x2 + ... + b        a = f(z)\n")
    print(
        "1. The function f, and its slope f', which autograd_mini finds from f's own NumPy code\n"
    )
    z = np.array([-2.0, 0.0, 2.0])
    for name, f, points in [
        ("sigmoid(z) = 1 / (1 + exp(-z))", sigmoid, z),
        ("sigmoid(3(z - 5)): steeper, and moved", sharp, np.array([4.0, 5.0, 6.0])),
        ("ReLU(z) = max(0, z)", relu, np.array([-3.0, 2.0])),
        ("tanh(z)", np.tanh, z),
    ]:
        values, slopes = value_and_slope(f, points)
        print(f"    {name}")
        print(f"        z     {rounded(points)}")
        print(f"        f(z)  {rounded(values)}")
        print(f"        f'(z) {rounded(slopes)}\n")

    print("2. A layer is many neurons on the same inputs: a = f(Wx + b), a row of W for each\n")
    x = np.array([0.2, 0.8, 0.3])
    W = ag.Tensor([[0.5, -0.3, 0.8], [0.2, 0.7, -0.1]], requires_grad=True)
    b = ag.Tensor([0.5, 0.5], requires_grad=True)
    a = layer(x, W, b)
    print(f"    x = {rounded(x)}")
    print(f"    a = {rounded(a.detach())}\n")

    print("3. To learn is to ask how the output moves when a weight does. For both a's together:\n")
    a.sum().backward()
    print(f"    da/dW = {rounded(W.grad).replace(chr(10), chr(10) + ' ' * 12)}")
    print(f"    da/db = {rounded(b.grad)}\n")
    print("    By hand it is f'(z) = a (1 - a), times the input that the weight belongs to:\n")
    a = a.detach().numpy()
    by_hand = np.outer(a * (1 - a), x)
    print(f"            {rounded(by_hand).replace(chr(10), chr(10) + ' ' * 12)}")
    print(f"    the largest difference is {np.abs(by_hand - W.grad.numpy()).max():.1e}.")

    draw(args.out)


def draw(folder: Path) -> None:
    """Draw the neuron, and the curves with their slopes."""
    plt = pyplot()
    if plt is None:
        return
    figure, axes = plt.subplot_mosaic(
        [["neuron", "neuron"], ["sigmoid", "sharp"], ["relu", "tanh"]],
        figsize=(10, 10.4),
        height_ratios=[0.66, 1, 1],
        gridspec_kw={"hspace": 0.4, "wspace": 0.2},
    )
    draw_neuron(axes["neuron"])
    z = np.linspace(-6, 6, 601)
    title = r"Sigmoid   $\sigma(z) = 1\,/\,(1 + e^{-z})$"
    draw_curve(axes["sigmoid"], sigmoid, z, title, [-2, 0, 2], slope_at=(0.9, 0.25))
    title = r"Steeper, and moved   $\sigma(3(z - 5))$"
    draw_curve(axes["sharp"], sharp, z + 4, title, [], slope_at=(4.5, 0.72), align="right")
    axes["sharp"].plot(z + 4, sigmoid(z + 4), color=GREY, linewidth=1.2)
    axes["sharp"].text(0.7, 0.78, r"$\sigma(z)$", color=GREY, ha="right")
    draw_curve(axes["relu"], relu, z * 2 / 3, r"ReLU   $\max(0, z)$", [-3, 2], slope_at=(3.2, 1.12))
    title = r"Hyperbolic tangent   $\tanh(z)$"
    draw_curve(axes["tanh"], np.tanh, z / 2, title, [0], slope_at=(-0.62, 0.93), align="right")
    save(figure, folder, "neuron.png")


def draw_curve(
    axis: Any,
    f: Any,
    z: np.ndarray,
    title: str,
    points: list[float],
    slope_at: tuple[float, float],
    align: str = "left",
) -> None:
    """Draw a function in blue, its derivative in red over a tint, and values at some points."""
    values, slopes = value_and_slope(f, z)
    slopes = np.where(np.abs(np.gradient(slopes)) > 0.2, np.nan, slopes)  # no line across a jump
    axis.axhline(0, color=GREY, linewidth=0.8)
    axis.fill_between(z, slopes, color=RED, alpha=0.09, linewidth=0)
    axis.plot(z, slopes, color=RED, linewidth=1.6)
    axis.plot(z, values, color=BLUE)
    x = np.array(points, dtype=float)
    axis.plot(x, f(x), "o", color=BLUE, markersize=6.5, markeredgecolor="white", zorder=5)
    for point, value in zip(x, f(x), strict=True):
        place = {"xytext": (-5, 7), "textcoords": "offset points", "ha": "right"}
        axis.annotate(f"{value:.3g}", (point, value), color=BLUE, **place)
    axis.text(*slope_at, "slope", color=RED, ha=align)
    axis.set(title=title, xlim=(z[0], z[-1]), xlabel="$z$")


def draw_neuron(axis: Any) -> None:
    """Draw inputs, weights, the sum, the function and the output."""
    from matplotlib.patches import Circle

    axis.axis("off")
    axis.set(xlim=(0, 14), ylim=(-2.1, 2.1), aspect="equal")
    arrow = {"arrowstyle": "-|>", "color": GREY, "linewidth": 1.3, "shrinkA": 0, "shrinkB": 0}
    text = {"ha": "center", "va": "center", "fontsize": 16}

    def circle(x: float, y: float, radius: float, label: str, color: str) -> None:
        axis.add_patch(Circle((x, y), radius, facecolor="white", edgecolor=color, linewidth=1.8))
        axis.text(x, y - 0.04, label, **text)

    def connect(start: tuple[float, float], end: tuple[float, float]) -> None:
        axis.annotate("", end, start, arrowprops=arrow)

    white = {"facecolor": "white", "edgecolor": "none", "pad": 2}
    center = np.array([6.4, 0.0])
    for i, y in enumerate([1.55, 0.0, -1.55], start=1):
        source = np.array([2.0, y])
        way = (center - source) / np.linalg.norm(center - source)
        connect(tuple(source + 0.48 * way), tuple(center - 0.76 * way))
        axis.text(*(0.55 * source + 0.45 * center), f"$w_{i}$", color=RED, bbox=white, **text)
        circle(*source, 0.48, f"$x_{i}$", GREY)
    connect((6.4, 1.66), (6.4, 0.76))
    axis.text(6.4, 1.95, "$b$", color=RED, **text)
    circle(6.4, 0, 0.74, r"$\Sigma$", BLUE)
    connect((7.14, 0), (8.86, 0))
    axis.text(7.96, 0.3, "$z$", **text)
    circle(9.6, 0, 0.74, "", BLUE)
    curve = np.linspace(-6, 6, 60)
    axis.plot(9.6 + curve / 14, sigmoid(curve) * 0.7 - 0.35, color=BLUE, linewidth=1.8)
    axis.text(9.6, 1.1, "$f$", **text)
    connect((10.34, 0), (12.0, 0))
    axis.text(12.28, -0.02, "$a$", **text)
    axis.text(1.2, 0, "inputs", color=GREY, ha="right", va="center")
    axis.text(12.65, 0, "output", color=GREY, ha="left", va="center")
    axis.text(6.75, -1.5, r"$z = \sum_i\, w_i x_i + b$", fontsize=14, ha="center", va="center")
    axis.text(9.6, -1.43, "$a = f(z)$", fontsize=14, ha="center", va="center")


if __name__ == "__main__":
    main()
