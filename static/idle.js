/*
 * The idle lock: after a long time without input in any tab of this browser the person is warned, then signed out.
 *
 * Invariants: the times are the centre's (0 = off); input in one tab counts for all; a machine that slept through the
 * time signs out on waking, without another warning.
 */
import { read, write } from './preferences.js';

/** Writing down each movement of the mouse would be waste. */
const NOTED_EACH_MS = 1_000;
const INPUTS = ['keydown', 'pointerdown', 'pointermove', 'wheel', 'touchstart'];

/**
 * @param {{agent_id: number, settings: {idle_warning_ms: number, idle_lock_ms: number},
 *   warn: (left_ms: number|null) => void, lock: () => void, signal: AbortSignal}} options `warn` gets null when the
 *   warning is over
 */
export function watchIdle({ agent_id, settings, warn, lock, signal }) {
  const place = `deskbell.${agent_id}.input_at`;
  let input_at = Date.now();
  let warned = false;
  let locked = false;

  function noticed() {
    const now = Date.now();
    if (now - input_at < NOTED_EACH_MS) return;
    // A machine that wakes up tells of the mouse before the clock has ticked: too late is too late.
    if (settings.idle_lock_ms > 0 && now - latest() >= settings.idle_lock_ms) return;
    input_at = now;
    write(place, String(now));
    if (warned) tick();
  }
  for (const kind of INPUTS) addEventListener(kind, noticed, { signal, capture: true, passive: true });
  write(place, String(input_at));

  const latest = () => Math.max(input_at, Number(read(place)) || 0);

  function tick() {
    const { idle_warning_ms, idle_lock_ms } = settings;
    if (locked || signal.aborted) return;
    const left_ms = idle_lock_ms - (Date.now() - latest());
    if (idle_lock_ms > 0 && left_ms <= 0) {
      locked = true;
      return lock();
    }
    const warns = idle_lock_ms > 0 && left_ms <= Math.min(idle_warning_ms, idle_lock_ms);
    if (warns || warned) warn(warns ? left_ms : null);
    warned = warns;
  }
  return { tick };
}
