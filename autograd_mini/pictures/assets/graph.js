// The graph: drawn once for each folding, and lit anew at each step.

/** Draw the picture into the page; `on` says what a click or Enter on something does. */
function drawGraph(model, picture, on) {
  const frames = picture.clusters.map(drawFrame);
  const arrows = picture.arrows.map((arrow) => {
    const target = picture.boxes.find((box) => box.id === arrow.to);
    return { arrow, element: drawArrow(arrow, target, model.direction) };
  });
  const boxes = picture.boxes.map((box) => ({ box, element: drawBox(box, on) }));
  const headers = picture.clusters.map((cluster) => ({
    box: cluster,
    element: drawHeader(cluster, on),
  }));
  const inOrder = [...headers, ...boxes].sort((one, other) => one.box.order - other.box.order);
  byId("scene").replaceChildren(
    ...frames,
    ...arrows.map(({ element }) => element),
    ...inOrder.map(({ element }) => element),
  );
  return { model, picture, arrows, boxes };
}

/** Let an SVG group act as a button. */
function button(attributes, act, ...children) {
  const onKey = (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
  return svg(
    "g",
    { role: "button", tabindex: 0, click: act, keydown: onKey, ...attributes },
    ...children,
  );
}

function drawBox(box, on) {
  const seen = box.of;
  const act = () => (box.folded ? on.fold(seen.id) : on.choose(seen.id));
  const attributes = {
    id: `box-${seen.id}`,
    class: styleOf(seen),
    transform: `translate(${round(box.x)},${round(box.y)})`,
    "aria-expanded": box.folded ? "false" : null,
  };
  const lines = box.lines.map((line) => svg("text", { class: line.style }));
  return button(attributes, act, outline(seen, box.width, box.height), lines);
}

/** The name of a box's button: the text on it first, then what it is. */
function spoken(box, texts) {
  const written = texts.filter(Boolean).join(" ");
  const kind = box.folded ? "module" : isOutput(box.of) ? "result" : KINDS[box.of.kind];
  return `${written.replace(/^\+ |[\u2068\u2069]/g, "")}, ${kind}`;
}

function drawFrame({ left, top, width, height }) {
  return svg("rect", { class: "frame", x: left, y: top, width, height, rx: 6 });
}

/** The header of an unfolded group: a click folds it. */
function drawHeader(cluster, on) {
  const { of: group, left, top, width } = cluster;
  const name = shorten(oneLine(group.label), LABEL_LENGTH);
  const label = isolate(name);
  const room = width - 24;
  const kind = kindOf(group);
  const fits = textWidth(`− ${label} ${kind}`, "frame-label") < room;
  const attributes = {
    id: `box-${group.id}`,
    class: "header",
    transform: `translate(${round(left)},${round(top)})`,
    "aria-label": `${[name, kind].filter(Boolean).join(" ")}, module`,
    "aria-expanded": "true",
  };
  return button(
    attributes,
    () => on.fold(group.id),
    svg("rect", { class: "header-strip", width, height: HEADER, rx: 6 }),
    svg(
      "text",
      { class: "frame-label", x: 8, y: 15 },
      `− ${trimTo(label, room, "frame-label")}`,
      fits ? svg("tspan", { class: "frame-kind", dx: 6 }, kind) : null,
    ),
  );
}

/** Shorten a label until it fits. */
function trimTo(text, room, style) {
  let length = text.length;
  while (length > 2 && textWidth(shorten(text, length), style) > room) length -= 1;
  return shorten(text, length);
}

/** An arrow; the name of its argument, shown when lit, stands on the side away from the others. */
function drawArrow({ points, label, at, edges }, target, direction) {
  const middle = middleOf(points);
  const before = direction === "right" ? middle.y < target.y : middle.x < target.x;
  const aside =
    direction === "right"
      ? { y: middle.y + (before ? -6 : 14) }
      : { x: middle.x + (before ? -7 : 7) };
  const place = { x: middle.x, y: middle.y + 4, ...aside };
  const anchor = direction === "right" ? "middle" : before ? "end" : "start";
  return svg(
    "g",
    { class: "arrow" },
    svg("path", { d: curve(points), "marker-end": "url(#head)" }),
    label ? svg("text", { class: "edge-label", x: round(at.x), y: round(at.y + 4) }, label) : null,
    svg(
      "text",
      { class: `edge-argument ${anchor}`, x: round(place.x), y: round(place.y) },
      isolate(shorten(oneLine(edges[0].argument), LABEL_LENGTH)),
    ),
  );
}

/** Light what step `number` is about, and fade what it has not reached yet. */
function light(drawing, number, chosen) {
  const { model, boxes, arrows } = drawing;
  const step = number === 0 ? null : model.steps[number - 1];
  for (const { box, element } of boxes) {
    const nodes = box.of.members ?? [box.of];
    element.classList.toggle("ahead", number > 0 && nodes.every((node) => node.forwardAt > number));
    element.classList.toggle(
      "graded",
      nodes.some((node) => node.backwardAt <= number),
    );
    element.classList.toggle(
      "current",
      nodes.some((node) => node.id === step?.node),
    );
    element.classList.toggle("backward", step?.phase === "backward");
    element.classList.toggle("chosen", box.id === chosen);
    write(box, element, number);
  }
  for (const { arrow, element } of arrows) lightArrow(arrow, element, model, number, step);
}

function lightArrow(arrow, element, model, number, step) {
  const used = step !== null && arrow.edges.some((edge) => uses(step, edge));
  const arrived = step !== null && arrow.edges.some((edge) => brings(step, edge));
  const reached = arrow.edges.some((edge) => model.node.get(edge.to).forwardAt <= number);
  const back = arrived || (used && step.phase === "backward");
  element.classList.toggle("lit", used);
  element.classList.toggle("arrived", arrived);
  element.classList.toggle("backward", back);
  element.classList.toggle("ahead", number > 0 && !reached);
  const path = element.querySelector("path");
  path.setAttribute(
    back ? "marker-start" : "marker-end",
    `url(#head${back ? "-back" : used ? "-lit" : ""})`,
  );
  path.removeAttribute(back ? "marker-end" : "marker-start");
  if (used || arrived)
    element.parentNode.insertBefore(element, element.parentNode.querySelector(".node, .header"));
}

/** Whether a step runs along an edge: forwards, every argument; backwards, those with a gradient. */
function uses(step, edge) {
  if (edge.to !== step.node) return false;
  if (step.phase === "forward") return true;
  return step.leaving.some((part) => part.to === edge.from && part.argument === edge.argument);
}

/** Whether a part of the cotangent of a step's node came back along an edge. */
function brings(step, edge) {
  if (step.phase === "forward" || edge.from !== step.node) return false;
  return step.parts.some((part) => part.from === edge.to && part.argument === edge.argument);
}

/** Write the lines of a box that step `number` has reached, around its middle. */
function write(box, element, number) {
  const texts = box.lines.map((line) => (line.from <= number ? line.text : ""));
  const top = LINE_HEIGHT * (0.72 - texts.filter(Boolean).length / 2);
  element.querySelectorAll("text").forEach((text, index) => {
    text.textContent = texts[index];
    text.setAttribute("y", round(top + index * LINE_HEIGHT));
  });
  element.setAttribute("aria-label", spoken(box, texts));
}
