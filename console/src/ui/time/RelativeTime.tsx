import { words } from "@/words";
import { useStillNow } from "./clock";
import { ago, parse, span, utcFull, whenText } from "./format";

type Moment = string | number | null | undefined;

/** RelativeTime says how long ago; hover or focus-within tells UTC and local time. `bare` leaves out "ago". */
export function RelativeTime({ at, bare = false, none = words.never }: { at: Moment; bare?: boolean; none?: string }) {
  const now = useStillNow();
  const moment = parse(at);
  if (moment === undefined) return <span className="ink3">{none}</span>;
  return (
    <time dateTime={new Date(moment).toISOString()} title={`${utcFull(moment)}\n${whenText(moment)}`} className="nowrap">
      {bare ? span(Math.max(0, now - moment)) : ago(moment, now)}
    </time>
  );
}

/** FreshnessAge says the age of a measurement, and that it is stale once `validMs` has passed. */
export function FreshnessAge({ at, validMs, none = words.noData }: { at: Moment; validMs?: number; none?: string }) {
  const now = useStillNow();
  const moment = parse(at);
  if (moment === undefined) return <span className="ink3">{none}</span>;
  const stale = validMs !== undefined && now - moment > validMs;
  return (
    <span className={stale ? "stale nowrap" : "nowrap"}>
      <RelativeTime at={moment} />
      {stale ? ", stale" : ""}
    </span>
  );
}
