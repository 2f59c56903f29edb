import type { Event, Party } from "@/api/types";
import { asSeverity, SeverityMark } from "@/ui/marks/SeverityMark";
import { Panel } from "@/ui/overlay/Panel";
import { Go } from "@/ui/parts/Go";
import { IdChip } from "@/ui/parts/IdChip";
import { DefinitionList, SectionHead } from "@/ui/parts/Parts";
import { utcFull, whenText } from "@/ui/time/format";
import { subjectHref } from "@/features/alerts/words";
import { partyText, summary } from "./summary";

/** PartyLink names one side of an event and leads to it. */
export function PartyLink({ party }: { party: Party }) {
  const href = subjectHref(party);
  return (
    <>
      {href ? <Go href={href} className="mono">{partyText(party)}</Go> : <span>{partyText(party)}</span>}
      <span className="ink3">, {party.kind}{party.address ? `, from ${party.address}` : ""}</span>
    </>
  );
}

/** EventPanel shows one event whole. */
export function EventPanel({ event, onClose }: { event: Event; onClose: () => void }) {
  const at = Date.parse(event.time);
  return (
    <Panel title={summary(event)} onClose={onClose}>
      <DefinitionList facts={[
        { label: "Time", value: <>{utcFull(at)}<br /><span className="ink3">{whenText(at)}</span></> },
        { label: "Type", value: <code>{event.type}</code> },
        { label: "Severity", value: <SeverityMark severity={asSeverity(event.severity)} word /> },
        { label: "Initiator", value: <PartyLink party={event.initiator} /> },
        { label: "Receiver", value: <PartyLink party={event.receiver} /> },
        { label: "Id", value: <IdChip id={event.id} label="event id" /> },
        ...(event.entry === undefined ? [] : [{ label: "Log entry", value: <Go href={`/audit/${event.entry}`} className="mono">{event.entry.toLocaleString("en")}</Go> }]),
      ]} />
      <section className="section">
        <SectionHead title="Data" />
        <DataList data={event.data} />
      </section>
    </Panel>
  );
}

/** DataList writes what an event carries, one value to a line. */
export function DataList({ data }: { data: Record<string, unknown> | null }) {
  const entries = Object.entries(data ?? {});
  if (entries.length === 0) return <p className="small ink3 pad">It carries no data.</p>;
  return <DefinitionList facts={entries.map(([label, value]) => ({ label, value: <code>{typeof value === "object" ? JSON.stringify(value) : String(value)}</code> }))} />;
}
