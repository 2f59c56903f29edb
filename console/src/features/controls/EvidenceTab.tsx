import { useList } from "@/api/list";
import { useMay } from "@/api/may";
import type { Duty } from "@/api/records";
import type { Check, Control } from "@/api/types";
import { DutyMark } from "@/features/records/DutyMark";
import { dutyHref } from "@/features/records/say";
import { Go } from "@/ui/parts/Go";
import { SectionHead } from "@/ui/parts/Parts";
import { EmptyState } from "@/ui/parts/States";
import type { Column } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { Due } from "@/ui/time/Due";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { subjectWord } from "@/features/alerts/words";

const evidence: readonly Column<Check>[] = [
  { id: "title", header: "Check", phone: "title", wraps: true, cell: (c) => c.title },
  { id: "kind", header: "Looks at", width: 84, phone: "fact", cell: (c) => <span className="ink2">{subjectWord(c.subjectKind)}</span> },
  { id: "reads", header: "Reads", width: "24%", phone: "fact", wraps: true, cell: (c) => <span className="ink2">{c.reads}</span> },
  { id: "observed", header: "Observed", width: 100, align: "right", cell: (c) => <RelativeTime at={c.observed} /> },
  { id: "valid", header: "Valid until", width: 92, align: "right", cell: (c) => <span className="ink2"><RelativeTime at={c.validUntil} none="–" /></span> },
  { id: "seen", header: "Real refusals seen", width: 150, align: "right", phone: "status", cell: (c) => (c.gate ? <Seen check={c} /> : <span className="ink3">a check, not a gate</span>) },
];

function Seen({ check }: { check: Check }) {
  const seen = check.seen ?? [];
  const newest = seen.map((each) => each.at).toSorted().at(-1);
  if (newest === undefined) return <span className="ink3">none yet, self-tested</span>;
  return <span title={seen.map((each) => `${each.event} ${each.count}`).join(", ")}>{seen.reduce((n, each) => n + each.count, 0).toLocaleString("en")}, <RelativeTime at={newest} /></span>;
}

const duties: readonly Column<Duty>[] = [
  { id: "title", header: "Record", phone: "title", cell: (d) => <Go href={dutyHref(d)} data-row>{d.title}</Go> },
  { id: "object", header: "About", width: "22%", phone: "fact", cell: (d) => <span className="ink2">{d.object.name}</span> },
  { id: "owner", header: "Owner", width: "16%", phone: "fact", cell: (d) => <span className="ink2">{d.owner || "nobody"}</span> },
  { id: "ends", header: "Ends", width: 150, align: "right", cell: (d) => <span className="ink2"><Due at={d.record?.expires} none="–" past="since" /></span> },
  { id: "state", header: "State", width: 160, phone: "status", cell: (d) => <DutyMark state={d.state} /> },
];

/** EvidenceTab says what each check reads, when it looked, and for how long that counts; and which records of persons serve the control. */
export function EvidenceTab({ control }: { control: Control }) {
  const may = useMay();
  const checks = control.checks ?? [];
  const kinds = [...new Set(checks.flatMap((check) => (check.subjectKind.startsWith("record:") ? [check.subjectKind.slice(7)] : [])))];
  if (checks.length === 0) return <EmptyState title="No check gives evidence for this control">{control.missing ?? "What it asks for has to be shown by a person."}</EmptyState>;
  return (
    <>
      {may("record:read") ? kinds.map((kind) => <Duties key={kind} kind={kind} />) : null}
      <section className="section">
        <SectionHead title="Checks" note="what each reads, and what a gate has refused for real" />
        <DataTable label="Evidence" rows={checks} columns={evidence} keyOf={(check) => check.id} />
      </section>
    </>
  );
}

function Duties({ kind }: { kind: string }) {
  const list = useList<Duty>("/duties", { kind }, { limit: 20 });
  if (list.rows.length === 0) return null;
  return (
    <section className="section">
      <SectionHead title={list.rows[0]?.title ?? kind} note="what persons owe for it">{list.more ? <Go href={`/records?kind=${kind}`}>{list.total === undefined ? "All" : `All ${list.total.toLocaleString("en")}`}</Go> : null}</SectionHead>
      <DataTable label={`Records: ${kind}`} rows={list.rows} columns={duties} keyOf={(d) => d.kind + d.object.id} href={dutyHref} />
    </section>
  );
}
