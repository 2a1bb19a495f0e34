// Making elements. Text is only ever set as text, so no name in the story can become markup.

const SVG = "http://www.w3.org/2000/svg";

/** Make an HTML element; a function among the attributes listens to the event of that name. */
function html(tag, attributes = {}, ...children) {
  return furnish(document.createElement(tag), attributes, children);
}

/** Make an SVG element, in the same way. */
function svg(tag, attributes = {}, ...children) {
  return furnish(document.createElementNS(SVG, tag), attributes, children);
}

function furnish(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value);
    }
  }
  element.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined),
  );
  return element;
}

function byId(id) {
  return document.getElementById(id);
}

/** Shorten by code points, so that no character is cut in two. */
function shorten(text, length) {
  const start = Array.from(text.slice(0, 2 * length + 2));
  return start.length <= length ? text : start.slice(0, length - 1).join("") + "…";
}

/** On one line: a label in the graph has no room for line breaks. */
function oneLine(text) {
  return text
    .slice(0, 500)
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim();
}

/** Keep the direction of a text to itself, where it stands beside others. */
function isolate(text) {
  return `\u2068${text}\u2069`;
}

function plural(count, word) {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
