// Times in the viewer's zone, which is that of the person the tab is.
import { state } from "./state.js";

const zone = () => state.users.find((u) => u.id === state.me)?.tz || "UTC";

function fmt(unix, options) {
  return new Intl.DateTimeFormat("en-US", { timeZone: zone(), ...options }).format(new Date(unix * 1000));
}

export const clock = (unix) => fmt(unix, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

export const dayKey = (unix) => fmt(unix, { year: "numeric", month: "2-digit", day: "2-digit" });

export function day(unix) {
  return pretty(unix) || fmt(unix, { weekday: "long", month: "long", day: "numeric", year: "numeric" });
}

function pretty(unix) {
  const now = Date.now() / 1000;
  for (const [shift, word] of [[0, "Today"], [-86400, "Yesterday"], [86400, "Tomorrow"]]) {
    if (dayKey(now + shift) === dayKey(unix)) return word;
  }
  return "";
}

export function ago(unix) {
  const s = Math.round(Date.now() / 1000 - unix), a = Math.abs(s);
  const text = a < 60 ? "a moment" : a < 3600 ? Math.round(a / 60) + " min" : a < 86400 ? Math.round(a / 3600) + " h" : Math.round(a / 86400) + " days";
  return s < 0 ? "in " + text : text + " ago";
}

/** formatDate fills the tokens of <!date^…>. */
export function formatDate(unix, format, fallback) {
  if (!unix) return fallback;
  const long = { weekday: "long", month: "long", day: "numeric", year: "numeric" };
  const kinds = {
    date_num: () => new Intl.DateTimeFormat("en-CA", { timeZone: zone() }).format(new Date(unix * 1000)),
    date: () => fmt(unix, { month: "long", day: "numeric", year: "numeric" }),
    date_short: () => fmt(unix, { month: "short", day: "numeric", year: "numeric" }),
    date_long: () => fmt(unix, long),
    time: () => clock(unix),
    time_secs: () => fmt(unix, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }),
    ago: () => ago(unix),
  };
  return format.replace(/\{(\w+?)(_pretty)?\}/g, (m, kind, isPretty) => {
    if (!kinds[kind]) return m;
    return (isPretty && pretty(unix).toLowerCase()) || kinds[kind]();
  });
}

/** wall is a Unix time as a datetime-local input shows it. */
export function wall(unix) {
  const parts = {};
  const f = new Intl.DateTimeFormat("en-CA", { timeZone: zone(), year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  for (const p of f.formatToParts(new Date(unix * 1000))) parts[p.type] = p.value;
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}

/** unwall is the opposite; twice, because the offset depends on the answer. */
export function unwall(text) {
  const asked = Date.parse(text + ":00Z") / 1000;
  if (!asked) return "";
  let unix = asked;
  for (let i = 0; i < 2; i++) unix += asked - Date.parse(wall(unix) + ":00Z") / 1000;
  return String(unix);
}
