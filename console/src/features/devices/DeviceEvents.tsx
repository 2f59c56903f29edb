import { useList } from "@/api/list";
import type { Device, Event } from "@/api/types";
import { RefusedMark } from "@/ui/marks/Marks";
import { asSeverity, SeverityMark } from "@/ui/marks/SeverityMark";
import { SectionHead } from "@/ui/parts/Parts";
import { Dot, Timeline, type Moment } from "@/ui/parts/Timeline";
import { ListEnd } from "@/ui/table/ListEnd";
import { utcFull, utcTime } from "@/ui/time/format";
import { summary } from "@/features/events/summary";

function toMoment(event: Event, whole: boolean): Moment {
  const at = Date.parse(event.time);
  const refused = /refused|rejected|denied/.test(event.type);
  const loud = ["high", "critical"].includes(event.severity);
  return {
    key: event.id, at, time: whole ? utcFull(at, false) : utcTime(at, false),
    mark: refused ? <RefusedMark text="" /> : event.severity === "info" || event.severity === "low" ? <Dot /> : <SeverityMark severity={asSeverity(event.severity)} />,
    text: summary(event), note: event.initiator.address ?? event.initiator.name ?? event.initiator.id, loud: loud && refused,
  };
}

/** DeviceEvents lists what happened to a device, and what it did. */
export function DeviceEvents({ events, whole = false }: { events: readonly Event[]; whole?: boolean }) {
  if (events.length === 0) return <p className="ink3 small pad">Nothing has happened yet.</p>;
  return <Timeline moments={events.map((event) => toMoment(event, whole))} label="Events" />;
}

/** EventsTab is every event of a device. */
export function EventsTab({ device }: { device: Device }) {
  const list = useList<Event>("/events", { subject: device.id });
  return (
    <section className="section">
      <SectionHead title="Events" note="newest first, UTC" />
      {list.pending ? null : <DeviceEvents events={list.rows} whole />}
      <ListEnd shown={list.rows.length} total={list.total} more={list.more} loading={list.loading} />
    </section>
  );
}
