import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import type { ExportPack } from "@/api/engagements";
import { useList } from "@/api/list";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import { plural } from "@/features/records/say";
import { useAddress } from "@/ui/address";
import { Button } from "@/ui/parts/Button";
import { Go } from "@/ui/parts/Go";
import { Icon } from "@/ui/parts/Icon";
import { Page } from "@/ui/parts/Page";
import { EmptyState, ErrorState } from "@/ui/parts/States";
import type { Column } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { ListEnd } from "@/ui/table/ListEnd";
import { Due } from "@/ui/time/Due";
import { utcFull } from "@/ui/time/format";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { ExportForm } from "./ExportForm";
import { PackState, scopeText } from "./PackState";

const columns: readonly Column<ExportPack>[] = [
  { id: "made", header: "Asked for", width: 190, phone: "title", cell: (p) => <Go href={`/exports/${p.id}`} data-row>{utcFull(Date.parse(p.created), false)}</Go> },
  { id: "by", header: "By", width: "14%", phone: "fact", cell: (p) => <span className="ink2">{p.by}</span> },
  { id: "scope", header: "Holds", phone: "fact", cell: (p) => <span className="ink2">{scopeText(p.order)}{p.order.at ? <>, as of <RelativeTime at={p.order.at} /></> : ""}</span> },
  { id: "formats", header: "Formats", width: "20%", cell: (p) => <span className="ink2">{(p.order.formats ?? []).map((each) => each.toUpperCase()).join(", ")}</span> },
  { id: "expires", header: "Kept until", width: 150, align: "right", cell: (p) => <span className="ink2"><Due at={p.expires} none="–" past="gone since" /></span> },
  { id: "state", header: "State", width: 170, phone: "status", cell: (p) => <PackState pack={p} /> },
];

/** ExportsPage asks for packs and lists them; every figure in one pack was read at one moment. */
export default function ExportsPage() {
  const may = useMay();
  const router = useRouter();
  const { params } = useAddress();
  const [asking, setAsking] = useState(params["engagement"] !== undefined);
  const list = useList<ExportPack>("/exports");
  const busy = list.rows.filter((pack) => pack.state === "queued" || pack.state === "running").length;
  return (
    <Page title={list.pending ? "Exports" : list.rows.length === 0 ? "No pack was exported yet" : `${plural(list.rows.length, "export pack")}${list.more ? " and more" : ""}, ${busy === 0 ? "none in work" : `${busy} in work`}`} tab="Exports"
      actions={may("export:create") ? <Button kind="primary" icon={<Icon name="download" size={13} />} onClick={() => setAsking(true)} data-command="Export a pack">Export a pack…</Button> : null}>
      {list.error ? <ErrorState trouble={trouble(list.error, "The exports could not be read")} again={list.again} /> : null}
      {list.rows.length > 0 ? <DataTable label="Exports" rows={list.rows} columns={columns} keyOf={(pack) => pack.id} href={(pack) => `/exports/${pack.id}`} /> : null}
      {!list.pending && !list.error && list.rows.length === 0 ? <EmptyState title="A pack is made in the background" command="thingward export create --format oscal,xlsx,pdf">It holds posture, findings, exceptions, records and risks as OSCAL, OCSF, XLSX, CSV and PDF, all read at one moment, with hashes and the proof of every control.</EmptyState> : null}
      {list.rows.length > 0 ? <ListEnd shown={list.rows.length} total={list.total} more={list.more} loading={list.loading} /> : null}
      {asking && may("export:create") ? <ExportForm engagement={params["engagement"]} onClose={() => setAsking(false)} onDone={(pack) => void router.navigate({ href: `/exports/${pack.id}` })} /> : null}
    </Page>
  );
}
