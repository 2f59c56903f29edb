import { NativeSelect, Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { part, send } from "@/api/client";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import { controls } from "@/api/queries";
import type { FrameworkItem } from "@/api/frameworks";
import { BarLegend } from "@/ui/charts/StackBar";
import { asStatus, worstFirst } from "@/ui/marks/status";
import { StatusMark } from "@/ui/marks/StatusMark";
import { FormDialog } from "@/ui/overlay/FormDialog";
import { Go } from "@/ui/parts/Go";
import { SectionHead } from "@/ui/parts/Parts";
import { Act } from "@/ui/past/Act";
import type { Column } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";

interface Row { id: string; title: string; status: string; why: string; relation?: string; provenance?: string }

const columns: readonly Column<Row>[] = [
  { id: "id", header: "Control", width: 84, phone: "fact", cell: (row) => <Go href={`/controls/${row.id}`} className="mono" data-row>{row.id}</Go> },
  { id: "title", header: "What must hold", width: "34%", phone: "title", cell: (row) => row.title },
  { id: "why", header: "Why it counts here", phone: "fact", cell: (row) => <span className="ink2" title={row.why}>{row.why}</span> },
  { id: "relation", header: "Relation", width: 90, cell: (row) => <span className="ink2">{row.relation}</span> },
  { id: "status", header: "Status", width: 130, phone: "status", cell: (row) => <StatusMark status={asStatus(row.status)} /> },
];

const relations = [{ value: "", label: "Bears on it" }, { value: "equal", label: "Says the same" }, { value: "subset", label: "Is part of it" }, { value: "intersects", label: "Overlaps with it" }];

/** ItemBody lists the controls that decide an item, and maps another one as the operator's own view. */
export function ItemBody({ framework, item }: { framework: string; item: FrameworkItem }) {
  const may = useMay();
  const [mapping, setMapping] = useState(false);
  const rows: Row[] = (item.controls ?? []).toSorted((a, b) => worstFirst.indexOf(asStatus(a.status)) - worstFirst.indexOf(asStatus(b.status)) || a.id.localeCompare(b.id));
  return (
    <div className="fwitem-body">
      <SectionHead title="Controls" note={rows.length === 0 ? "none under this mapping" : `${rows.length}, worst first`}>
        {may("framework:write") ? <Act kind="quiet" onClick={() => setMapping(true)} data-command={`Map a control to ${item.id}`}>Map a control…</Act> : null}
      </SectionHead>
      <BarLegend counts={item.counts} />
      {rows.length > 0 ? <DataTable label={`Controls of ${item.id}`} rows={rows} columns={columns} keyOf={(row) => row.id} href={(row) => `/controls/${row.id}`} /> : null}
      {mapping ? <MapControl framework={framework} item={item} onClose={() => setMapping(false)} /> : null}
    </div>
  );
}

function MapControl({ framework, item, onClose }: { framework: string; item: FrameworkItem; onClose: () => void }) {
  const cache = useQueryClient();
  const { data: all } = useQuery(controls);
  const [control, setControl] = useState("");
  const [relation, setRelation] = useState("");
  const [why, setWhy] = useState("");
  const done = async () => {
    await cache.invalidateQueries({ queryKey: ["framework"] });
    onClose();
  };
  const set = useMutation({ mutationFn: () => send("PUT", `/frameworks/${part(framework)}/mappings`, { item: item.id, control, ...(relation ? { relation } : {}), why: why.trim() }), onSuccess: done });
  const drop = useMutation({ mutationFn: () => send("DELETE", `/frameworks/${part(framework)}/mappings/${part(item.id)}/${part(control)}`), onSuccess: done });
  const error = set.error ?? drop.error;
  const known = (item.controls ?? []).some((each) => each.id === control);
  return (
    <FormDialog title={`Map a control to ${item.id}`} subtitle={item.name} act="Map" ready={control !== "" && why.trim() !== ""} pending={set.isPending || drop.isPending} onClose={onClose} onAct={() => set.mutate()}
      trouble={error ? trouble(error, "The mapping was not changed") : undefined} note="Shown under “Your mapping”, and kept in the audit log.">
      <NativeSelect label="Control" data-autofocus value={control} onChange={(event) => setControl(event.currentTarget.value)} data={[{ value: "", label: "Choose a control" }, ...(all ?? []).map((each) => ({ value: each.id, label: `${each.id} ${each.title}` }))]} />
      <NativeSelect label="Relation" value={relation} onChange={(event) => setRelation(event.currentTarget.value)} data={relations} />
      <Textarea label="Why it counts here" required autosize minRows={2} value={why} onChange={(event) => setWhy(event.currentTarget.value)} />
      {known ? <div><Act kind="danger" onClick={() => drop.mutate()}>Remove your mapping of {control}</Act></div> : null}
    </FormDialog>
  );
}
