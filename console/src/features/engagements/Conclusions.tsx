import { Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Conclusion, Engagement, Verdict } from "@/api/engagements";
import { trouble } from "@/api/problem";
import { controls } from "@/api/queries";
import { useAddress } from "@/ui/address";
import { asStatus } from "@/ui/marks/status";
import { StatusMark } from "@/ui/marks/StatusMark";
import { FormDialog } from "@/ui/overlay/FormDialog";
import { Button } from "@/ui/parts/Button";
import { Go } from "@/ui/parts/Go";
import type { Column } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { readFilter, type Field } from "@/ui/table/filter";
import { FilterBar } from "@/ui/table/FilterBar";
import { useAct } from "./act";
import { VerdictMark } from "./EngagementState";
import { verdicts } from "./say";

const fields: readonly Field[] = [{ name: "conclusion", label: "Conclusion", values: ["none", ...Object.keys(verdicts)] }];
interface Row { control: string; title: string; status: string; conclusion: Conclusion | undefined }

/** Conclusions lists every control in scope with what the platform says and what the auditor concluded. */
export function Conclusions({ engagement: e, auditor }: { engagement: Engagement; auditor: boolean }) {
  const { params, change } = useAddress();
  const { data: all } = useQuery(controls);
  const [open, setOpen] = useState<Row>();
  const filter = readFilter(params, fields);
  const rows = (e.controls ?? []).map((id): Row => {
    const known = all?.find((each) => each.id === id);
    return { control: id, title: known?.title ?? "", status: known?.status ?? "unknown", conclusion: (e.conclusions ?? []).find((each) => each.control === id) };
  }).filter((row) => (!filter.fields["conclusion"] || (row.conclusion?.conclusion ?? "none") === filter.fields["conclusion"]) && `${row.control} ${row.title}`.toLowerCase().includes(filter.words.toLowerCase()));
  const columns: readonly Column<Row>[] = [
    { id: "control", header: "Control", width: 84, phone: "fact", cell: (r) => <Go href={`/controls/${r.control}`} className="mono" data-row>{r.control}</Go> },
    { id: "title", header: "What must hold", width: "30%", phone: "title", cell: (r) => r.title },
    { id: "status", header: "Measured now", width: 130, phone: "fact", cell: (r) => <StatusMark status={asStatus(r.status)} /> },
    { id: "text", header: "Concluded because", cell: (r) => <span className="ink2" title={r.conclusion?.text}>{r.conclusion?.text}</span> },
    { id: "by", header: "By", width: 110, cell: (r) => <span className="ink2">{r.conclusion?.by}</span> },
    { id: "conclusion", header: "Conclusion", width: 128, phone: "status", cell: (r) => <VerdictMark verdict={r.conclusion?.conclusion} /> },
    ...(auditor ? [{ id: "act", header: "", width: 112, align: "right" as const, phone: "fact" as const, cell: (r: Row) => <Button kind="quiet" onClick={() => setOpen(r)}>{r.conclusion ? "Change…" : "Conclude…"}</Button> }] : []),
  ];
  return (
    <>
      <FilterBar filter={filter} fields={fields} placeholder="word, conclusion:none" onChange={(next) => change({ conclusion: next.fields["conclusion"], q: next.words })} />
      <DataTable label="Conclusions" rows={rows} columns={columns} keyOf={(row) => row.control} />
      {open ? <Conclude engagement={e} row={open} onClose={() => setOpen(undefined)} /> : null}
    </>
  );
}

function Conclude({ engagement: e, row, onClose }: { engagement: Engagement; row: Row; onClose: () => void }) {
  const run = useAct(e.id, onClose);
  const [verdict, setVerdict] = useState<Verdict>(row.conclusion?.conclusion ?? "met");
  const [text, setText] = useState(row.conclusion?.text ?? "");
  return (
    <FormDialog title={`Conclude on ${row.control}`} subtitle={row.title} act="Conclude" ready={verdict === "met" || text.trim() !== ""} pending={run.isPending} trouble={run.error ? trouble(run.error, "Nothing was concluded") : undefined} onClose={onClose}
      onAct={() => run.mutate({ path: "conclusions", body: { control: row.control, conclusion: verdict, ...(text.trim() ? { text: text.trim() } : {}) } })}>
      <p className="small">The platform measures <StatusMark status={asStatus(row.status)} /> now.</p>
      <div className="choices" role="radiogroup" aria-label="Conclusion">
        {(Object.keys(verdicts) as Verdict[]).map((key) => <label key={key} className={key === verdict ? "choice choice-on" : "choice"}><input type="radio" name="conclusion" className="hidden" checked={key === verdict} onChange={() => setVerdict(key)} />{verdicts[key].word}</label>)}
      </div>
      <Textarea label={verdict === "met" ? "Why, optional" : "Why"} data-autofocus autosize minRows={3} value={text} onChange={(event) => setText(event.currentTarget.value)} />
    </FormDialog>
  );
}
