import { NativeSelect, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { send } from "@/api/client";
import type { ExportPack } from "@/api/engagements";
import { frameworks } from "@/api/frameworks";
import { trouble } from "@/api/problem";
import { posture } from "@/api/queries";
import { FormDialog } from "@/ui/overlay/FormDialog";
import { latest } from "@/ui/past/AsOfPicker";
import "@/ui/form/form.css";
import "@/features/engagements/engagements.css";

const formats = [["oscal", "OSCAL", "catalogue, plan, results, POA&M"], ["ocsf", "OCSF", "compliance findings"], ["xlsx", "XLSX", "tables"], ["csv", "CSV", "tables, plain"], ["pdf", "PDF", "report with charts"]] as const;

/** ExportForm asks for a pack: what it holds, in which formats, and for which moment. */
export function ExportForm({ engagement, onClose, onDone }: { engagement: string | undefined; onClose: () => void; onDone: (pack: ExportPack) => void }) {
  const cache = useQueryClient();
  const { data: stand } = useQuery(posture);
  const { data: known } = useQuery(frameworks);
  const [form, setForm] = useState({ formats: formats.map(([key]) => key) as readonly string[], domain: "", framework: "", system: "", at: "" });
  const set = (change: Partial<typeof form>) => setForm({ ...form, ...change });
  const scope = { ...(form.domain ? { domains: [form.domain] } : {}), ...(form.framework ? { framework: form.framework } : {}), ...(form.system.trim() ? { system: form.system.trim() } : {}) };
  const run = useMutation({
    mutationFn: () => send<ExportPack>("POST", "/exports", { formats: form.formats, scope, ...(form.at ? { at: new Date(form.at).toISOString() } : {}), ...(engagement ? { engagement } : {}) }),
    onSuccess: async (pack) => {
      await cache.invalidateQueries({ queryKey: ["list", "/exports"] });
      onClose();
      onDone(pack);
    },
  });
  const toggle = (one: string) => set({ formats: form.formats.includes(one) ? form.formats.filter((each) => each !== one) : [...form.formats, one] });
  return (
    <FormDialog title="Export a pack" subtitle={engagement ? "For the engagement you came from." : "Everything in it is read at one moment, so that all figures agree."} act="Export pack" ready={form.formats.length > 0} pending={run.isPending} trouble={run.error ? trouble(run.error, "No export was begun") : undefined}
      note="Made in the background and kept for a week." onClose={onClose} onAct={() => run.mutate()}>
      <fieldset className="plainset"><legend>Formats</legend><div className="formats">{formats.map(([key, name, what]) => <label key={key} className="check"><input type="checkbox" className="tick" checked={form.formats.includes(key)} onChange={() => toggle(key)} /><span>{name} <span className="small ink3">{what}</span></span></label>)}</div></fieldset>
      <div className="two">
        <NativeSelect label="Domain, optional" value={form.domain} onChange={(event) => set({ domain: event.currentTarget.value })} data={[{ value: "", label: "All" }, ...(stand?.domains ?? []).map((each) => ({ value: each.id, label: `${each.id} ${each.name}` }))]} />
        <NativeSelect label="Framework, optional" value={form.framework} onChange={(event) => set({ framework: event.currentTarget.value })} data={[{ value: "", label: "All" }, ...(known ?? []).map((each) => ({ value: each.id, label: each.name }))]} />
        <TextInput label="System, optional" value={form.system} onChange={(event) => set({ system: event.currentTarget.value })} />
        <TextInput type="datetime-local" label="As of, optional" max={latest()} value={form.at} onChange={(event) => set({ at: event.currentTarget.value })} />
      </div>
    </FormDialog>
  );
}
