// The page: one state, shown by `render`; everything a person does changes the state first.

const TICK = 1400; // milliseconds a step is shown while playing

function start() {
  const model = readStory();
  const view = makeView();
  const state = {
    step: 0,
    chosen: null,
    open: new Set(model.groups.filter((group) => group.open).map((group) => group.id)),
    timer: null,
  };
  let drawing = null;

  const on = {
    choose: (id) => change({ chosen: id }),
    visit,
    close: () => change({ chosen: null }),
    step: (number) => change({ step: number, chosen: null }),
    fold: (id) => refold(toggled(state.open, id), id),
    reveal,
    get open() {
      return state.open;
    },
  };

  function change(next) {
    const stepped = next.step !== undefined && next.step !== state.step;
    Object.assign(state, next);
    render();
    if (stepped && state.step > 0) view.follow(currentBox());
    if (stepped) byId("live").textContent = tell(model, state.step);
    else if (state.chosen) byId("live").textContent = tellNode(model.node.get(state.chosen));
  }

  function render() {
    const chosen = state.chosen === null ? null : model.node.get(state.chosen);
    light(drawing, state.step, chosen && boxOf(model, state.open, chosen).id);
    const content = chosen ? nodePanel(model, chosen, on) : stepPanel(model, state.step, on);
    const panel = byId("panel");
    const focused = panel.contains(document.activeElement);
    panel.replaceChildren(...content.filter(Boolean));
    panel.scrollTop = 0;
    if (focused) panel.focus({ preventScroll: true }); // what had it is gone
    renderTransport();
  }

  function renderTransport() {
    const phase = state.step === 0 ? "start" : model.steps[state.step - 1].phase;
    const text = `step ${state.step} of ${model.steps.length} - ${phase}`;
    byId("progress").textContent = text;
    byId("slider").value = state.step;
    byId("slider").setAttribute("aria-valuetext", text);
    byId("play").setAttribute("aria-label", state.timer ? "Pause" : "Play");
    byId("play").setAttribute("aria-pressed", String(state.timer !== null));
    document.documentElement.dataset.phase = phase;
  }

  function boxFor(node) {
    return drawing.picture.boxes.find((box) => box.id === boxOf(model, state.open, node).id);
  }

  /** The box of the current step; before the first one, of that. */
  function currentBox() {
    const step = model.steps[Math.max(0, state.step - 1)];
    return step ? boxFor(model.node.get(step.node)) : drawing.picture.boxes[0];
  }

  /** Choose a node that a link leads to, and bring it into sight. */
  function visit(id) {
    change({ chosen: id });
    view.follow(boxFor(model.node.get(id)));
  }

  function draw() {
    drawing = drawGraph(model, arrange(model, state.open), on);
    view.show(drawing.picture);
  }

  /** Fold and unfold; what was clicked stays where it is, and keeps the focus. */
  function refold(open, anchor = null) {
    const before = anchor === null ? null : placeOf(anchor);
    state.open = open;
    draw();
    render();
    if (anchor === null) return view.begin(currentBox(), true);
    view.adjust(before, placeOf(anchor));
    byId(`box-${anchor}`)?.focus({ preventScroll: true });
  }

  /** Where a box, or the header of an unfolded group, lies. */
  function placeOf(id) {
    const cluster = drawing.picture.clusters.find((candidate) => candidate.id === id);
    if (!cluster) return drawing.picture.boxes.find((box) => box.id === id);
    const { left, top, width } = cluster;
    return { x: left + width / 2, y: top + HEADER / 2, width, height: HEADER };
  }

  /** Unfold all around a node, choose it and bring it to the middle. */
  function reveal(id) {
    const node = model.node.get(id);
    const around = groupsAround(model, node).map((group) => group.id);
    state.open = new Set([...state.open, ...around]);
    state.chosen = id;
    draw();
    render();
    view.centre(boxFor(node));
    byId(`box-${id}`).focus({ preventScroll: true });
  }

  function goTo(number) {
    on.step(clamp(number, 0, model.steps.length));
  }

  function play(playing) {
    clearInterval(state.timer);
    state.timer = null;
    if (playing) {
      if (state.step === model.steps.length) goTo(0);
      state.timer = setInterval(advance, TICK);
    }
    renderTransport();
  }

  function advance() {
    if (state.step < model.steps.length) goTo(state.step + 1);
    if (state.step === model.steps.length) play(false);
  }

  const walk = {
    to: (number) => (play(false), goTo(number)),
    by: (count) => walk.to(state.step + count),
    toEnd: () => walk.to(model.steps.length),
  };
  const act = {
    on,
    view,
    walk,
    play: () => play(state.timer === null),
    fold: (all) => refold(new Set(all ? [] : model.group.keys())),
  };

  document.addEventListener("focusin", ({ target }) => {
    if (target.matches("#scene :focus-visible"))
      view.follow(placeOf(target.id.replace("box-", "")));
  });
  introduce(model);
  wireControls(model, act);
  wireKeys(act);
  draw();
  view.begin(currentBox());
  wireTheme(render);
}

function toggled(set, member) {
  const next = new Set(set);
  if (!next.delete(member)) next.add(member);
  return next;
}

start();
