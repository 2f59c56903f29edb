import { useList } from "@/api/list";
import { useMay } from "@/api/may";
import type { Device, Event, Session } from "@/api/types";
import { Connected, RefusedMark } from "@/ui/marks/Marks";
import { Go } from "@/ui/parts/Go";
import { SectionHead } from "@/ui/parts/Parts";
import type { Column } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { useNow } from "@/ui/time/clock";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { DeviceEvents } from "./DeviceEvents";
import { Charts } from "./Charts";
import { TwinList } from "./Twin";
import { deviceHref } from "./words";

type Line = { key: string; protocol: string; from: string; since: string | undefined; in: number | undefined; out: number | undefined; queued: number | undefined; state: "live" | "away" | "refused"; why?: string };

const none = <span className="ink3">none</span>;
const count = (value: number | undefined) => (value === undefined ? none : value.toLocaleString("en"));

const columns: readonly Column<Line>[] = [
  { id: "protocol", header: "Protocol", width: "22%", phone: "fact", cell: (line) => line.protocol },
  { id: "from", header: "From", phone: "title", cell: (line) => <span className="mono">{line.from}</span> },
  { id: "since", header: "Since", phone: "fact", cell: (line) => <RelativeTime at={line.since} none="unknown" /> },
  { id: "in", header: "In", align: "right", width: "8%", cell: (line) => count(line.in) },
  { id: "out", header: "Out", align: "right", width: "8%", cell: (line) => count(line.out) },
  { id: "queued", header: "Queued", align: "right", width: "10%", cell: (line) => count(line.queued) },
  { id: "state", header: "State", align: "right", width: "26%", phone: "status", cell: (line) => (line.state === "refused" ? <RefusedMark text={line.why ? `Refused: ${line.why}` : "Refused"} /> : <Connected on={line.state === "live"} text={line.state === "live" ? "Live" : "Away"} />) },
];

function fromSession(session: Session): Line {
  return {
    key: session.client, protocol: [session.protocol, session.tls].filter(Boolean).join(", "), from: session.address ?? "–", since: session.connectedSince ?? session.lastSeen,
    in: session.in, out: session.out, queued: session.queued, state: session.state,
  };
}

function fromRefusal(event: Event): Line {
  const why = event.data["reason"] ?? event.data["cause"];
  return {
    key: event.id, protocol: String(event.data["protocol"] ?? event.type), from: event.initiator.address ?? "–", since: event.time, in: undefined, out: undefined, queued: undefined,
    state: "refused", ...(typeof why === "string" ? { why } : {}),
  };
}

/** NowTab shows what the device does at this moment: sessions with the refused ones, telemetry, twin, events. */
export function NowTab({ device }: { device: Device }) {
  const may = useMay();
  const now = useNow();
  const sessions = useList<Session>("/sessions", { device: device.id }, { enabled: may("device:read") });
  const events = useList<Event>("/events", { subject: device.id }, { enabled: may("event:read") });
  const refused = events.rows.filter((event) => /refused|rejected|denied/.test(event.type) && now - Date.parse(event.time) < 600_000).slice(0, 5);
  const lines = [...sessions.rows.map(fromSession), ...refused.map(fromRefusal)];
  const live = sessions.rows.filter((session) => session.state === "live").length;
  return (
    <>
      <section className="section">
        <SectionHead title="Live session" note={may("event:read") ? `${live} live, ${refused.length} refused in the last 10 min` : `${live} live`} />
        {lines.length > 0
          ? <DataTable label="Sessions" rows={lines} columns={columns} keyOf={(line) => line.key} tint={(line) => (line.state === "refused" ? "fail" : undefined)} />
          : sessions.pending ? null : <p className="ink3 small pad">No session is known. When the device connects, it appears here within a second.</p>}
      </section>
      {may("telemetry:read") ? <section className="section"><Charts device={device} most={3} /></section> : null}
      <div className="half">
        <section className="section">
          <SectionHead title="Twin" note="reported against desired"><Go href={`${deviceHref(device)}/twin`}>All properties</Go></SectionHead>
          <TwinList device={device} most={8} />
        </section>
        {may("event:read") ? (
          <section className="section">
            <SectionHead title="Events" note="newest first, UTC"><Go href={`${deviceHref(device)}/events`}>All {events.total?.toLocaleString("en") ?? ""}</Go></SectionHead>
            <DeviceEvents events={events.rows.slice(0, 9)} />
          </section>
        ) : null}
      </div>
    </>
  );
}
