// Arrays on the page: numbers in brackets, heat maps, statistics and histograms.

const NUMBER_SIZE = 13.5; // pixels, as in the style sheet

/** Show an array: as numbers if it is small, else as a heat map. */
function figureOf(display, caption = "") {
  const body = display.numbers ? matrix(display) : display.heat ? heatMap(display) : null;
  const facts = [display.shape, display.dtype, badOf(display)].filter(Boolean).join("  ");
  return html(
    "figure",
    { class: isWide(display) ? "display wide" : "display" },
    caption ? html("div", { class: "display-name" }, caption) : null,
    body,
    html("figcaption", {}, facts),
  );
}

function badOf(display) {
  return display.bad ? `${display.bad} not finite` : "";
}

function matrix(display) {
  if (!display.numbers.length || !display.numbers[0].length)
    return html("p", { class: "quiet" }, "empty");
  if (scalarOf(display) !== null)
    return html("output", { class: numberClass(scalarOf(display)) }, scalarOf(display));
  const rows = display.numbers.map((row) =>
    html(
      "tr",
      {},
      row.map((text) => html("td", { class: numberClass(text) }, text)),
    ),
  );
  const label = `array of shape ${display.shape}`;
  const table = html("table", { class: "matrix", "aria-label": label }, html("tbody", {}, rows));
  table.style.setProperty("--ems", widthOf(display.numbers).toFixed(1));
  return html("div", { class: "scroll" }, table);
}

/** How wide a matrix is, in its own font size; a gap between columns takes 0.7 of it. */
function widthOf(rows) {
  const widths = rows[0].map((_, col) => rows.map((row) => textWidth(row[col], "number")));
  return widths.reduce((sum, column) => sum + Math.max(...column) / NUMBER_SIZE + 0.7, 0);
}

/** Whether a matrix needs the width of the panel for itself. */
function isWide({ numbers }) {
  return Boolean(numbers?.length) && widthOf(numbers) > 19;
}

function numberClass(text) {
  return /nan|inf/i.test(text) ? "number bad" : "number";
}

/** Draw a large array; cells below zero have a dash in them, to be told apart without colours. */
function heatMap(display) {
  const { rows, cols, low, high, reduced } = display.heat;
  const cell = Math.max(3, Math.min(14, Math.floor(208 / Math.max(rows, cols))));
  const label =
    `heat map of an array of shape ${display.shape}, from ${low} to ${high}` +
    (reduced ? ", several elements in each cell" : "");
  const canvas = html("canvas", {
    class: "heat",
    width: cols * cell,
    height: rows * cell,
    role: "img",
    "aria-label": label,
  });
  canvas.style.width = `${cols * cell}px`;
  canvas.style.height = `${Math.max(12, rows * cell)}px`;
  const shades = shadesOfTheme();
  const levels = Array.from(atob(display.heat.cells), (byte) => byte.charCodeAt(0) - 128);
  paint(canvas, levels, cell, shades);
  return html(
    "div",
    {},
    canvas,
    colourBar(display.heat, shades),
    reduced ? html("p", { class: "quiet" }, "means of blocks") : null,
  );
}

function paint(canvas, levels, cell, shades) {
  const context = canvas.getContext("2d");
  const cols = canvas.width / cell;
  const [inset, thick] = [Math.round(cell / 4), Math.max(1, Math.round(cell / 7))];
  const above = Math.floor((cell - thick) / 2);
  levels.forEach((level, index) => {
    const [x, y] = [(index % cols) * cell, Math.floor(index / cols) * cell];
    fill(context, shades.of(level), x, y, cell, cell);
    if (level >= 0 || isBad(level)) return;
    fill(context, shades.dash(level), x + inset, y + above, cell - 2 * inset, thick);
  });
}

function fill(context, colour, ...place) {
  context.fillStyle = `rgb(${colour.join(" ")})`;
  context.fillRect(...place);
}

/** Whether the level of a cell says that it is not finite. */
function isBad(level) {
  return level < -127.5;
}

function colourBar(heat, shades) {
  const canvas = html("canvas", { class: "bar", width: 96, height: 9, "aria-hidden": "true" });
  const [low, high] = [Number(heat.low), Number(heat.high)];
  const largest = Math.max(Math.abs(low), Math.abs(high)) || 1;
  const level = (share) => (127 * (low + share * (high - low))) / largest;
  const context = canvas.getContext("2d");
  for (let x = 0; x < 96; x += 1) {
    fill(context, shades.of(level(x / 95)), x, 0, 1, 9);
    if (level(x / 95) < 0) fill(context, shades.dash(level(x / 95)), x, 4, 1, 1);
  }
  return html("div", { class: "bar-row number" }, heat.low, canvas, heat.high);
}

/** The colours of a cell from -127 to 127, red below zero, blue above; one beyond is not finite. */
function shadesOfTheme() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => rgb(style.getPropertyValue(name));
  const [low, zero, high] = ["--heat-low", "--heat-zero", "--heat-high"].map(colour);
  const bad = colour("--heat-bad");
  const of = (level) => {
    if (isBad(level)) return bad;
    return level < 0 ? mix(zero, low, -level / 127) : mix(zero, high, level / 127);
  };
  return { of, dash: (level) => mix(of(level), zero, 0.75) };
}

function rgb(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.trim().slice(at, at + 2), 16));
}

function mix(from, to, share) {
  return from.map((value, index) => Math.round(value + (to[index] - value) * share));
}

function statistics(display) {
  if (!display.mean) return null; // there is nothing finite
  const rows = ["mean", "std", "min", "max"].map((name) => [
    html("dt", {}, name),
    html("dd", { class: numberClass(display[name]) }, display[name]),
  ]);
  return html("dl", { class: "statistics" }, rows);
}

function histogram(display) {
  if (!display.histogram || !display.edges) return null;
  const bins = display.histogram;
  const tallest = Math.max(1, ...bins);
  const bars = bins.map((count, index) => {
    const height = (46 * count) / tallest;
    return svg("rect", { x: index * 10 + 0.5, y: 48 - height, width: 9, height });
  });
  const width = 10 * bins.length;
  const label = `histogram from ${display.edges[0]} to ${display.edges[1]}`;
  return html(
    "div",
    { class: "histogram" },
    svg(
      "svg",
      { viewBox: `0 0 ${width} 49`, preserveAspectRatio: "none", role: "img", "aria-label": label },
      bars,
      svg("path", { d: `M0 48.5H${width}` }),
    ),
    html(
      "div",
      { class: "ends number" },
      html("span", {}, display.edges[0]),
      html("span", {}, display.edges[1]),
    ),
  );
}
