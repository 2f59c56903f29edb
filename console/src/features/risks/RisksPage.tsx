import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { countOf, useList } from "@/api/list";
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

const steps = ["1", "2", "3", "4", "5"];
const fields: readonly Field[] = [
  { name: "level", label: "Level", values: ["very-high", "high", "moderate", "low", "very-low"] }, { name: "decision", label: "Decision", values: ["undecided", "mitigate", "defer", "accept"] },
  { name: "likelihood", label: "Likelihood", values: steps }, { name: "impact", label: "Impact", values: steps }, { name: "residual", label: "Place by what remains", values: ["true"] },
  { name: "owner", label: "Owner" }, { name: "scope", label: "Scope" }, { name: "system", label: "System", elsewhere: true }, { name: "site", label: "Site", elsewhere: true }, { name: "overdue", label: "Overdue", values: ["true"] }, { name: "safety", label: "Safety", values: ["true"] },
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
  const { system, site } = filter.fields;
  const matrix = useQuery(riskMatrix(at, system));
  const { data: scales } = useQuery(riskScales);
  const list = useList<Risk>("/risks", { state, ...filter.fields, q: filter.words, sort: serverSort(params["sort"]), at });
  const { likelihood, impact, residual } = filter.fields;
  const picked = likelihood && impact ? { likelihood: Number(likelihood), impact: Number(impact), residual: residual === "true" } : undefined;
  return (
    <Page title={matrix.data && site === undefined ? headline(matrix.data, system, at !== undefined) : list.pending ? "Risks" : `${countOf(list)} ${state === "all" ? "" : `${state} `}risks of ${site ?? "all"}`} tab="Risks" note={scales?.source}
      tabs={<Tabs label="Risk state" tabs={["open", "closed", "all"].map((each) => ({ label: each.charAt(0).toUpperCase() + each.slice(1), href: each === "open" ? "/risks" : `/risks?state=${each}`, active: each === state, count: each === "open" && site === undefined ? matrix.data?.open : undefined }))} />}
      actions={may("risk:write") ? <Act kind="primary" icon={<Icon name="plus" size={13} />} onClick={() => setAdding(true)} data-command="Enter a risk">Enter a risk</Act> : null}>
      {matrix.error ? <ErrorState trouble={trouble(matrix.error, "The risk matrix could not be read")} again={() => void matrix.refetch()} /> : null}
      {matrix.data && scales && state === "open" && site === undefined ? (
        <div className="risktop">
          <section className="section">
            <SectionHead title="Likelihood × impact" note={at === undefined ? "count as rated, and what remains now" : "count as rated then, and what remained"} />
            <RiskMatrix matrix={matrix.data} scales={scales} picked={picked} past={at !== undefined} />
          </section>
          {at === undefined ? <RiskTrend scoped={system !== undefined} /> : null}
        </div>
      ) : null}
      <FilterBar filter={filter} fields={fields} placeholder="word, level:high, decision:undecided" onChange={(next) => change({ ...Object.fromEntries(fields.map((field) => [field.name, next.fields[field.name]])), q: next.words })} />
      {list.error ? <ErrorState trouble={trouble(list.error, at === undefined ? "The risks could not be read" : "The risks could not be shown as of then")} again={list.again} /> : null}
      {list.rows.length > 0 ? <DataTable label="Risks" rows={list.rows} columns={columns} keyOf={(risk) => risk.id} href={(risk) => `/risks/${risk.id}`} sort={readSort(params["sort"])} onSort={(sort) => change({ sort: writeSort(sort) })} /> : null}
      {!list.pending && !list.error && list.rows.length === 0 ? <None past={at !== undefined} narrowed={Object.keys(filter.fields).length > 0 || filter.words !== "" || state !== "open"} /> : null}
      {list.rows.length > 0 ? <ListEnd shown={list.rows.length} total={list.total} more={list.more} loading={list.loading} /> : null}
      {adding && scales ? <RiskForm scales={scales} onClose={() => setAdding(false)} onDone={(risk) => void router.navigate({ href: `/risks/${risk.id}` })} /> : null}
    </Page>
  );
}

// The server sorts by what it keeps in order; other columns are sorted among the rows that are loaded.
function serverSort(sort: string | undefined): string | undefined {
  return sort && ["level", "title", "owner", "due", "ends"].includes(sort.replace(/^-/, "")) ? sort : undefined;
}

function None({ narrowed, past }: { narrowed: boolean; past: boolean }) {
  if (past && !narrowed) return <EmptyState title="No risk was open then">The register as it was kept at that time.</EmptyState>;
  if (narrowed) return <EmptyState title="No risk matches">Drop a condition to see more.</EmptyState>;
  return <EmptyState title="The register is empty" command={'thingward risk enter --title "Foreign gateway firmware" --asset gateways --likelihood 3 --impact 4 --owner NAME'}>Enter what may happen to which asset, rate it, and have another person decide about it.</EmptyState>;
}
