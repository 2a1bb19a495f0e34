// Panning and zooming: the scene is moved and scaled, and nothing is drawn anew.

const SCALES = { smallest: 0.08, largest: 4, readable: 0.75 };

/** Make the viewport; the picture may be replaced by `show`. */
function makeView() {
  const canvas = byId("graph");
  const scene = byId("scene");
  let place = { x: 0, y: 0, scale: 1 };
  let fitted = true; // as long as nobody has moved the scene
  let bounds = { left: 0, top: 0, width: 1, height: 1 };

  function move(next, glide = false) {
    fitted = false;
    place = { ...next, scale: clamp(next.scale, SCALES.smallest, SCALES.largest) };
    scene.classList.toggle("glide", glide);
    scene.style.transform = `translate(${place.x}px, ${place.y}px) scale(${place.scale})`;
  }

  /** Scale about a point of the screen, by default the middle. */
  function zoom(factor, at = middle(), glide = false) {
    const scale = clamp(place.scale * factor, SCALES.smallest, SCALES.largest);
    const change = scale / place.scale;
    move(
      { x: at.x + (place.x - at.x) * change, y: at.y + (place.y - at.y) * change, scale },
      glide,
    );
  }

  function middle() {
    return { x: canvas.clientWidth / 2, y: canvas.clientHeight / 2 };
  }

  function fitScale() {
    const [width, height] = [canvas.clientWidth - 32, canvas.clientHeight - 32];
    return Math.min(1.25, width / bounds.width, height / bounds.height);
  }

  function fit(glide = false) {
    const scale = fitScale();
    const at = middle();
    const x = at.x - scale * (bounds.left + bounds.width / 2);
    const y = at.y - scale * (bounds.top + bounds.height / 2);
    move({ x, y, scale }, glide);
    fitted = true;
  }

  /** Fit the whole if it is still readable then; else show the part with `box`, from its start. */
  function begin(box, glide = false) {
    const scale = SCALES.readable;
    if (fitScale() >= scale || !box) return fit(glide);
    const start = (room, from, size, at) => {
      if (scale * size <= room - 32) return room / 2 - scale * (from + size / 2);
      return Math.min(16 - scale * from, room / 2 - scale * at);
    };
    const x = start(canvas.clientWidth, bounds.left, bounds.width, box.x);
    const y = start(canvas.clientHeight, bounds.top, bounds.height, box.y);
    return move({ x, y, scale }, glide);
  }

  /** Bring a box to the middle, large enough to be read. */
  function centre(box) {
    const at = middle();
    const scale = Math.max(place.scale, SCALES.readable);
    move({ x: at.x - scale * box.x, y: at.y - scale * box.y, scale }, true);
  }

  /** Bring a box to the middle if it is not in sight, too close to the rim or too small. */
  function follow(box) {
    const inside = (at, half, room) => at - half > 8 && at + half < room - 8;
    const across = inside(
      place.x + place.scale * box.x,
      (place.scale * box.width) / 2,
      canvas.clientWidth,
    );
    const along = inside(
      place.y + place.scale * box.y,
      (place.scale * box.height) / 2,
      canvas.clientHeight,
    );
    if (!across || !along || place.scale < SCALES.readable) centre(box);
  }

  /** After a change of picture: fit it if the last one was, else leave what lay at `from` in place. */
  function adjust(from, to) {
    const readable = fitScale() >= Math.min(place.scale, SCALES.readable);
    if ((fitted && readable) || !from || !to) fit(true);
    else
      move({
        ...place,
        x: place.x + place.scale * (from.x - to.x),
        y: place.y + place.scale * (from.y - to.y),
      });
  }

  /** On paper the whole is shown, as wide as the page allows but not much enlarged. */
  function showWhole() {
    const { left, top, width, height } = bounds;
    canvas.setAttribute("viewBox", `${left - 8} ${top - 8} ${width + 16} ${height + 16}`);
    canvas.style.setProperty("--on-paper", `${1.25 * (width + 16)}px`);
  }

  new ResizeObserver(() => fitted && fit()).observe(canvas);
  addEventListener("beforeprint", showWhole);
  addEventListener("afterprint", () => canvas.removeAttribute("viewBox"));
  listenToPointers(canvas, {
    zoom,
    pan: (dx, dy) => move({ ...place, x: place.x + dx, y: place.y + dy }),
  });
  return { fit, zoom, begin, centre, follow, adjust, show: (picture) => (bounds = picture.bounds) };
}

function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

/** Drag to pan, wheel or two fingers to zoom. A drag is no click. */
function listenToPointers(canvas, { zoom, pan }) {
  const fingers = new Map();
  let travelled = 0;
  const at = (event) => {
    const frame = canvas.getBoundingClientRect();
    return { x: event.clientX - frame.left, y: event.clientY - frame.top };
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    if (fingers.size === 0) travelled = 0;
    fingers.set(event.pointerId, at(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = at(event);
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    travelled += distance(before, now);
    if (travelled > 4) canvas.setPointerCapture(event.pointerId);
    if (other) zoom(distance(now, other) / (distance(before, other) || 1), between(now, other));
    else pan(now.x - before.x, now.y - before.y);
    fingers.set(event.pointerId, now);
  });
  for (const name of ["pointerup", "pointercancel", "pointerleave"]) {
    canvas.addEventListener(name, (event) => fingers.delete(event.pointerId));
  }
  canvas.addEventListener(
    "click",
    (event) => travelled > 4 && event.detail > 0 && event.stopPropagation(),
    true,
  );
  canvas.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), at(event));
    },
    { passive: false },
  );
}

function distance(one, other) {
  return Math.hypot(one.x - other.x, one.y - other.y);
}

function between(one, other) {
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
}
