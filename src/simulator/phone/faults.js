// The panel that provokes faults. The form is a picture of the simulator's `Faults`; what it does not show stays zero.

import { call, el } from "./dom.js";

/** Stands for a field that chooses among Graph's errors; the simulator knows them all. */
const ERRORS = "errors";
const FIELDS = [
  ["Webhooks to the business"],
  ["webhook_duplicated.every", "Twice: every n-th post"],
  ["webhook_duplicated.per_mille", "… or so many of 1,000"],
  ["webhook_held_back.every", "Overtaken: every n-th update"],
  ["webhook_held_back_ms", "… by so many ms"],
  ["webhook_delay_ms", "Slow: every post waits, ms"],
  ["webhook_batch_updates", "Updates in one post"],
  ["Sending through Graph"],
  ["graph_error.next", "Next n sends: an error"],
  ["graph_error.every", "… every n-th send"],
  ["graph_error_answer.code", "… this one", ERRORS, "503 without JSON"],
  ["graph_error_answer.http_status", "… with this HTTP status"],
  ["graph_error_answer.retry_after_s", "… and Retry-After, s"],
  ["graph_dropped.next", "Next n sends: dropped, not taken"],
  ["graph_reset_after_accept.next", "Next n sends: taken, then dropped"],
  ["graph_hang.next", "Next n sends: taken, then hang"],
  ["graph_hang_ms", "… for so many ms"],
  ["Statuses"],
  ["statuses_before_answer", "Before Graph's answer", "switch"],
  ["statuses_withheld", "Never", "switch"],
  ["status_failed.next", "Next n messages: failed"],
  ["status_failed.every", "… every n-th message"],
  ["status_failed_code", "… with this error", ERRORS, "131026 undeliverable"],
];

const read = (faults, path) => path.split(".").reduce((value, key) => value?.[key], faults);
const write = (faults, path, value) => {
  const keys = path.split(".");
  const last = keys.pop();
  keys.reduce((node, key) => (node[key] ??= {}), faults)[last] = value;
};

/** Whether anything can still strike. */
export function anyInForce(faults) {
  return Object.entries(faults ?? {}).some(([name, value]) => {
    if (value === true) return true;
    if (value && typeof value === "object") return value.next > 0 || value.every > 0 || value.per_mille > 0;
    return (name === "webhook_delay_ms" && value > 0) || (name === "webhook_batch_updates" && value > 1);
  });
}

/** Fills the form of the panel; `dialog` is closed by its own buttons. */
export function buildFaults(form, dialog) {
  const inputs = new Map();
  const problem = el("p", { class: "problem", role: "alert" });
  const rows = FIELDS.map(([path, label, sort, none]) => {
    if (label === undefined) return el("h3", {}, path);
    let input;
    if (sort === "switch") input = el("input", { type: "checkbox", role: "switch" });
    else if (sort === ERRORS) input = el("select", {}, el("option", { value: 0 }, none));
    else input = el("input", { type: "number", min: 0, max: 4000000, step: 1, inputmode: "numeric" });
    input.dataset.test = `fault-${path}`;
    inputs.set(path, input);
    return el("label", { class: sort === "switch" ? "row switch" : "row" }, el("span", {}, label), input);
  });
  const fill = (faults) => {
    for (const [path, input] of inputs) {
      const value = read(faults, path);
      if (input.type === "checkbox") input.checked = Boolean(value);
      else if (input.tagName === "SELECT") input.value = value || input.options[0].value;
      else input.value = value || 0;
    }
  };
  const put = async (faults) => {
    try {
      fill(await call("PUT", "faults", faults));
      problem.textContent = "";
      dialog.close();
    } catch (error) {
      problem.textContent = error.message;
    }
  };
  const gathered = () => {
    const faults = {};
    for (const [path, input] of inputs) write(faults, path, input.type === "checkbox" ? input.checked : Number(input.value));
    return faults;
  };
  form.append(el("h2", { id: "faults-title" }, "Faults"),
    el("p", { class: "hint" }, "What shall go wrong between Meta and the business? 0 means never."),
    el("div", { class: "rows" }, ...rows), problem,
    el("div", { class: "actions" },
      el("button", { type: "button", click: () => dialog.close() }, "Cancel"),
      el("button", { type: "button", "data-test": "faults-clear", click: () => void put({}) }, "Clear all"),
      el("button", { type: "submit", class: "primary", "data-test": "faults-apply" }, "Apply")));
  form.addEventListener("submit", (event) => { event.preventDefault(); void put(gathered()); });
  return async () => {
    for (const input of [...inputs.values()].filter((one) => one.tagName === "SELECT" && one.length === 1))
      for (const { code, title } of await call("GET", "errors"))
        if (code) input.append(el("option", { value: code }, `${code} ${title}`));
    fill(await call("GET", "faults"));
    dialog.showModal();
  };
}
