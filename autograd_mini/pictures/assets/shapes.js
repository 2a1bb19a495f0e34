// The outlines: each kind of node has a shape of its own, besides its colour.

const KINDS = {
  op: "operation",
  parameter: "parameter",
  leaf: "leaf",
  input: "input",
  constant: "constant",
  unknown: "not kept",
};

function isOutput(seen) {
  return seen.members ? seen.members.some((node) => node.output) : seen.output;
}

/** The outline of a node or a folded group around (0, 0), as the parts of an SVG group. */
function outline(node, width, height) {
  const parts = [];
  if (node.members || node.count > 1) parts.push(box("shape behind", width, height, 3, 4));
  parts.push(edgeOf(node, width, height));
  const radius = node.members ? 3 : 14;
  if (isOutput(node)) parts.push(box("second", width + 8, height + 8, radius));
  return parts;
}

function edgeOf(node, width, height) {
  if (node.kind === "input") {
    const [x, y, slant] = [width / 2, height / 2, 6];
    const corners = [
      [slant - x, -y],
      [x + slant, -y],
      [x - slant, y],
      [-x - slant, y],
    ];
    return svg("path", { class: "shape", d: `M${corners.join("L")}Z` });
  }
  return box("shape", width, height, node.kind === "op" ? 10 : 0);
}

function box(style, width, height, radius, shift = 0) {
  const place = { x: shift - width / 2, y: shift - height / 2, width, height, rx: radius };
  return svg("rect", { class: style, ...place });
}

/** The class names that say what a node is. */
function styleOf(node) {
  const names = ["node", node.members ? "folded" : `kind-${node.kind}`];
  if (node.needs_grad === false) names.push("no-grad");
  if (isOutput(node)) names.push("is-output");
  return names.join(" ");
}

/** A smooth line along the points of an arrow: a uniform cubic B-spline, from the first to the last. */
function curve(points) {
  const at = (index, ...weights) => {
    const { x, y } = blend(points, index, weights);
    return `${round(x)},${round(y)}`;
  };
  const bends = points.slice(1).map((_, k) => `C${at(k, 2, 1)} ${at(k, 1, 2)} ${at(k, 1, 4, 1)}`);
  return `M${at(0, 1)}L${at(0, 5, 1)}${bends.join("")}L${at(points.length - 1, 1)}`;
}

/** A place about half way along the curve. */
function middleOf(points) {
  return blend(points, Math.floor(points.length / 2) - 1, points.length === 2 ? [1, 1] : [1, 4, 1]);
}

/** The weighted mean of the points from `index` on; the last one stands for those after it. */
function blend(points, index, weights) {
  const whole = weights.reduce((sum, weight) => sum + weight);
  const point = (k) => points[Math.min(index + k, points.length - 1)];
  const mean = (axis) =>
    weights.reduce((sum, weight, k) => sum + weight * point(k)[axis], 0) / whole;
  return { x: mean("x"), y: mean("y") };
}

function round(value) {
  return Math.round(value * 10) / 10;
}

/** The kinds of node in this story, each drawn small. */
function legend(model) {
  const nodes = [...model.node.values()];
  const samples = Object.entries(KINDS)
    .filter(([kind]) => nodes.some((node) => node.kind === kind))
    .map(([kind, name]) => [{ kind }, name]);
  if (nodes.some((node) => node.output)) samples.push([{ kind: "op", output: true }, "output"]);
  if (model.group.size) samples.push([{ members: [] }, "folded module"]);
  if (nodes.some((node) => !node.needs_grad))
    samples.push([{ kind: "op", needs_grad: false }, "dashed: needs no gradient"]);
  return samples.map(([sample, name]) =>
    html(
      "li",
      {},
      svg(
        "svg",
        { viewBox: "-22 -12 44 24", class: styleOf(sample), "aria-hidden": "true" },
        outline(sample, 28, 14),
      ),
      name,
    ),
  );
}
