import type { Posture } from "@/api/types";
import { asStatus } from "@/ui/marks/status";
import { StatusGlyph } from "@/ui/marks/StatusMark";
import { Go } from "@/ui/parts/Go";
import { SectionHead } from "@/ui/parts/Parts";
import { Timeline, type Moment } from "@/ui/parts/Timeline";
import { clockTime, dayText } from "@/ui/time/format";
import { words } from "@/words";

/** Changed lists the controls whose status changed last. */
export function Changed({ posture, now, day }: { posture: Posture; now: number; day: string }) {
  const changes = posture.changed ?? [];
  const today = changes.filter((change) => new Date(change.at).toDateString() === new Date(now).toDateString());
  const shown = (today.length > 0 ? today : changes).slice(0, 9);
  const moments = shown.map((change, i): Moment => ({
    key: change.control + change.at + i,
    at: Date.parse(change.at),
    time: today.length > 0 ? clockTime(Date.parse(change.at)) : dayText(Date.parse(change.at), now),
    mark: <StatusGlyph status={asStatus(change.after)} />,
    text: <><Go href={`/controls/${change.control}`} className="mono plain" data-row>{change.control}</Go> {words.status[asStatus(change.after)].toLowerCase()}<span className="ink3">, was </span><StatusGlyph status={asStatus(change.before)} size={11} label={words.status[asStatus(change.before)]} /></>,
    note: change.reason,
  }));
  return (
    <section className="section">
      <SectionHead title={today.length > 0 || changes.length === 0 ? `Changed ${day}` : "Changed last"} note={`${shown.length} ${shown.length === 1 ? "control" : "controls"}`} />
      {moments.length === 0 ? <p className="ink3 small ov-none">No control changed its status {day}.</p> : <Timeline moments={moments} label="Changed controls" yields="note" />}
    </section>
  );
}
