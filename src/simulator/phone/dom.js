// Building and changing the page. Strangers' texts only ever become text nodes; nothing here parses HTML.

/**
 * Makes an element. Attributes that are functions become listeners, `true` and `false` set or leave out an attribute.
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...(Node|string|null|undefined|false)} children
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, /** @type {EventListener} */ (value));
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child != null && child !== false));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";
const PATHS = {
  clock: ["M8 4.5V8l2.5 1.5", "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Z"],
  tick: ["M3 8.5 6.5 12 13 4.5"],
  ticks: ["M1 8.5 4.5 12 11 4.5", "M7.5 11 8.5 12 15 4.5"],
  reply: ["M6.5 3.5 2.5 7l4 3.5", "M2.5 7h6.5a4.5 4.5 0 0 1 4.5 4.5v1"],
  smile: ["M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11Z", "M5.8 9.3a2.7 2.7 0 0 0 4.4 0", "M6.2 6.4v.3", "M9.8 6.4v.3"],
  clip: ["m12.5 7-4.7 4.7a2.6 2.6 0 0 1-3.7-3.7l5-5a1.7 1.7 0 0 1 2.4 2.4l-5 5"],
  send: ["M3 8h9", "M8.5 4 12.5 8l-4 4"],
};

/**
 * A small line drawing with a name for people who do not see it.
 * @param {keyof typeof PATHS} name
 * @param {string} label
 */
export function icon(name, label) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  svg.setAttribute("class", `icon icon-${name}`);
  for (const d of PATHS[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

/**
 * Sends a file from a customer's phone.
 * @param {string} waId
 * @param {File} file
 * @param {string} caption
 */
export async function sendFile(waId, file, caption) {
  const query = new URLSearchParams({ name: file.name, type: file.type || "application/octet-stream", caption });
  const response = await fetch(`/simulator/customers/${waId}/files?${query}`, {
    method: "POST", headers: { "X-Phone": "1", "Content-Type": "application/octet-stream" }, body: file,
  }).catch(() => null);
  if (!response) throw new Error("The simulator cannot be reached. Is it still running?");
  if (!response.ok) throw new Error((await response.json().catch(() => null))?.title ?? "The file was refused.");
}

/**
 * Asks the simulator's control API; a refusal becomes an error with the simulator's own sentence.
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 */
export async function call(method, path, body) {
  let response;
  try {
    response = await fetch(`/simulator/${path}`, {
      method,
      headers: { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Error("The simulator cannot be reached. Is it still running?");
  }
  const text = await response.text();
  const answer = text ? JSON.parse(text) : null;
  if (!response.ok) throw new Error(answer?.title ?? `The simulator answered ${response.status}.`);
  return answer;
}
