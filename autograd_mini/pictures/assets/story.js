// The story: what the page is given, with everything found by its id, and the list of steps.

/** Read the story, and link nodes, groups, edges and steps to each other. */
function readStory() {
  const story = JSON.parse(byId("story").textContent);
  const model = {
    ...story,
    node: new Map(story.nodes.map((node) => [node.id, { ...node, inputs: [] }])),
    group: new Map(story.groups.map((group) => [group.id, { ...group, members: [] }])),
    steps: [
      ...story.forward.map((step) => ({ ...step, phase: "forward" })),
      ...story.backward.map((step) => ({ ...step, phase: "backward" })),
    ],
  };
  for (const edge of story.edges) model.node.get(edge.to).inputs.push(edge);
  for (const node of model.node.values()) {
    for (const group of groupsAround(model, node)) group.members.push(node);
  }
  datesOf(model);
  return model;
}

/** Note at which step (from 1) each node gets its value, and its gradient. */
function datesOf(model) {
  for (const node of model.node.values()) {
    node.forwardAt = 0;
    node.backwardAt = Infinity;
  }
  model.steps.forEach((step, index) => {
    const node = model.node.get(step.node);
    node[step.phase === "forward" ? "forwardAt" : "backwardAt"] = index + 1;
    if (step.phase === "forward") node.call = step.call;
  });
}

/** The groups that a node or a group lies in, innermost first. */
function groupsAround(model, inner) {
  const groups = [];
  let id = inner.group ?? inner.parent ?? null;
  while (id !== null) {
    const group = model.group.get(id);
    groups.push(group);
    id = group.parent;
  }
  return groups;
}

/** What stands for a node in the graph: itself, or the outermost folded group around it. */
function boxOf(model, open, node) {
  return groupsAround(model, node).findLast((group) => !open.has(group.id)) ?? node;
}

/** The array to show that the story refers to by its number; null if none was kept. */
function displayOf(model, number) {
  return number === null || number === undefined ? null : model.displays[number];
}

/** How prose speaks of a node. */
function titleOf(node) {
  const text = node.name ? node.name : `${node.label} ${node.number ?? ""}`;
  return oneLine(text).trim() || KINDS[node.kind];
}

/** The kind of a module, where its label does not say it already. */
function kindOf(group) {
  const kind = oneLine(group.kind);
  return oneLine(group.label).endsWith(kind) ? "" : shorten(kind, LABEL_LENGTH);
}

/** The one number of a display, as text, if it has just one. */
function scalarOf(display) {
  const rows = display?.numbers;
  return rows?.length === 1 && rows[0].length === 1 ? rows[0][0] : null;
}

/** Say a step in a sentence, for those who do not see the page. */
function tell(model, number) {
  if (number === 0) return `Start. ${plural(model.steps.length, "step")}.`;
  const step = model.steps[number - 1];
  const node = model.node.get(step.node);
  const head = `Step ${number} of ${model.steps.length}, ${step.phase}: ${titleOf(node)}. `;
  return (
    head + (step.phase === "forward" ? tellForward(model, step, node) : tellBackward(model, step))
  );
}

function tellNode(node) {
  return `${shorten(titleOf(node), 200)}, ${KINDS[node.kind]}, shape ${node.shape}.`;
}

function tellForward(model, step, node) {
  const value = node.values.length === 1 ? scalarOf(displayOf(model, node.values[0])) : null;
  const result = value === null ? `shape ${node.shape}` : value;
  return `${shorten(oneLine(step.call), 200)} gives ${result}.`;
}

function tellBackward(model, step) {
  const arriving = displayOf(model, step.arriving);
  const value = scalarOf(arriving) ?? `of shape ${arriving.shape}`;
  const sum = step.parts.length > 1 ? `, the sum of ${step.parts.length} contributions` : "";
  if (step.leaving.length === 0) return `Its gradient is ${value}${sum}.`;
  const leaving = step.leaving.map(
    (part) => `${oneLine(part.formula)} goes to ${shorten(titleOf(model.node.get(part.to)), 80)}`,
  );
  return `g is ${value}${sum}; ${leaving.join("; ")}.`;
}
