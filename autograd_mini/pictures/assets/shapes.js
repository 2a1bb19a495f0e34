// The outlines: each kind of node has a shape of its own, besides its colour.

const KINDS = {
  op: "operation",
  parameter: "parameter",
  leaf: "leaf",
  input: "input",
  constant: "constant",
  unknown: "constant, not kept",
};

const CORNER = 9; // the folded one of an input

function isOutput(seen) {
  return seen.members ? seen.members.some((node) => node.output) : seen.output;
}

/** The outline of a node or a folded group around (0, 0), as the parts of an SVG group. */
function outline(node, width, height) {
  const parts = [];
  const radius = node.kind === "op" ? 10 : 0;
  if (node.members || node.count > 1) parts.push(box("shape behind", width, height, radius, 4));
  if (isRound(node)) parts.push(ellipse("shape", width, height));
  else if (node.kind === "input") parts.push(sheet(width, height));
  else parts.push(box("shape", width, height, radius));
  if (isOutput(node)) parts.push(secondOf(node, width + 8, height + 8, radius && radius + 4));
  return parts;
}

function isRound(node) {
  return node.kind === "constant" || node.kind === "unknown";
}

function secondOf(node, width, height, radius) {
  return isRound(node)
    ? ellipse("second", width, height)
    : box("second", width, height, radius);
}

function box(style, width, height, radius, shift = 0) {
  const place = { x: shift - width / 2, y: shift - height / 2, width, height, rx: radius };
  return svg("rect", { class: style, ...place });
}

function ellipse(style, width, height) {
  return svg("ellipse", { class: style, rx: width / 2, ry: height / 2 });
}

/** A sheet of paper with a folded corner. */
function sheet(width, height) {
  const [x, y] = [width / 2, height / 2];
  const rim = `M${-x} ${-y}H${x - CORNER}L${x} ${CORNER - y}V${y}H${-x}Z`;
  const fold = `M${x - CORNER} ${-y}V${CORNER - y}H${x}`;
  return svg("path", { class: "shape", d: rim + fold });
}

/** Where a line from the middle of an elliptic box towards a point leaves it. */
function rimOf({ x, y, width, height }, toward) {
  const [dx, dy] = [toward.x - x, toward.y - y];
  const part = 1 / (Math.hypot((2 * dx) / width, (2 * dy) / height) || 1);
  return { x: x + part * dx, y: y + part * dy };
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
  const meanings = { ...KINDS, leaf: "leaf: has a gradient" };
  const samples = Object.entries(meanings)
    .filter(([kind]) => nodes.some((node) => node.kind === kind))
    .map(([kind, name]) => [{ kind }, name]);
  if (nodes.some((node) => node.count > 1))
    samples.push([{ kind: "op", count: 2 }, "several operations"]);
  if (model.group.size) samples.push([{ members: [] }, "module, folded"]);
  if (nodes.some((node) => node.output)) samples.push([{ kind: "op", output: true }, "result"]);
  if (nodes.some((node) => node.kind === "op" && !node.needs_grad))
    samples.push([{ kind: "op", needs_grad: false }, "needs no gradient"]);
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
