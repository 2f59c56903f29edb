import { useList } from "@/api/list";
import { trouble } from "@/api/problem";
import { part } from "@/api/client";
import type { Check, Control, Judged } from "@/api/types";
import { useAddress } from "@/ui/address";
import { asStatus, worstFirst } from "@/ui/marks/status";
import { StatusMark } from "@/ui/marks/StatusMark";
import { Go } from "@/ui/parts/Go";
import { SectionHead } from "@/ui/parts/Parts";
import { EmptyState, ErrorState } from "@/ui/parts/States";
import type { Column } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { readFilter, type Field } from "@/ui/table/filter";
import { FilterBar } from "@/ui/table/FilterBar";
import { ListEnd } from "@/ui/table/ListEnd";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { subjectHref } from "@/features/alerts/words";

const fields: readonly Field[] = [{ name: "status", label: "Status", values: worstFirst }];

const columns: readonly Column<Judged>[] = [
  { id: "object", header: "Object", width: "22%", phone: "title", cell: (row) => { const href = subjectHref(row.subject); const name = row.subject.name || row.subject.id; return href ? <Go href={href} className="mono" data-row>{name}</Go> : <span className="mono">{name}</span>; } },
  { id: "kind", header: "Kind", width: "10%", cell: (row) => <span className="ink2">{row.subject.kind}</span> },
  { id: "check", header: "Check", width: "18%", phone: "fact", cell: (row) => <span className="ink2" title={row.check}>{row.title ?? row.check}</span> },
  { id: "reason", header: "What was seen", phone: "fact", cell: (row) => <span className="ink2" title={row.reason}>{row.reason}</span> },
  { id: "observed", header: "Observed", width: 110, align: "right", cell: (row) => <span className="ink2"><RelativeTime at={row.observed} /></span> },
  { id: "status", header: "Status", width: 130, phone: "status", cell: (row) => <StatusMark status={asStatus(row.status)} /> },
];

/** ObjectsTab lists every object that the control judges, and how each stands. */
export function ObjectsTab({ control }: { control: Control }) {
  const { params, change } = useAddress();
  const filter = readFilter(params, fields);
  const list = useList<Judged>(`/controls/${part(control.id)}/objects`, filter.fields);
  return (
    <>
      <FilterBar filter={filter} fields={fields} placeholder="status:fail" onChange={(next) => change({ status: next.fields["status"] })} />
      {list.error ? <ErrorState trouble={trouble(list.error, "The objects could not be read")} again={list.again} /> : null}
      {list.rows.length > 0 ? <DataTable label="Objects" rows={list.rows} columns={columns} keyOf={(row) => row.subject.kind + row.subject.id + row.check} /> : null}
      {!list.pending && !list.error && list.rows.length === 0 ? <EmptyState title="No object is judged by this control yet">Objects appear when a check has looked at them.</EmptyState> : null}
      {list.rows.length > 0 ? <ListEnd shown={list.rows.length} total={list.total} more={list.more} loading={list.loading} /> : null}
    </>
  );
}

const evidence: readonly Column<Check>[] = [
  { id: "title", header: "Check", phone: "title", cell: (c) => c.title },
  { id: "kind", header: "Looks at", width: "14%", phone: "fact", cell: (c) => <span className="ink2">{c.subjectKind}</span> },
  { id: "reads", header: "Reads", width: "26%", phone: "fact", cell: (c) => <span className="ink2">{c.reads}</span> },
  { id: "observed", header: "Observed", width: 110, align: "right", cell: (c) => <RelativeTime at={c.observed} /> },
  { id: "valid", header: "Valid until", width: 110, align: "right", cell: (c) => <span className="ink2"><RelativeTime at={c.validUntil} none="–" /></span> },
  { id: "seen", header: "Real refusals seen", width: "18%", align: "right", phone: "status", cell: (c) => (c.gate ? <Seen check={c} /> : <span className="ink3">a check, not a gate</span>) },
];

function Seen({ check }: { check: Check }) {
  const seen = check.seen ?? [];
  const newest = seen.map((each) => each.at).toSorted().at(-1);
  if (newest === undefined) return <span className="ink3">none yet, self-tested</span>;
  return <span title={seen.map((each) => `${each.event} ${each.count}`).join(", ")}>{seen.reduce((n, each) => n + each.count, 0).toLocaleString("en")}, <RelativeTime at={newest} /></span>;
}

/** EvidenceTab says what each check reads, when it looked, and for how long that counts. */
export function EvidenceTab({ control }: { control: Control }) {
  const checks = control.checks ?? [];
  if (checks.length === 0) return <EmptyState title="No check gives evidence for this control">{control.missing ?? "What it asks for has to be shown by a person."}</EmptyState>;
  return (
    <section className="section">
      <SectionHead title="Evidence" note="what each check reads, and what a gate has refused for real" />
      <DataTable label="Evidence" rows={checks} columns={evidence} keyOf={(check) => check.id} />
    </section>
  );
}
