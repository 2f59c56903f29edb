import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { trouble } from "@/api/problem";
import { owasp } from "@/api/queries";
import type { FrameworkItem } from "@/api/types";
import { useAddress } from "@/ui/address";
import { BarLegend, StackBar } from "@/ui/charts/StackBar";
import { asStatus, worstFirst } from "@/ui/marks/status";
import { StatusMark } from "@/ui/marks/StatusMark";
import { Go } from "@/ui/parts/Go";
import { Page, Tabs } from "@/ui/parts/Page";
import { SectionHead } from "@/ui/parts/Parts";
import { Wait } from "@/ui/parts/Wait";
import type { Column } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { countsOf } from "@/features/overview/OwaspList";
import "@/features/overview/overview.css";

const base = "/frameworks/owasp-iot-2018";
const provenances = [["product", "Our mapping, per control"], ["source", "The framework's own, per domain"]] as const;

type Row = { id: string; title: string; status: string; why: string };

const columns: readonly Column<Row>[] = [
  { id: "id", header: "Control", width: 84, phone: "fact", cell: (row) => <Go href={`/controls/${row.id}`} className="mono" data-row>{row.id}</Go> },
  { id: "title", header: "What must hold", width: "36%", phone: "title", cell: (row) => row.title },
  { id: "why", header: "Why it counts here", phone: "fact", cell: (row) => <span className="ink2" title={row.why}>{row.why}</span> },
  { id: "status", header: "Status", width: 130, phone: "status", cell: (row) => <StatusMark status={asStatus(row.status)} /> },
];

/** OwaspPage shows how the OWASP IoT Top 10 of 2018 stands, under a named mapping, and which controls decide each item. */
export default function OwaspPage() {
  const { item = "" } = useParams({ strict: false });
  const { params } = useAddress();
  const provenance = params["provenance"] === "source" ? "source" : "product";
  const query = useQuery(owasp(provenance));
  const rest = provenance === "source" ? "?provenance=source" : "";
  const bad = (query.data ?? []).filter((each) => each.worst === "fail").length;
  const title = query.data ? (bad === 0 ? "No risk of the Top 10 has a failing control" : `${bad} of ${query.data.length} risks have a failing control`) : "OWASP IoT Top 10";
  return (
    <Page title={title} note="OWASP Internet of Things Top 10, 2018" tab="OWASP IoT Top 10"
      tabs={<Tabs label="Mapping" tabs={provenances.map(([key, label]) => ({ label, href: `${base}${item ? `/${item}` : ""}${key === "source" ? "?provenance=source" : ""}`, active: key === provenance }))} />}>
      <Wait query={query} say={(error) => trouble(error, "The mapping could not be read")}>
        {(items) => (
          <>
            {provenance === "source" ? <p className="small ink2 pad">The framework maps whole domains and leaves I2 and I9 out; where it names nothing, nothing is shown.</p> : null}
            <ul className="owaspbig">{items.map((each) => <Item key={each.id} item={each} open={each.id === item} rest={rest} />)}</ul>
          </>
        )}
      </Wait>
    </Page>
  );
}

function Item({ item, open, rest }: { item: FrameworkItem; open: boolean; rest: string }) {
  const counts = countsOf(item);
  const status = item.worst ? asStatus(item.worst) : "not-applicable";
  const rows = (item.controls ?? []).toSorted((a, b) => worstFirst.indexOf(asStatus(a.status)) - worstFirst.indexOf(asStatus(b.status)) || a.id.localeCompare(b.id));
  return (
    <li className={open ? "owaspitem owaspitem-open" : "owaspitem"}>
      <Go href={open ? `${base}${rest}` : `${base}/${item.id}${rest}`} className="owaspitem-head plain" data-row aria-expanded={open}>
        <span className="mono ink3">{item.id}</span>
        <span className="grow"><b>{item.name}</b><span className="small ink2 owaspitem-text">{item.description}</span></span>
        <span className="owaspitem-bar"><StackBar counts={counts} height={8} /></span>
        <span className="owaspitem-count right">{item.passing}<span className="ink3">/{item.applicable}</span></span>
        <span className="owaspitem-worst">{item.applicable === 0 ? <span className="ink3">not mapped</span> : <StatusMark status={status} count={counts[status] ?? 0} />}</span>
      </Go>
      {open ? (
        <div className="owaspitem-body">
          <SectionHead title="Controls" note={`${rows.length}, worst first`} />
          <BarLegend counts={counts} />
          <DataTable label={`Controls of ${item.id}`} rows={rows} columns={columns} keyOf={(row) => row.id} href={(row) => `/controls/${row.id}`} />
        </div>
      ) : null}
    </li>
  );
}
