// What the checks of the SDKs have in common: the simulator's control API, and waiting for what its webhooks bring.
import assert from "node:assert/strict";

const PATIENCE_MS = 10_000;

/** Asks the control API of the simulator at SIMULATOR_URL. */
export async function control(method, path, body) {
  const response = await fetch(`${process.env.SIMULATOR_URL}/simulator/${path}`, {
    method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return text ? JSON.parse(text) : undefined;
}

let wake = () => {};

/** A webhook has come: who waits looks again. */
export const arrived = () => wake();

/** What `find` gives, as soon as it gives something. */
export async function waitFor(find, what) {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = find();
    if (found) return found;
    const left = until - Date.now();
    assert.ok(left > 0, `${what} did not arrive in time`);
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, left);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
