import { useList } from "@/api/list";
import { trouble } from "@/api/problem";
import { part } from "@/api/client";
import type { Control, Judged } from "@/api/types";
import { useAddress } from "@/ui/address";
import { asStatus, worstFirst } from "@/ui/marks/status";
import { StatusMark } from "@/ui/marks/StatusMark";
import { Go } from "@/ui/parts/Go";
import { EmptyState, ErrorState } from "@/ui/parts/States";
import type { Column } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { readFilter, type Field } from "@/ui/table/filter";
import { FilterBar } from "@/ui/table/FilterBar";
import { ListEnd } from "@/ui/table/ListEnd";
import { useAt } from "@/ui/past/past";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { subjectHref, subjectWord } from "@/features/alerts/words";

const fields: readonly Field[] = [{ name: "status", label: "Status", values: worstFirst }];

const columns: readonly Column<Judged>[] = [
  { id: "object", header: "Object", width: "18%", phone: "title", cell: (row) => { const href = subjectHref(row.subject); const name = row.subject.name || row.subject.id; return href ? <Go href={href} className="mono" data-row>{name}</Go> : <span className="mono">{name}</span>; } },
  { id: "kind", header: "Kind", width: 84, cell: (row) => <span className="ink2">{subjectWord(row.subject.kind)}</span> },
  { id: "check", header: "Check", width: "26%", phone: "fact", cell: (row) => <span className="ink2" title={row.title ?? row.check}>{row.title ?? row.check}</span> },
  { id: "reason", header: "What was seen", phone: "fact", cell: (row) => <span className="ink2" title={row.reason}>{row.reason}</span> },
  { id: "observed", header: "Observed", width: 92, align: "right", cell: (row) => <span className="ink2"><RelativeTime at={row.observed} bare /></span> },
  { id: "status", header: "Status", width: 112, phone: "status", cell: (row) => <StatusMark status={asStatus(row.status)} /> },
];

/** ObjectsTab lists every object that the control judges, and how each stands. */
export function ObjectsTab({ control }: { control: Control }) {
  const { params, change } = useAddress();
  const filter = readFilter(params, fields);
  const list = useList<Judged>(`/controls/${part(control.id)}/objects`, { ...filter.fields, at: useAt() });
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
