// The panel beside the graph: the current step, or one node.

/** What to read before the first step. */
function startPanel(model) {
  const forward = model.steps.filter((step) => step.phase === "forward").length;
  const backward = model.steps.length - forward;
  const parts = [
    `${plural(forward, "step")} forward`,
    backward && `${plural(backward, "step")} back`,
  ];
  const keys =
    "Press → or ▶ to begin. " +
    "Click a node for its value and gradient, a module's header to fold it. Press ? for all keys.";
  const hint = html("p", { class: "quiet keys" }, keys);
  if (!model.steps.length) return [heading("Graph", "Nothing was computed here", "start"), hint];
  return [
    heading("Start", "One walk through the graph", "start"),
    html("p", {}, "Forward, each operation makes its result from its arguments."),
    backward
      ? html(
          "p",
          {},
          "Back again, each is handed ",
          gradientSign(),
          ", the gradient of the output with respect to its result, ",
          "and hands on, by the chain rule, to each argument its share. Where paths meet, shares add up.",
        )
      : html(
          "p",
          {},
          code("ag.draw(..., backward=True)"),
          " adds the walk back, if the graph is small enough.",
        ),
    html("p", {}, `${parts.filter(Boolean).join(", ")}.`),
    hint,
  ];
}

function stepPanel(model, number, on) {
  if (number === 0) return startPanel(model);
  const step = model.steps[number - 1];
  const node = model.node.get(step.node);
  return step.phase === "forward"
    ? forwardPanel(model, step, node, on)
    : backwardPanel(model, step, node, on);
}

function forwardPanel(model, step, node, on) {
  const inputs = node.inputs.map((edge) => {
    const source = model.node.get(edge.from);
    return html(
      "li",
      {},
      html("p", {}, code(edge.argument), " is ", nodeLink(source, on)),
      valuesOf(model, source),
    );
  });
  return [
    heading("Forward", titleOf(node), "forward"),
    html("p", {}, codeBlock(step.call)),
    placeOf(model, node, on),
    inputs.length ? section("Arguments", html("ul", { class: "plain arguments" }, inputs)) : null,
    section("Result", valuesOf(model, node)),
  ];
}

function backwardPanel(model, step, node, on) {
  return [
    heading("Backward", titleOf(node), "backward"),
    node.call ? html("p", {}, codeBlock(node.call)) : null,
    placeOf(model, node, on),
    section("Arrives", arriving(model, step, node, on)),
    step.leaving.length
      ? section(
          "Leaves, by the chain rule",
          step.leaving.map((part) => leaving(model, part, on)),
        )
      : html(
          "p",
          { class: "conclusion" },
          "Here the walk ends: ",
          gradientSign(),
          " is the gradient of ",
          html("bdi", {}, titleOf(node)),
          ".",
        ),
  ];
}

/** The cotangent that arrives: the seed, one contribution, or a sum. */
function arriving(model, step, node, on) {
  const total = figureOf(displayOf(model, step.arriving));
  const name = partial(model, node);
  const left = [gradientSign(), name && [" = ", name], " ="];
  const from = (part) => [
    nodeLink(model.node.get(part.from), on),
    ", where it is ",
    code(part.argument),
  ];
  if (step.parts.length === 0) {
    return [
      html(
        "p",
        {},
        "The walk back starts here, with the gradient of the output with respect to itself.",
      ),
      equation(left, total),
    ];
  }
  if (step.parts.length === 1)
    return [
      html("p", {}, "From ", from(step.parts[0]), "."),
      equation(left, total),
    ];
  const rows = step.parts.map((part, index) =>
    html(
      "li",
      {},
      html("p", {}, index ? "and from " : "From ", from(part)),
      equation(index ? "+" : "", figureOf(displayOf(model, part.value))),
    ),
  );
  return [
    html("p", {}, `${step.parts.length} paths meet here, so their contributions are added.`),
    html("ul", { class: "plain sum" }, rows),
    equation(left, total, "total"),
  ];
}

/** The derivative of the output by a node, as one writes it: ∂L/∂W1. */
function partial(model, node) {
  const name = (one) => shorten(oneLine(one), 24);
  const by = node.name || node.number;
  return model.of && by ? html("bdi", { class: "partial" }, `∂${name(model.of)}/∂${name(by)}`) : null;
}

