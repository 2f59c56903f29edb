import { useQuery } from "@tanstack/react-query";
import { useParams, useRouter } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { findingSummary, type Finding } from "@/api/findings";
import { countOf, useList } from "@/api/list";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import { useAddress, writeSearch } from "@/ui/address";
import { Page, Tabs } from "@/ui/parts/Page";
import { EmptyState, ErrorState } from "@/ui/parts/States";
import { useAt } from "@/ui/past/past";
import { readSort, writeSort } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { readFilter } from "@/ui/table/filter";
import { FilterBar } from "@/ui/table/FilterBar";
import { useHeld } from "@/ui/table/held";
import { HeldRows } from "@/ui/table/HeldRows";
import { ListEnd } from "@/ui/table/ListEnd";
import { AssignBar } from "./AssignBar";
import { Board } from "./Board";
import { columns } from "./columns";
import { FindingPanel } from "./FindingPanel";
import { fields, headline } from "./say";
import "@/ui/form/form.css";
import "./findings.css";

const keyOf = (finding: Finding) => finding.id;
const states = [["open", "Open"], ["excepted", "Excepted"], ["closed", "Closed"], ["all", "All"]] as const;

/** FindingsPage answers "what is owed, by whom, by when?" for what fails; a finding opens beside the list and closes by measurement only. */
export default function FindingsPage() {
  const { id } = useParams({ strict: false });
  const { params } = useAddress();
  const router = useRouter();
  const close = () => void router.navigate({ href: `/findings${writeSearch(params)}` });
  return (
    <div className="withpanel">
      <div className="withpanel-list"><List open={id} /></div>
      {id === undefined ? null : <FindingPanel key={id} id={id} close={close} />}
    </div>
  );
}

function List({ open }: { open: string | undefined }) {
  const { params, change } = useAddress();
  const at = useAt();
  const may = useMay();
  const state = params["state"] ?? "open";
  const filter = readFilter(params, fields);
  const sort = params["sort"];
  const asked = { state, ...filter.fields, owner: filter.fields["owner"] === "none" ? "-" : filter.fields["owner"], q: filter.words, at, sort: at === undefined ? serverSort(sort ?? (state === "closed" ? "-opened" : "due")) : undefined };
  const list = useList<Finding>("/findings", asked);
  const { data: now } = useQuery(findingSummary);
  const summary = at === undefined ? now : undefined;
  const box = useRef<HTMLDivElement>(null);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const held = useHeld(list.rows, keyOf, box, JSON.stringify([asked, Math.floor(list.rows.length / 100)]), selected.size > 0 || open !== undefined);
  const narrow = (next: Record<string, string | undefined>) => change({ ...Object.fromEntries(fields.map((field) => [field.name, undefined])), q: undefined, ...next });
  const narrowed = Object.keys(filter.fields).length > 0 || filter.words !== "";
  const search = writeSearch(params);
  const href = (finding: Finding) => `/findings/${finding.id}${search}`;
  const count: Record<string, number | undefined> = { open: summary?.open, excepted: summary?.excepted };
  return (
    <Page title={summary ? headline(summary) : at !== undefined && !list.pending ? `${countOf(list)} findings ${state === "all" ? "there had been" : `were ${state}`}` : "Findings"} tab="Findings"
      tabs={<Tabs label="Findings" tabs={[
        ...states.map(([key, label]) => ({ label, href: key === "open" ? "/findings" : `/findings?state=${key}`, active: key === state, count: count[key] })),
        { label: "Exceptions", href: "/exceptions", active: false },
      ]} />}>
      {summary && open === undefined ? <Board summary={summary} narrow={narrow} /> : null}
      {selected.size > 0 && at === undefined ? <AssignBar ids={[...selected]} total={list.total} filter={asked} clear={() => setSelected(new Set())} /> : (
        <FilterBar filter={filter} fields={fields} placeholder="word, owner:none, overdue:true" onChange={(next) => narrow({ ...next.fields, q: next.words })}><HeldRows newer={held.newer} show={held.show} what="findings" /></FilterBar>
      )}
      {list.error ? <ErrorState trouble={trouble(list.error, "The findings could not be read")} again={list.again} /> : null}
      <div ref={box}>
        {held.rows.length > 0 ? (
          <DataTable label="Findings" rows={held.rows} columns={columns(open !== undefined)} keyOf={keyOf} href={href} dimmed={held.gone} sort={readSort(sort)} onSort={(next) => change({ sort: writeSort(next) })}
            tint={(row) => (row.id === open ? "current" : undefined)} {...(may("finding:write") && at === undefined && (state === "open" || state === "excepted") ? { selected, onSelect: setSelected } : {})} />
        ) : null}
      </div>
      {!list.pending && !list.error && list.rows.length === 0 ? <None state={state} narrowed={narrowed} /> : null}
      {list.rows.length > 0 ? <ListEnd shown={list.rows.length} total={list.total} more={list.more} loading={list.loading} /> : null}
    </Page>
  );
}

// The server sorts by what it keeps in order; other columns are sorted among the rows that are loaded.
function serverSort(sort: string | undefined): string | undefined {
  return sort === "-opened" || sort === "due" || sort === "control" ? sort : undefined;
}

function None({ state, narrowed }: { state: string; narrowed: boolean }) {
  if (narrowed) return <EmptyState title="No finding matches">Drop a condition to see more.</EmptyState>;
  if (state === "open") return <EmptyState title="Nothing fails" command="thingward posture">A finding opens by itself when a check fails on an object, and closes when the check passes there again.</EmptyState>;
  return <EmptyState title={state === "excepted" ? "No finding is excepted" : "No finding is closed"}>{state === "excepted" ? "A finding is excepted while an approved exception covers it." : "A finding closes when its check passes again, never by hand."}</EmptyState>;
}
