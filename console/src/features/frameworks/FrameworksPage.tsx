import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { frameworks, profiles, type Framework } from "@/api/frameworks";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import { Button } from "@/ui/parts/Button";
import { Go } from "@/ui/parts/Go";
import { Icon } from "@/ui/parts/Icon";
import { Page } from "@/ui/parts/Page";
import { ErrorState } from "@/ui/parts/States";
import type { Column } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { plural } from "@/features/records/say";
import { ImportFramework } from "./ImportFramework";
import { Profiles } from "./Profiles";
import { provenanceShort } from "./say";
import "./frameworks.css";

const columns: readonly Column<Framework>[] = [
  { id: "name", header: "Framework", width: "27%", phone: "title", wraps: true, cell: (row) => <Go href={`/frameworks/${encodeURIComponent(row.id)}`} data-row title={row.summary}>{row.name}</Go> },
  { id: "source", header: "Source", phone: "fact", wraps: true, cell: (row) => <span className="ink2" title={row.source}>{row.source}</span> },
  { id: "date", header: "Date", width: 92, phone: "fact", cell: (row) => <span className="ink2">{row.date}</span> },
  { id: "items", header: "Items", width: 70, align: "right", phone: "status", cell: (row) => row.items.toLocaleString("en") },
  { id: "mappings", header: "Mapped by", width: 190, cell: (row) => <span className="ink2">{row.imported ? "imported, " : ""}{(row.provenances ?? []).map(provenanceShort).join(", ")}</span> },
];

/** FrameworksPage lists what the controls are mapped to, imports another framework, and shows which profile weighs the controls. */
export default function FrameworksPage() {
  const may = useMay();
  const query = useQuery(frameworks);
  const { data: all } = useQuery(profiles);
  const [importing, setImporting] = useState(false);
  return (
    <Page title={query.data ? `${plural(query.data.length, "framework")}, one set of controls` : "Frameworks"} tab="Frameworks" rail={all ? <Profiles profiles={all} /> : null}
      actions={may("framework:write") ? <Button kind="primary" icon={<Icon name="upload" size={13} />} onClick={() => setImporting(true)} data-command="Import a framework">Import…</Button> : null}>
      {query.error ? <ErrorState trouble={trouble(query.error, "The frameworks could not be read")} again={() => void query.refetch()} /> : null}
      {query.data ? <DataTable label="Frameworks" rows={query.data} columns={columns} keyOf={(row) => row.id} href={(row) => `/frameworks/${encodeURIComponent(row.id)}`} /> : null}
      <p className="small ink3 pad">Each mapping names its source: ours, the framework's own, or yours. A row without a public source is not mapped.</p>
      {importing ? <ImportFramework onClose={() => setImporting(false)} /> : null}
    </Page>
  );
}
