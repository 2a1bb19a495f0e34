// Where everything lies: which boxes are seen with some groups folded, and their places.

const LABEL_LENGTH = 24;
const PADDING = { x: 14, y: 8 };
const LINE_HEIGHT = 16;
const HEADER = 20;

/** Make the picture of the graph in which the groups in `open` are unfolded. */
function arrange(model, open) {
  const picture = visible(model, open);
  const graph = new dagre.graphlib.Graph({ compound: true, multigraph: true });
  const rankdir = model.direction === "right" ? "LR" : "TB";
  graph.setGraph({ rankdir, nodesep: 22, edgesep: 12, ranksep: 30, marginx: 16, marginy: 16 });
  for (const box of picture.boxes) graph.setNode(box.id, { width: box.width, height: box.height });
  for (const cluster of picture.clusters) graph.setNode(cluster.id, {});
  for (const inner of [...picture.boxes, ...picture.clusters]) {
    const around = groupsAround(model, inner.of)[0];
    if (around) graph.setParent(inner.id, around.id);
  }
  for (const arrow of picture.arrows) {
    const size = arrow.label ? { width: textWidth(arrow.label, "edge-label") + 8, height: 16 } : {};
    graph.setEdge(arrow.from, arrow.to, { ...size, labelpos: "r" }, arrow.id);
  }
  dagre.layout(graph);
  place(picture, graph);
  return { ...picture, bounds: boundsOf(picture) };
}

/** Take over the places found, and push down what lies below the top of a frame: headers need room. */
function place({ boxes, clusters, arrows }, graph) {
  const frames = clusters.map((cluster) => graph.node(cluster.id));
  const tops = [...new Set(frames.map((frame) => round(frame.y - frame.height / 2)))];
  const lower = (y) => y + HEADER * tops.filter((top) => top < y - 0.1).length;
  const lowered = ({ x, y }) => ({ x, y: lower(y) });
  for (const box of boxes) Object.assign(box, lowered(graph.node(box.id)));
  clusters.forEach((cluster, index) => {
    const { x, y, width, height } = frames[index];
    const top = lower(y - height / 2);
    Object.assign(cluster, {
      left: x - width / 2,
      top,
      width,
      height: lower(y + height / 2) - top,
    });
  });
  const elliptic = new Map(boxes.filter((box) => isRound(box.of)).map((box) => [box.id, box]));
  for (const bundle of bundlesOf(arrows)) {
    const paths = bundle.map((arrow) => graph.edge({ v: arrow.from, w: arrow.to, name: arrow.id }));
    paths.sort((one, other) => middleOf(one.points).x - middleOf(other.points).x);
    bundle.forEach((arrow, index) => {
      const path = paths[index];
      const at = arrow.label ? lowered(path) : null;
      const points = path.points.map(lowered);
      if (elliptic.has(arrow.from)) points[0] = rimOf(elliptic.get(arrow.from), points[1]);
      Object.assign(arrow, { points, at });
    });
  }
}

/** The arrows in bundles that run side by side, so that arguments can be put in order. */
function bundlesOf(arrows) {
  const bundles = new Map();
  for (const arrow of arrows) {
    const key = JSON.stringify([arrow.from, arrow.to, arrow.label]);
    bundles.set(key, [...(bundles.get(key) ?? []), arrow]);
  }
  return bundles.values();
}

/** What is seen: nodes and folded groups as boxes, open groups as clusters, arrows between boxes. */
function visible(model, open) {
  const boxes = new Map();
  const clusters = new Map();
  for (const node of model.node.values()) {
    const seen = boxOf(model, open, node);
    if (boxes.has(seen.id)) continue;
    for (const group of groupsAround(model, seen).reverse()) {
      if (!clusters.has(group.id))
        clusters.set(group.id, { id: group.id, of: group, order: boxes.size });
    }
    boxes.set(seen.id, {
      id: seen.id,
      of: seen,
      folded: seen !== node,
      order: boxes.size,
      ...sizeOf(model, seen),
    });
  }
  return {
    boxes: [...boxes.values()],
    clusters: [...clusters.values()],
    arrows: arrowsOf(model, open),
  };
}

