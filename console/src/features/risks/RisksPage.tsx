import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { useList } from "@/api/list";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import { riskMatrix, riskScales, type Risk } from "@/api/risks";
import { useAddress } from "@/ui/address";
import { Icon } from "@/ui/parts/Icon";
import { Page, Tabs } from "@/ui/parts/Page";
import { SectionHead } from "@/ui/parts/Parts";
import { EmptyState, ErrorState } from "@/ui/parts/States";
import { Act } from "@/ui/past/Act";
import { useAt } from "@/ui/past/past";
import { readSort, writeSort } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { readFilter, type Field } from "@/ui/table/filter";
import { FilterBar } from "@/ui/table/FilterBar";
import { ListEnd } from "@/ui/table/ListEnd";
import { columns } from "./columns";
import { RiskForm } from "./RiskForm";
import { RiskMatrix } from "./RiskMatrix";
import { RiskTrend } from "./RiskTrend";
import { headline } from "./say";
import "./risks.css";

const fields: readonly Field[] = [
  { name: "level", label: "Level", values: ["very-high", "high", "moderate", "low", "very-low"] }, { name: "decision", label: "Decision", values: ["undecided", "mitigate", "defer", "accept"] },
  { name: "owner", label: "Owner" }, { name: "system", label: "System" }, { name: "scope", label: "Scope" }, { name: "overdue", label: "Overdue", values: ["true"] }, { name: "safety", label: "Safety", values: ["true"] },
];

/** RisksPage answers "what may go wrong, how bad is it, and what was decided?" */
export default function RisksPage() {
  const { params, change } = useAddress();
  const at = useAt();
  const may = useMay();
  const router = useRouter();
  const [adding, setAdding] = useState(false);
  const state = params["state"] ?? "open";
  const filter = readFilter(params, fields);
  const matrix = useQuery(riskMatrix(at));
  const { data: scales } = useQuery(riskScales);
  const list = useList<Risk>("/risks", { state, ...filter.fields, q: filter.words, sort: params["sort"] }, { enabled: at === undefined });
  const [likelihood, impact] = [Number(params["likelihood"] ?? 0), Number(params["impact"] ?? 0)];
  const rows = list.rows.filter((risk) => (likelihood === 0 || risk.likelihood === likelihood) && (impact === 0 || risk.impact === impact));
  const pick = (row: number, column: number) => change(row === likelihood && column === impact ? { likelihood: undefined, impact: undefined } : { likelihood: String(row), impact: String(column) });
  return (
    <Page title={matrix.data ? headline(matrix.data) : "Risks"} tab="Risks" note={scales?.source}
      tabs={<Tabs label="Risk state" tabs={["open", "closed", "all"].map((each) => ({ label: each.charAt(0).toUpperCase() + each.slice(1), href: each === "open" ? "/risks" : `/risks?state=${each}`, active: each === state, count: each === "open" ? matrix.data?.open : undefined }))} />}
      actions={may("risk:write") ? <Act kind="primary" icon={<Icon name="plus" size={13} />} onClick={() => setAdding(true)} data-command="Enter a risk">Enter a risk</Act> : null}>
      {matrix.error ? <ErrorState trouble={trouble(matrix.error, "The risk matrix could not be read")} again={() => void matrix.refetch()} /> : null}
      {matrix.data && scales && state === "open" ? (
        <div className="risktop">
          <section className="section">
            <SectionHead title="Likelihood × impact" note="count as rated, and what remains now" />
            <RiskMatrix matrix={matrix.data} scales={scales} picked={[likelihood, impact]} {...(at === undefined ? { pick } : {})} />
          </section>
          {at === undefined ? <RiskTrend /> : null}
        </div>
      ) : null}
      {at === undefined ? (
        <>
          <FilterBar filter={filter} fields={fields} placeholder="word, level:high, decision:undecided" onChange={(next) => change({ ...Object.fromEntries(fields.map((field) => [field.name, next.fields[field.name]])), q: next.words })}>
            {likelihood > 0 ? <button type="button" className="btn btn-plain" onClick={() => change({ likelihood: undefined, impact: undefined })}>Likelihood {likelihood}, impact {impact} <Icon name="close" size={12} /></button> : null}
          </FilterBar>
          {list.error ? <ErrorState trouble={trouble(list.error, "The risks could not be read")} again={list.again} /> : null}
          {rows.length > 0 ? <DataTable label="Risks" rows={rows} columns={columns} keyOf={(risk) => risk.id} href={(risk) => `/risks/${risk.id}`} sort={readSort(params["sort"])} onSort={(sort) => change({ sort: writeSort(sort) })} /> : null}
          {!list.pending && !list.error && rows.length === 0 ? <None narrowed={Object.keys(filter.fields).length > 0 || filter.words !== "" || likelihood > 0 || state !== "open"} /> : null}
          {list.rows.length > 0 ? <ListEnd shown={rows.length} total={likelihood > 0 ? rows.length : list.total} more={list.more} loading={list.loading} /> : null}
        </>
      ) : <p className="ink2 pad">The list of risks shows now; the matrix above is as of the time chosen.</p>}
      {adding && scales ? <RiskForm scales={scales} onClose={() => setAdding(false)} onDone={(risk) => void router.navigate({ href: `/risks/${risk.id}` })} /> : null}
    </Page>
  );
}

function None({ narrowed }: { narrowed: boolean }) {
  if (narrowed) return <EmptyState title="No risk matches">Drop a condition to see more.</EmptyState>;
  return <EmptyState title="The register is empty" command={'thingward risk enter --title "Foreign gateway firmware" --asset gateways --likelihood 3 --impact 4 --owner NAME'}>Enter what may happen to which asset, rate it, and have another person decide about it.</EmptyState>;
}
