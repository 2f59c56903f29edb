import { useState } from "react";
import { useList } from "@/api/list";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import type { Ban } from "@/api/types";
import { useAddress } from "@/ui/address";
import { Button } from "@/ui/parts/Button";
import { Go } from "@/ui/parts/Go";
import { Page } from "@/ui/parts/Page";
import { EmptyState, ErrorState } from "@/ui/parts/States";
import type { Column } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { readFilter, type Field } from "@/ui/table/filter";
import { FilterBar } from "@/ui/table/FilterBar";
import { ListEnd } from "@/ui/table/ListEnd";
import { Due } from "@/ui/time/Due";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { AddBan } from "./AddBan";
import { LiftBan } from "./LiftBan";
import { causeText, targetText } from "./say";

const fields: readonly Field[] = [{ name: "past", label: "Over", values: ["true"] }];

function columns(lift: ((ban: Ban) => void) | undefined): readonly Column<Ban>[] {
  return [
    { id: "target", header: "Banned", width: "22%", phone: "title", cell: (b) => (b.kind === "device" ? <Go href={`/devices/${encodeURIComponent(b.name || b.target)}`} className="mono" data-row>{targetText(b)}</Go> : <span className="mono">{targetText(b)}</span>) },
    { id: "kind", header: "What", width: "9%", cell: (b) => <span className="ink2">{b.kind}</span> },
    { id: "reason", header: "Why", phone: "fact", cell: (b) => <span className="ink2" title={b.reason}>{causeText(b)}{b.reason}</span> },
    { id: "by", header: "By", width: "13%", cell: (b) => <span className="ink2">{b.placedBy}</span> },
    { id: "placed", header: "Since", width: "11%", align: "right", cell: (b) => <span className="ink2"><RelativeTime at={b.placed} /></span> },
    { id: "until", header: "Until", width: "14%", align: "right", phone: "fact", cell: (b) => <End ban={b} /> },
    { id: "act", header: "", width: 96, align: "right", phone: "status", cell: (b) => (b.active && lift ? <Button onClick={() => lift(b)} aria-label={`Lift the ban of ${targetText(b)}`}>Lift…</Button> : b.active ? "in force" : <span className="ink3">over</span>) },
  ];
}

function End({ ban }: { ban: Ban }) {
  if (ban.lifted) return <span className="ink3" title={ban.liftedReason}>lifted by {ban.liftedBy}</span>;
  return <Due at={ban.until} none="it is lifted" past="ran out" />;
}

/** BansPage answers "who is kept off the device protocols, why, and until when?" */
export default function BansPage() {
  const may = useMay();
  const { params, change } = useAddress();
  const filter = readFilter(params, fields);
  const list = useList<Ban>("/bans", filter.fields);
  const [adding, setAdding] = useState(false);
  const [lifting, setLifting] = useState<Ban>();
  const write = may("device:quarantine");
  const active = list.rows.filter((ban) => ban.active).length;
  return (
    <Page title={list.pending ? "Bans" : active === 0 ? "Nobody is banned" : `${active}${list.more ? " or more" : ""} ${active === 1 ? "ban is" : "bans are"} in force`} note="device protocols only: API and console are never closed by a ban" tab="Bans"
      actions={write ? <Button kind="primary" onClick={() => setAdding(true)} data-command="Place a ban">Ban…</Button> : null}>
      <FilterBar filter={filter} fields={fields} placeholder="past:true shows those that are over" onChange={(next) => change({ past: next.fields["past"] })} />
      {list.error ? <ErrorState trouble={trouble(list.error, "The bans could not be read")} again={list.again} /> : null}
      {list.rows.length > 0 ? <DataTable label="Bans" rows={list.rows} columns={columns(write ? setLifting : undefined)} keyOf={(ban) => ban.id} /> : null}
      {!list.pending && !list.error && list.rows.length === 0 ? <EmptyState title="Nobody is banned" command={'thingward ban add --address 198.51.100.7 --reason "scans"'}>People place bans here; the server itself bans for a while who connects over and over or fails handshake after handshake.</EmptyState> : null}
      {list.rows.length > 0 ? <ListEnd shown={list.rows.length} total={list.total} more={list.more} loading={list.loading} /> : null}
      {adding && write ? <AddBan onClose={() => setAdding(false)} /> : null}
      {lifting && write ? <LiftBan ban={lifting} onClose={() => setLifting(undefined)} /> : null}
    </Page>
  );
}
