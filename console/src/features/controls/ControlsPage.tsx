import { useQuery } from "@tanstack/react-query";
import { trouble } from "@/api/problem";
import { controlsAt, postureAt } from "@/api/queries";
import type { ControlRow } from "@/api/types";
import { useAddress } from "@/ui/address";
import { asStatus, worstFirst, type Counts } from "@/ui/marks/status";
import { StatusMark } from "@/ui/marks/StatusMark";
import { StackBar } from "@/ui/charts/StackBar";
import { Go } from "@/ui/parts/Go";
import { Page } from "@/ui/parts/Page";
import { SectionHead } from "@/ui/parts/Parts";
import { EmptyState, ErrorState } from "@/ui/parts/States";
import { readFilter, type Field } from "@/ui/table/filter";
import { FilterBar } from "@/ui/table/FilterBar";
import { DataTable } from "@/ui/table/DataTable";
import type { Column } from "@/ui/table/columns";
import { useAt } from "@/ui/past/past";
import { RelativeTime } from "@/ui/time/RelativeTime";
import "./controls.css";

const columns: readonly Column<ControlRow>[] = [
  { id: "id", header: "Control", width: 84, phone: "fact", cell: (c) => <Go href={`/controls/${c.id}`} className="mono" data-row>{c.id}</Go> },
  { id: "title", header: "What must hold", phone: "title", cell: (c) => <span title={c.statement}>{c.title}</span> },
  { id: "modes", header: "Mode", width: 192, cell: (c) => <span className="ink2">{(c.modes ?? []).join(", ")}</span> },
  { id: "checks", header: "Checks", width: 70, align: "right", cell: (c) => <span className="ink2">{c.checks}</span> },
  { id: "since", header: "For", width: 84, align: "right", phone: "fact", cell: (c) => <span className="ink2"><RelativeTime at={c.since} bare none="–" /></span> },
  { id: "status", header: "Status", width: 130, phone: "status", cell: (c) => <StatusMark status={asStatus(c.status)} /> },
];

/** tally counts controls by status. */
function tally(rows: readonly ControlRow[]): Counts {
  const counts: Counts = {};
  for (const row of rows) counts[asStatus(row.status)] = (counts[asStatus(row.status)] ?? 0) + 1;
  return counts;
}

/** ControlsPage lists all controls under their domains; the address narrows to a domain or a status. */
export default function ControlsPage() {
  const { params, change } = useAddress();
  const at = useAt();
  const query = useQuery(controlsAt(at));
  const { data: stand } = useQuery(postureAt(at));
  const domains = (stand?.domains ?? []).toSorted((a, b) => a.order - b.order);
  const fields: Field[] = [{ name: "domain", label: "Domain", values: domains.map((domain) => domain.id) }, { name: "status", label: "Status", values: worstFirst }];
  const filter = readFilter(params, fields);
  const shown = (query.data ?? []).filter((row) => matches(row, filter.fields, filter.words));
  const groups = [...new Set(shown.map((row) => row.domain))].toSorted((a, b) => domains.findIndex((d) => d.id === a) - domains.findIndex((d) => d.id === b));
  const counts = tally(shown);
  return (
    <Page title={query.data ? headline(shown.length, query.data.length, counts.fail ?? 0) : "Controls"} tab="Controls" note={filter.fields["domain"] ? domains.find((d) => d.id === filter.fields["domain"])?.name : undefined}>
      <FilterBar filter={filter} fields={fields} placeholder="word, domain:MSU, status:fail" onChange={(next) => change({ domain: next.fields["domain"], status: next.fields["status"], q: next.words })} />
      {query.error ? <ErrorState trouble={trouble(query.error, "The controls could not be read")} again={() => void query.refetch()} /> : null}
      {query.data && shown.length === 0 ? <EmptyState title="No control matches">Drop a condition to see more.</EmptyState> : null}
      <div className="controlgroups">
        {groups.map((id) => {
          const rows = shown.filter((row) => row.domain === id);
          return (
            <section key={id} className="section" id={id}>
              <SectionHead title={<><span className="mono ink3">{id}</span> {domains.find((d) => d.id === id)?.name ?? ""}</>} note={`${rows.length} ${rows.length === 1 ? "control" : "controls"}`}>
                <span style={{ width: 120 }}><StackBar counts={tally(rows)} height={6} /></span>
              </SectionHead>
              <DataTable label={`Controls of ${id}`} rows={rows} columns={columns} keyOf={(row) => row.id} href={(row) => `/controls/${row.id}`} />
            </section>
          );
        })}
      </div>
    </Page>
  );
}

function matches(row: ControlRow, fields: Record<string, string>, words: string): boolean {
  if (fields["domain"] && row.domain !== fields["domain"]) return false;
  if (fields["status"] && row.status !== fields["status"]) return false;
  const text = `${row.id} ${row.title} ${row.statement}`.toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

function headline(shown: number, total: number, fails: number): string {
  const fail = fails === 0 ? "none fails" : `${fails} ${fails === 1 ? "fails" : "fail"}`;
  return shown === total ? `${total} controls, ${fail}` : `${shown} of ${total} controls, ${fail}`;
}
