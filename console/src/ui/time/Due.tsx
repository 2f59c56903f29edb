import { useStillNow } from "./clock";
import { dayText, parse, span, utcFull } from "./format";

/** dueText says how far off an end is, in words that carry it: "overdue by 4 d", "in 3 d". */
export function dueText(at: number, now: number): string {
  return at <= now ? `overdue by ${span(now - at)}` : `in ${span(at - now)}`;
}

const far = 90 * 86_400_000; // further away the day says enough

/** Due shows when something is owed: the day, and how far off; overdue says so in word and colour. */
export function Due({ at, none = "no date", done = false, day = true, past = "overdue by" }: { at: string | undefined; none?: string; done?: boolean; day?: boolean; past?: string }) {
  const now = useStillNow();
  const moment = parse(at);
  if (moment === undefined) return <span className="ink3">{none}</span>;
  const late = !done && moment <= now;
  const said = done || (day && moment - now > far) ? "" : late ? `${past} ${span(now - moment)}` : `in ${span(moment - now)}`;
  return (
    <time dateTime={new Date(moment).toISOString()} title={utcFull(moment, false)} className={late ? "fail nowrap" : "nowrap"}>
      {day ? dayText(moment, now) : null}{day && said ? <span className={late ? "" : "ink3"}>, {said}</span> : said}
    </time>
  );
}