/** Arrows between boxes: one for each argument, or for each value that a folded group takes. */
function arrowsOf(model, open) {
  const arrows = new Map();
  for (const edge of model.edges) {
    const [source, target] = [model.node.get(edge.from), model.node.get(edge.to)];
    const [from, to] = [boxOf(model, open, source), boxOf(model, open, target)];
    if (from === to) continue;
    const id = JSON.stringify([from.id, to.id, edge.from, to === target ? edge.argument : null]);
    if (!arrows.has(id)) {
      const label = from !== source || to !== target ? shorten(edge.shape, LABEL_LENGTH) : "";
      arrows.set(id, { id, from: from.id, to: to.id, label, edges: [] });
    }
    arrows.get(id).edges.push(edge);
  }
  return [...arrows.values()];
}

/** The lines of text in a box, each with the step it is shown from, and the room they need. */
function sizeOf(model, seen) {
  const lines = seen.members ? groupLines(seen) : nodeLines(model, seen);
  const width = Math.max(...lines.map((line) => textWidth(line.text, line.style)));
  const height = lines.length * LINE_HEIGHT;
  if (isRound(seen)) return { lines, width: Math.max(40, 1.3 * width + 8), height: 1.3 * height + 4 };
  return { lines, width: Math.max(48, width + 2 * PADDING.x), height: height + 2 * PADDING.y };
}

function groupLines(group) {
  const label = shorten(oneLine(group.label), LABEL_LENGTH);
  const count = group.members.filter((node) => node.kind === "op").length;
  const facts = [kindOf(group), plural(count, "operation")].filter(Boolean).join(", ");
  return [
    { text: `+ ${isolate(label)}`, style: "box-title strong", from: 0 },
    { text: facts, style: "box-note", from: 0 },
  ];
}

function nodeLines(model, node) {
  const style = node.kind === "parameter" ? "box-title strong" : "box-title";
  const named = node.name && oneLine(node.name) !== oneLine(node.label) ? node.name : (node.number ?? "");
  const title = shorten(oneLine(node.label), LABEL_LENGTH);
  const value = node.values.length === 1 ? scalarOf(displayOf(model, node.values[0])) : null;
  const shape = value !== null && node.shape === "()" ? "" : shorten(node.shape, LABEL_LENGTH);
  const note = [named && isolate(shorten(oneLine(named), LABEL_LENGTH)), shape];
  const count = node.count > 1 ? plural(node.count, "operation") : "";
  return [
    { text: title && isolate(title), style, from: 0 },
    { text: note.filter(Boolean).join("  "), style: "box-note", from: 0 },
    { text: count, style: "box-note", from: 0 },
    ...(value === null ? [] : numberLines(model, node, value)),
  ].filter((line) => line.text);
}

/** A single number stands in its box, and its gradient below it, once each is reached. */
function numberLines(model, node, value) {
  const lines = [{ text: value, style: "box-number", from: node.forwardAt }];
  const gradient = scalarOf(displayOf(model, node.gradient));
  if (gradient !== null && node.backwardAt < Infinity) {
    lines.push({ text: `∂ ${gradient}`, style: "box-number gradient", from: node.backwardAt });
  }
  return lines;
}

/** Measure a text as the style sheet sets it. (In the graph itself, each would cost a reflow.) */
function textWidth(text, style) {
  ruler.font = fonts.get(style) ?? fontOf(style);
  return ruler.measureText(text).width;
}

const ruler = document.createElement("canvas").getContext("2d");
const fonts = new Map();

function fontOf(style) {
  const probe = byId("probe");
  probe.setAttribute("class", style);
  const { fontWeight, fontSize, fontFamily } = getComputedStyle(probe);
  fonts.set(style, `${fontWeight} ${fontSize} ${fontFamily}`);
  return fonts.get(style);
}

function boundsOf({ boxes, clusters, arrows }) {
  const points = [
    ...boxes.flatMap(({ x, y, width, height }) => [
      { x: x - width / 2, y: y - height / 2 },
      { x: x + width / 2, y: y + height / 2 },
    ]),
    ...clusters.flatMap(({ left, top, width, height }) => [
      { x: left, y: top },
      { x: left + width, y: top + height },
    ]),
    ...arrows.flatMap((arrow) => arrow.points),
  ];
  if (!points.length) return { left: 0, top: 0, width: 1, height: 1 };
  const [xs, ys] = [points.map((point) => point.x), points.map((point) => point.y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return { left, top, width: Math.max(...xs) - left, height: Math.max(...ys) - top };
}
