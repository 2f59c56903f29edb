import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { trouble } from "@/api/problem";
import { deviceType } from "@/api/queries";
import type { DeviceType, Property } from "@/api/types";
import { Go } from "@/ui/parts/Go";
import { Page } from "@/ui/parts/Page";
import { DefinitionList, FactsLine, SectionHead, type Fact } from "@/ui/parts/Parts";
import { ErrorState } from "@/ui/parts/States";
import type { Column } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { span } from "@/ui/time/format";
import { RelativeTime } from "@/ui/time/RelativeTime";

type Row = Property & { name: string };

const columns: readonly Column<Row>[] = [
  { id: "name", header: "Property", width: "22%", phone: "title", cell: (p) => <span className="mono">{p.name}</span> },
  { id: "type", header: "Kind", width: "14%", phone: "fact", cell: (p) => <span className="ink2">{p.type}{p.unit ? `, ${p.unit}` : ""}</span> },
  { id: "bounds", header: "Bounds", width: "16%", cell: (p) => <span className="ink2">{p.minimum === undefined && p.maximum === undefined ? "–" : `${p.minimum ?? "…"} to ${p.maximum ?? "…"}`}</span> },
  { id: "who", header: "Set by", width: "14%", cell: (p) => <span className="ink2">{p.readOnly ? "the device" : "us"}</span> },
  { id: "traffic", header: "Traffic", phone: "fact", cell: (p) => <span className="ink2">{p.traffic || "twin only"}{p.stream ? `, ${p.stream}` : ""}</span> },
  { id: "class", header: "Data class", width: "14%", align: "right", phone: "status", cell: (p) => p.class },
];

/** TypePage shows what a type's manifest says, as the server understood it. */
export default function TypePage() {
  const { name = "" } = useParams({ strict: false });
  const query = useQuery(deviceType(name));
  if (query.error) return <Page title={name} tab={name}><ErrorState trouble={trouble(query.error, `${name} could not be read`)} again={() => void query.refetch()} /></Page>;
  return query.data ? <Shown type={query.data} /> : null;
}

const length = (nanoseconds: number) => (nanoseconds > 0 ? span(nanoseconds / 1e6) : "not set");

function Shown({ type }: { type: DeviceType }) {
  const { baseline } = type;
  return (
    <Page title={type.title} tab={type.title} note={<span className="mono">{type.name} {type.version}</span>} rail={<Baseline type={type} />}
      actions={<a className="btn btn-plain" href={`/api/v1/types/${encodeURIComponent(type.name)}/manifest`} download={`${type.name}.json`}>Manifest</a>}
      facts={<FactsLine facts={[
        { label: "Devices", value: <Go href={`/devices?type=${type.name}`}>{type.devices.toLocaleString("en")}</Go> },
        { label: "Gateway", value: type.gateway ? "yes" : "no" }, { label: "Firmware", value: baseline.firmware || "any" }, { label: "Heartbeat", value: length(baseline.heartbeat) },
        { label: "Changed", value: <RelativeTime at={type.changed} /> },
      ]} />}>
      {type.description ? <p className="lead">{type.description}</p> : null}
      <section className="section">
        <SectionHead title="Properties" note={String(Object.keys(type.properties ?? {}).length)} />
        <DataTable label="Properties" rows={Object.entries(type.properties ?? {}).map(([name, property]) => ({ ...property, name }))} columns={columns} keyOf={(p) => p.name} />
      </section>
      <Named title="Commands" rows={Object.entries(type.commands ?? {}).map(([name, command]) => ({ name, note: command.privileged ? "privileged" : "" }))} />
      <Named title="Events" rows={Object.entries(type.events ?? {}).map(([name, event]) => ({ name, note: event.severity }))} />
    </Page>
  );
}

function Named({ title, rows }: { title: string; rows: { name: string; note: string }[] }) {
  if (rows.length === 0) return null;
  return (
    <section className="section">
      <SectionHead title={title} note={String(rows.length)} />
      <DefinitionList facts={rows.map((row) => ({ label: row.name, value: <span className="ink2">{row.note || "open to operators"}</span> }))} />
    </section>
  );
}

function Baseline({ type: { baseline } }: { type: DeviceType }) {
  const facts: Fact[] = [
    { label: "Update within", value: length(baseline.updateMaxAge) },
    { label: "Key", value: (baseline.key.algorithms ?? []).join(", ") || "by policy" },
    { label: "Key storage", value: baseline.key.storage || "any" },
    { label: "Key lifetime", value: length(baseline.key.lifetime) },
    { label: "Message size", value: baseline.maxMessage > 0 ? `${baseline.maxMessage.toLocaleString("en")} B` : "broker's default" },
    { label: "Message rate", value: baseline.messageRate > 0 ? `${baseline.messageRate}/s` : "broker's default" },
    ...Object.entries(baseline.radio ?? {}).map(([label, value]) => ({ label, value })),
    ...Object.entries(baseline.capabilities ?? {}).map(([label, value]) => ({ label, value })),
  ];
  return (
    <>
      <section className="section"><SectionHead title="Baseline" note="what each device must keep" /><DefinitionList facts={facts} /></section>
      <section className="section">
        <SectionHead title="May talk to" note="everything else is refused" />
        <ul className="pad">{(baseline.network ?? []).map((rule) => <li key={rule.to + (rule.port ?? "")} className="mono">{rule.to}{rule.port ? `:${rule.port}` : ""}{rule.proto ? ` ${rule.proto}` : ""}</li>)}</ul>
      </section>
    </>
  );
}
