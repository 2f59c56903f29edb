import { useQuery } from "@tanstack/react-query";
import { get } from "@/api/client";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import { broker, items, system } from "@/api/queries";
import type { Broker, List, Listener, Rule, SystemInfo } from "@/api/types";
import { asSeverity, SeverityMark } from "@/ui/marks/SeverityMark";
import { StatusGlyph } from "@/ui/marks/StatusMark";
import { Go } from "@/ui/parts/Go";
import { Page } from "@/ui/parts/Page";
import { FactsLine, SectionHead } from "@/ui/parts/Parts";
import { Wait } from "@/ui/parts/Wait";
import type { Column } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { bytes } from "./say";

/** SystemPage says whether the server itself is well, where it listens, and where it is set weaker than by default. */
export default function SystemPage() {
  const query = useQuery(system);
  const info = query.data;
  const broken = info ? [!info.database.ok && "the database", !info.bus.ok && "the message bus"].filter(Boolean) : [];
  const weak = (info?.weakened ?? []).length;
  const title = info ? (broken.length > 0 ? `${broken.join(" and ")} does not answer` : `The server is well${weak > 0 ? `, ${weak} ${weak === 1 ? "setting is" : "settings are"} weaker than the default` : ""}`) : "System";
  return (
    <Page title={title.charAt(0).toUpperCase() + title.slice(1)} tab="System" facts={info ? <Facts info={info} /> : null} rail={info ? <Settings info={info} /> : null}>
      <Wait query={query} say={(error) => trouble(error, "The system could not be read")}>{(data) => <Listeners listeners={data.listeners ?? []} />}</Wait>
      <BrokerPart />
      <Rules />
    </Page>
  );
}

const well = (ok: boolean, what = "") => <span className="mark"><StatusGlyph status={ok ? "pass" : "fail"} /><span className={ok ? "" : "fail"}>{what}{ok ? "answers" : "does not answer"}</span></span>;

function Facts({ info }: { info: SystemInfo }) {
  return (
    <FactsLine facts={[
      { label: "Version", value: info.version }, { label: "Started", value: <RelativeTime at={info.started} /> }, { label: "Nodes", value: info.node ? `${info.nodes} (this one: ${info.node.name})` : info.nodes },
      { label: "Database", value: well(info.database.ok, `${info.database.kind} `) }, { label: "Message bus", value: well(info.bus.ok) },
      { label: "Disk", value: <>{bytes(info.disk.free)} free <span className="ink3">of {bytes(info.disk.total)}</span></> },
    ]} />
  );
}

function Settings({ info }: { info: SystemInfo }) {
  const lines = info.weakened ?? [];
  return (
    <section className="section">
      <SectionHead title="Weaker than the default" note={lines.length === 0 ? "nothing" : String(lines.length)} />
      {lines.length === 0 ? <p className="small ink3 pad">Every setting is at least as strict as the default.</p> : <ul className="pad">{lines.map((line) => <li key={line} className="obligation">{line}</li>)}</ul>}
    </section>
  );
}

const listenerColumns: readonly Column<Listener>[] = [
  { id: "name", header: "Name", width: "20%", phone: "title", cell: (l) => l.name },
  { id: "address", header: "Address", width: "26%", phone: "fact", cell: (l) => <span className="mono">{l.address}</span> },
  { id: "protocol", header: "Protocol", width: "22%", phone: "fact", cell: (l) => l.protocol ?? <span className="ink3">–</span> },
  { id: "auth", header: "Who may come in", cell: (l) => <span className="ink2">{l.auth ?? "–"}</span> },
  { id: "tls", header: "TLS", width: "14%", align: "right", phone: "status", cell: (l) => l.tls || <span className={l.plain ? "ink3" : "stale"} title={l.plain}>none</span> },
];

function Listeners({ listeners }: { listeners: readonly Listener[] }) {
  return (
    <section className="section">
      <SectionHead title="Listeners" note={`${listeners.length} addresses`} />
      <DataTable label="Listeners" rows={listeners} columns={listenerColumns} keyOf={(l) => l.name + l.address} />
    </section>
  );
}

function BrokerPart() {
  const may = useMay();
  const { data } = useQuery({ ...broker, enabled: may("system:read") });
  return data ? <section className="section"><SectionHead title="Broker" note="now" /><BrokerFacts broker={data} /></section> : null;
}

function BrokerFacts({ broker: now }: { broker: Broker }) {
  const n = (value: number) => value.toLocaleString("en", { maximumFractionDigits: 1 });
  return (
    <div className="pad">
      <FactsLine facts={[
        { label: "Connections", value: n(now.connections) }, { label: "Sessions", value: `${n(now.sessions)}, ${n(now.away)} away` }, { label: "Messages in", value: `${n(now.messagesInPerSecond)}/s` }, { label: "Messages out", value: `${n(now.messagesOutPerSecond)}/s` },
        { label: "Refused", value: `${n(now.refusedPerMinute)}/min` }, { label: "Retained", value: n(now.retained) }, { label: "Stored", value: n(now.stored) },
      ]} />
    </div>
  );
}

const ruleColumns: readonly Column<Rule>[] = [
  { id: "severity", header: "Severity", width: 96, phone: "status", cell: (r) => <SeverityMark severity={asSeverity(r.severity)} word /> },
  { id: "title", header: "Rule", width: "34%", phone: "title", cell: (r) => r.title },
  { id: "text", header: "Raises when", phone: "fact", cell: (r) => <span className="ink2" title={r.text}>{r.text}</span> },
  { id: "told", header: "Told to", width: "14%", cell: (r) => ((r.routes ?? []).length > 0 ? <span className="ink2">{(r.routes ?? []).join(", ")}</span> : <span className="stale">nobody</span>) },
  { id: "control", header: "Control", width: 90, phone: "fact", cell: (r) => <Go href={`/controls/${r.control}`} className="link mono" data-row>{r.control}</Go> },
];

function Rules() {
  const may = useMay();
  const { data } = useQuery({ queryKey: ["rules"], enabled: may("alert:read"), queryFn: () => get<List<Rule> | Rule[]>("/rules").then(items) });
  if (!data || data.length === 0) return null;
  return <section className="section"><SectionHead title="Detection rules" note={`${data.length}, each raises alerts`} /><DataTable label="Detection rules" rows={data} columns={ruleColumns} keyOf={(r) => r.id} /></section>;
}
