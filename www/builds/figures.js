// Bytes, times and errors as people read them.

import { WORDS } from "./words.js";
import { fill, t } from "../tabs/tabs.js";

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/// `4.45 MB`.
export function bytes(value) {
  const at = Math.max(0, Math.min(4, Math.floor(Math.log10(Math.max(1, value)) / 3)));
  return `${+(value / 1000 ** at).toPrecision(at ? 3 : 15)}\u00a0${UNITS[at]}`;
}

/// `1.2 s`, `3 min 5 s`.
export function time(seconds) {
  if (seconds < 59.95) return `${seconds.toFixed(1)}\u00a0s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}\u00a0min ${whole % 60}\u00a0s`;
}

/// What is real beside what was estimated: `{ real, against, fits }`; none where nothing real is known.
export function truth(size) {
  if (size?.real == null) return undefined;
  const real = bytes(size.real);
  if (!size.estimated) return { real, against: t(WORDS.unknown) };
  const [low, likely, high] = size.estimated;
  const fits = low <= size.real && size.real <= high;
  const range = low === high ? t(WORDS.notExact) : fill(WORDS.notInRange, `${bytes(low)} – ${bytes(high)}`);
  const against = [fill(WORDS.estimated, bytes(likely)), error(likely, size.real), fits ? t(WORDS.inRange) : range];
  return { real, against: against.filter(Boolean).join(" · "), fits };
}

// By how much the estimate is too high.
function error(likely, real) {
  if (likely === real) return "0\u00a0%";
  if (!real) return "";
  const percent = (likely / real - 1) * 100;
  return `${percent > 0 ? "+" : "−"}${Math.abs(percent).toFixed(1)}\u00a0%`;
}
