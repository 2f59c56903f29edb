const day = 86_400_000;
const local = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hour12: false });
const localDate = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const localYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const zone = new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" });

/** span says a length of time in its largest useful unit: "3 s", "14 min", "2 h", "6 d". */
export function span(ms: number): string {
  const length = Math.abs(ms);
  if (length < 60_000) return `${Math.max(0, Math.floor(length / 1000))} s`;
  if (length < 3_600_000) return `${Math.floor(length / 60_000)} min`;
  if (length < 2 * day) return `${Math.floor(length / 3_600_000)} h`;
  return `${Math.floor(length / day).toLocaleString("en")} d`;
}

/** ago says how long before `now` a moment lies; what lies ahead says "in". */
export function ago(at: number, now: number): string {
  return at - now > 1000 ? `in ${span(at - now)}` : `${span(now - at)} ago`;
}

/** days says the whole days between two moments, as certificates are spoken of. */
export function days(from: number, to: number): number {
  return Math.floor((to - from) / day);
}

/** clockTime says the local time of day: "14:32" or with seconds "14:32:07". */
export function clockTime(at: number, seconds = false): string {
  const time = new Date(at);
  const text = `${two(time.getHours())}:${two(time.getMinutes())}`;
  return seconds ? `${text}:${two(time.getSeconds())}` : text;
}

/** utcTime says the UTC time of day with milliseconds, as the log writes it. */
export function utcTime(at: number, millis = true): string {
  return new Date(at).toISOString().slice(11, millis ? 23 : 19);
}

/** utcFull says date and time in UTC, for places where a moment must be exact. */
export function utcFull(at: number, millis = true): string {
  return `${localUTC(at)} ${utcTime(at, millis)} UTC`;
}

function localUTC(at: number): string {
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(at);
}

/** dayText says a local day: "3 Mar", with the year when it is not this one. */
export function dayText(at: number, now = Date.now()): string {
  const same = new Date(at).getFullYear() === new Date(now).getFullYear();
  return same ? localDate.format(at) : localYear.format(at);
}

/** whenText says local day and time with the zone, for titles and notes. */
export function whenText(at: number): string {
  const name = zone.formatToParts(at).find((part) => part.type === "timeZoneName")?.value ?? "";
  return `${local.format(at)} ${name}`.trim();
}

/** parse reads an RFC 3339 time; an empty, absent or zero time is undefined. */
export function parse(value: string | number | null | undefined): number | undefined {
  if (value === null || value === undefined || value === "") return undefined;
  const at = typeof value === "number" ? value : Date.parse(value);
  return Number.isFinite(at) && at > 0 ? at : undefined;
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}

/** dayFromNow is the local day so many days from today, as a date field wants it. */
export function dayFromNow(days = 0): string {
  return localDay(Date.now() + days * day);
}

/** localDay writes the local day as a date field wants it: "2026-11-22". */
export function localDay(at: number): string {
  const time = new Date(at);
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}