/** One argument's share: the rule, what it uses, the value, and the total there so far. */
function leaving(model, part, on) {
  const uses = part.uses.map((use) =>
    equation(
      [code(use.name), use.called ? [" = ", code(use.called)] : null, " ="],
      figureOf(displayOf(model, use.value)),
    ),
  );
  const taker = model.node.get(part.to);
  const total = displayOf(model, part.total);
  return html(
    "div",
    { class: "card" },
    html("p", {}, "To ", nodeLink(taker, on), ", as ", code(part.argument)),
    html("p", {}, formula(part.formula)),
    html(
      "p",
      { class: "quiet" },
      html("bdi", {}, part.rule),
      uses.length ? ", where" : null,
    ),
    uses.length ? html("div", { class: "uses" }, uses) : null,
    part.fit ? html("p", { class: "quiet" }, part.fit) : null,
    equation(
      [part.whole ? partial(model, taker) : null, " ="],
      figureOf(displayOf(model, part.value)),
      "value",
    ),
    total
      ? [
          html("p", { class: "quiet" }, "added to what came by other paths, there so far"),
          equation("Σ", figureOf(total), "total"),
        ]
      : null,
    part.source
      ? html("details", {}, html("summary", { class: "quiet" }, "the rule in full"), codeBlock(part.source))
      : null,
  );
}

function nodePanel(model, node, on) {
  const facts = [
    ["operation", node.operation],
    ["settings", node.detail],
    ["kind", node.output ? `${KINDS[node.kind]}, result` : KINDS[node.kind]],
    ["shape", node.shape],
    ["dtype", node.dtype],
    ["gradient", node.needs_grad ? "needed" : "not needed"],
    ["stands for", node.count > 1 ? plural(node.count, "operation") : ""],
    ["cost", node.cost],
  ].filter(([, text]) => text);
  return [
    html("button", { class: "close", click: on.close, "aria-label": "Back to the step" }, "×"),
    heading("Node", titleOf(node), "node"),
    node.call ? html("p", {}, codeBlock(node.call)) : null,
    placeOf(model, node, on),
    html(
      "dl",
      { class: "facts" },
      facts.map(([name, text]) => [html("dt", {}, name), html("dd", {}, html("bdi", {}, text))]),
    ),
    stepLinks(node, on),
    section("Value", valuesOf(model, node, true)),
    section(
      "Gradient",
      node.gradient === null
        ? html("p", { class: "quiet" }, node.needs_grad ? "none was kept" : "not needed")
        : whole(displayOf(model, node.gradient)),
    ),
  ];
}

function stepLinks(node, on) {
  const link = (text, number) =>
    html("button", { class: "link", click: () => on.step(number) }, text);
  const links = [];
  if (node.forwardAt > 0) links.push(link(`computed in step ${node.forwardAt}`, node.forwardAt));
  if (node.backwardAt < Infinity)
    links.push(link(`gradient complete in step ${node.backwardAt}`, node.backwardAt));
  return links.length ? html("p", { class: "links" }, links) : null;
}

function valuesOf(model, node, inFull = false) {
  const why = node.why ? html("p", { class: "quiet" }, node.why) : null;
  if (!node.values.length) return why ?? html("p", { class: "quiet" }, "not kept");
  const shown = node.values.map((number) => (inFull ? whole : figureOf)(displayOf(model, number)));
  return inFull ? [shown, why] : shown;
}

/** An array with its statistics and its histogram. */
function whole(display) {
  if (scalarOf(display) !== null) return figureOf(display);
  return html(
    "div",
    { class: "whole" },
    figureOf(display),
    statistics(display),
    histogram(display),
  );
}

/** Where the operation was called, and in which modules; a folded one can be unfolded. */
function placeOf(model, node, on) {
  const groups = groupsAround(model, node).reverse();
  const path = groups.map((group) => oneLine(group.label)).join(" › ");
  const folded = boxOf(model, on.open, node) !== node;
  const parts = [node.line, path && `in ${path}`]
    .filter(Boolean)
    .map((text) => html("bdi", {}, text));
  if (parts.length === 2) parts.splice(1, 0, ", ");
  if (folded)
    parts.push(" ", html("button", { class: "link", click: () => on.reveal(node.id) }, "unfold"));
  return parts.length ? html("p", { class: "quiet place" }, parts) : null;
}

function heading(phase, title, style) {
  return html(
    "h2",
    {},
    html("span", { class: `phase ${style}` }, phase),
    html("bdi", { class: "subject" }, title),
  );
}

function section(title, ...content) {
  return html("section", {}, html("h3", {}, title), ...content);
}

function equation(left, right, style = "") {
  return html("div", { class: `equation ${style}` }, html("span", { class: "left" }, left), right);
}

function nodeLink(node, on) {
  return html(
    "button",
    { class: "link", click: () => on.visit(node.id) },
    html("bdi", {}, shorten(titleOf(node), 60)),
  );
}

function code(text) {
  return html("code", {}, html("bdi", {}, text));
}

function codeBlock(text) {
  return html("code", { class: "block" }, text);
}

function gradientSign() {
  return html("var", { class: "gradient" }, "g");
}

/** A rule as a formula, with the cotangent g set off. */
function formula(text) {
  const parts = text.split(/\b(g)\b/).map((part) => (part === "g" ? gradientSign() : part));
  return html("code", { class: "block formula" }, parts);
}
