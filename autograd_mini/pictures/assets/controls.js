// The controls around the graph, and the keys that do the same.

/** Write what does not change: title, notes, legend, the length of the slider. */
function introduce(model) {
  document.title = shorten(oneLine(model.title), 200);
  byId("title").textContent = model.title;
  byId("notes").replaceChildren(...model.notes.map((note) => html("li", {}, note)));
  byId("legend-list").replaceChildren(...legend(model));
  byId("legend").open = !matchMedia("(max-width: 760px)").matches;
  byId("slider").max = model.steps.length;
  document.querySelector(".transport").hidden = model.steps.length === 0;
  for (const id of ["fold", "unfold"]) byId(id).hidden = model.group.size === 0;
}

function wireControls(model, act) {
  const { view, walk } = act;
  const actions = {
    "zoom-in": () => view.zoom(1.25, undefined, true),
    "zoom-out": () => view.zoom(0.8, undefined, true),
    fit: () => view.fit(true),
    fold: () => act.fold(true),
    unfold: () => act.fold(false),
    play: act.play,
    back: () => walk.by(-1),
    next: () => walk.by(1),
    help: showHelp,
    "help-close": () => byId("help-text").close(),
  };
  for (const [id, action] of Object.entries(actions)) byId(id).addEventListener("click", action);
  byId("slider").addEventListener("input", (event) => walk.to(Number(event.target.value)));
  wireSearch(model, act);
}

function showHelp() {
  byId("help-text").showModal();
}

/** Find nodes by name, also in folded modules: Enter takes the first. */
function wireSearch(model, act) {
  const [field, list] = [byId("search"), byId("found")];
  const take = (node) => {
    close();
    act.on.reveal(node.id);
  };
  const close = () => {
    field.value = "";
    list.replaceChildren();
  };
  field.addEventListener("input", () => {
    list.replaceChildren(...foundItems(model, field.value, take));
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (event.key === "ArrowDown") list.querySelector("button")?.focus();
    if (event.key === "Enter") list.querySelector("button")?.click();
  });
  list.addEventListener("keydown", (event) => {
    const items = [...list.querySelectorAll("button")];
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) (items[items.indexOf(document.activeElement) + move] ?? field).focus();
    if (event.key === "Escape") {
      close();
      field.focus();
    }
    if (move || event.key === "Escape") event.preventDefault();
  });
}

function foundItems(model, query, take) {
  if (!query.trim()) return [];
  const found = find(model, query.trim().toLowerCase());
  if (!found.length) return [html("li", { class: "quiet" }, "nothing of this name")];
  return found.slice(0, 12).map((node) => {
    const where = groupsAround(model, node)[0];
    const note = [oneLine(node.label), node.shape, where && oneLine(where.label)]
      .filter(Boolean)
      .join("  ");
    return html(
      "li",
      {},
      html(
        "button",
        { click: () => take(node) },
        html("bdi", {}, shorten(titleOf(node), 60)),
        html("small", {}, shorten(note, 80)),
      ),
    );
  });
}

/** The nodes a query may mean: those named so first, then those whose operation or module matches. */
function find(model, query) {
  const rank = (node) => {
    const title = titleOf(node).toLowerCase();
    if (title === query) return 0;
    if (title.startsWith(query)) return 1;
    const around = groupsAround(model, node).map((group) => group.label);
    const own = [node.name, node.number, node.label, node.operation, node.detail, node.line];
    const texts = [...own, ...around];
    return texts.some((text) => text?.toLowerCase().includes(query)) ? 2 : 3;
  };
  const ranked = [...model.node.values()].map((node) => [rank(node), node]);
  return ranked
    .filter(([place]) => place < 3)
    .sort(([one], [other]) => one - other)
    .map(([, node]) => node);
}

function wireKeys(act) {
  const { view, walk, on } = act;
  const keys = {
    ArrowRight: () => walk.by(1),
    ArrowLeft: () => walk.by(-1),
    Home: () => walk.to(0),
    End: walk.toEnd,
    " ": act.play,
    p: act.play,
    "+": () => view.zoom(1.25, undefined, true),
    "=": () => view.zoom(1.25, undefined, true),
    "-": () => view.zoom(0.8, undefined, true),
    f: () => view.fit(true),
    "/": () => byId("search").focus(),
    "?": showHelp,
    Escape: on.close,
  };
  document.addEventListener("keydown", (event) => {
    const action = keys[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey || busy(event)) return;
    event.preventDefault();
    action();
  });
}

/** Whether a key belongs to what has the focus: a field, a list of finds, an open dialog, a button. */
function busy(event) {
  if (byId("help-text").open) return true;
  if (event.target.id === "slider")
    return event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End";
  if (event.target.closest?.("#search, #found")) return true;
  return event.key === " " && event.target.closest?.("button, summary") !== null;
}

/** The theme of the system, until the button chooses the other; pictures are painted anew. */
function wireTheme(repaint) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  let theme;
  const show = (shown) => {
    root.dataset.theme = shown;
    repaint();
  };
  const choose = (chosen) => {
    theme = chosen;
    show(theme);
  };
  const follow = () => choose(system.matches ? "dark" : "light");
  system.addEventListener("change", follow);
  byId("theme").addEventListener("click", () => choose(theme === "dark" ? "light" : "dark"));
  addEventListener("beforeprint", () => show("light"));
  addEventListener("afterprint", () => show(theme));
  follow();
}
