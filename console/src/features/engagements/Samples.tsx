import { NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import type { Drawn, Engagement, Sample } from "@/api/engagements";
import { trouble } from "@/api/problem";
import { subjectHref } from "@/features/alerts/words";
import { asStatus, worst, type Counts } from "@/ui/marks/status";
import { StatusMark } from "@/ui/marks/StatusMark";
import { FormDialog } from "@/ui/overlay/FormDialog";
import { Button } from "@/ui/parts/Button";
import { Go } from "@/ui/parts/Go";
import { Icon } from "@/ui/parts/Icon";
import { IdChip } from "@/ui/parts/IdChip";
import { DefinitionList, SectionHead } from "@/ui/parts/Parts";
import { EmptyState } from "@/ui/parts/States";
import type { Column } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { useAct } from "./act";

function statusOf(drawn: Drawn): ReturnType<typeof asStatus> {
  const counts: Counts = {};
  for (const result of drawn.results ?? []) counts[asStatus(result.status)] = (counts[asStatus(result.status)] ?? 0) + 1;
  return worst(counts);
}

const columns: readonly Column<Drawn>[] = [
  { id: "object", header: "Object", width: "26%", phone: "title", cell: (d) => { const href = subjectHref(d); return href ? <Go href={href} className="mono" data-row>{d.name || d.id}</Go> : <span className="mono">{d.name || d.id}</span>; } },
  { id: "kind", header: "Kind", width: 110, phone: "fact", cell: (d) => <span className="ink2">{d.kind}</span> },
  { id: "seen", header: "What was seen when it was drawn", phone: "fact", cell: (d) => { const bad = (d.results ?? []).find((each) => each.status === statusOf(d)); return <span className="ink2" title={bad?.reason}>{bad?.reason}</span>; } },
  { id: "rank", header: "Rank", width: 140, cell: (d) => <span className="mono ink3" title={d.rank}>{d.rank.slice(0, 12)}…</span> },
  { id: "status", header: "Status", width: 130, phone: "status", cell: (d) => <StatusMark status={statusOf(d)} /> },
];

/** Samples shows what was drawn, with the seed and the digest by which anybody can draw it again. */
export function Samples({ engagement: e, auditor }: { engagement: Engagement; auditor: boolean }) {
  const [drawing, setDrawing] = useState(false);
  const list = (e.samples ?? []).toSorted((a, b) => b.n - a.n);
  return (
    <>
      <section className="section">
        <SectionHead title="Samples" note={list.length === 0 ? undefined : String(list.length)}>{auditor ? <Button icon={<Icon name="plus" size={12} />} onClick={() => setDrawing(true)} data-command="Draw a sample">Draw a sample…</Button> : null}</SectionHead>
        {list.length === 0 ? <EmptyState title="No sample was drawn">A sample takes the objects of a control by a seed that stands in the audit log, so nobody can choose them and anybody can draw it again.</EmptyState> : null}
      </section>
      {list.map((sample) => <One key={sample.n} sample={sample} />)}
      {drawing ? <Draw engagement={e} onClose={() => setDrawing(false)} /> : null}
    </>
  );
}

function One({ sample }: { sample: Sample }) {
  return (
    <section className="section">
      <SectionHead title={<>Sample {sample.n} of <Go href={`/controls/${sample.control}`} className="mono">{sample.control}</Go></>} note={`${(sample.objects ?? []).length} of ${sample.population.toLocaleString("en")} objects`}><span className="small ink3">{sample.by}, <RelativeTime at={sample.drawn} /></span></SectionHead>
      <DefinitionList facts={[{ label: "Seed", value: <IdChip id={sample.seed} label="seed" full /> }, { label: "Drawn from", value: <IdChip id={sample.populationDigest} label="population digest" /> }, ...(sample.check ? [{ label: "Check", value: <span className="mono">{sample.check}</span> }] : [])]} />
      <DataTable label={`Sample ${sample.n}`} rows={sample.objects ?? []} columns={columns} keyOf={(drawn) => drawn.kind + drawn.id} />
    </section>
  );
}

function Draw({ engagement: e, onClose }: { engagement: Engagement; onClose: () => void }) {
  const run = useAct(e.id, onClose);
  const [control, setControl] = useState(e.controls?.[0] ?? "");
  const [size, setSize] = useState("25");
  const [seed, setSeed] = useState("");
  return (
    <FormDialog title="Draw a sample" act="Draw sample" ready={control !== "" && Number(size) > 0} pending={run.isPending} trouble={run.error ? trouble(run.error, "No sample was drawn") : undefined} note="Seed and objects stand in the audit log." onClose={onClose}
      onAct={() => run.mutate({ path: "samples", body: { control, size: Number(size), ...(seed.trim() ? { seed: seed.trim() } : {}) } })}>
      <NativeSelect label="Control" data-autofocus value={control} onChange={(event) => setControl(event.currentTarget.value)} data={e.controls ?? []} />
      <TextInput type="number" label="How many objects" required min={1} max={1000} value={size} onChange={(event) => setSize(event.currentTarget.value)} />
      <TextInput label="Seed, optional" description="For instance from a public draw. Made at random without one." value={seed} onChange={(event) => setSeed(event.currentTarget.value)} />
    </FormDialog>
  );
}
