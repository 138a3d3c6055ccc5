/*
 * The bell that rings for an offer: two tones, made here.
 *
 * Apart because a browser lets a page sound only after a person has touched it. Invariants: no sound before that and
 * none when the person has switched it off; of several tabs that were touched one rings.
 */

/** Tones of the bell in Hz, and when each begins, seconds. */
const TONES = [
  [880, 0],
  [1174.7, 0.16],
];
const TONE_S = 0.5;
const LOUDNESS = 0.16;
/** Tabs that hear of the same offer within this time leave the ringing to one of them. */
const ONE_RINGS_MS = 1_500;

/** @param {import('./preferences.js').Preferences} preferences @param {AbortSignal} signal */
export function openChime(preferences, signal) {
  /** @type {AudioContext|null} */
  let audio = null;

  function touched() {
    // Not every key counts: a modifier alone is no touch.
    if (preferences.get('sound') === 'off' || navigator.userActivation?.hasBeenActive === false) return;
    audio ??= new AudioContext();
    if (audio.state === 'suspended') audio.resume().catch(() => {});
  }
  for (const kind of ['click', 'keyup']) addEventListener(kind, touched, { signal, capture: true });
  signal.addEventListener('abort', () => audio?.close());

  function sound() {
    if (audio?.state !== 'running') return;
    for (const [tone_hz, begins_s] of TONES) {
      const at = audio.currentTime + begins_s;
      const loudness = new GainNode(audio, { gain: 0 });
      loudness.gain.setValueAtTime(0.0001, at);
      loudness.gain.exponentialRampToValueAtTime(LOUDNESS, at + 0.015);
      loudness.gain.exponentialRampToValueAtTime(0.0001, at + TONE_S);
      const tone = new OscillatorNode(audio, { type: 'sine', frequency: tone_hz });
      tone.connect(loudness).connect(audio.destination);
      tone.start(at);
      tone.stop(at + TONE_S);
    }
    document.documentElement.dataset.rang = String(Number(document.documentElement.dataset.rang ?? 0) + 1);
  }

  return {
    /** For the button "try it", which is a touch. */
    sound,
    /** @param {string} what what it rings for, so that another tab does not ring for the same */
    ring(what) {
      if (audio?.state !== 'running' || preferences.get('sound') === 'off') return;
      if (!('locks' in navigator)) return sound();
      navigator.locks.request(`deskbell-chime ${what}`, { ifAvailable: true }, (lock) => {
        if (!lock) return;
        sound();
        return new Promise((resolve) => setTimeout(resolve, ONE_RINGS_MS));
      });
    },
  };
}
