import { NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { send } from "@/api/client";
import type { Exception, Subject } from "@/api/findings";
import { trouble } from "@/api/problem";
import { FormDialog } from "@/ui/overlay/FormDialog";
import { dayFromNow } from "@/ui/time/format";
import "@/ui/form/form.css";

interface Props { control: string; checks?: readonly { id: string; title: string }[]; check?: string; subject?: Subject; onClose: () => void; onDone?: (made: Exception) => void }

const none: readonly { id: string; title: string }[] = [];
const kinds = [{ value: "", label: "Every object" }, { value: "type", label: "A device type" }, { value: "site", label: "A site" }, { value: "system", label: "A system" }];

/** RequestException asks for an exception: what it covers, why, what compensates, and when it ends. Another person decides. */
export function RequestException({ control, checks = none, check = "", subject, onClose, onDone }: Props) {
  const cache = useQueryClient();
  const [form, setForm] = useState({ check, kind: "", name: "", justification: "", compensating: "", plan: "", ends: "" });
  const set = (change: Partial<typeof form>) => setForm({ ...form, ...change });
  const run = useMutation({
    mutationFn: () => send<Exception>("POST", "/exceptions", {
      control, ...(form.check ? { check: form.check } : {}), ...(subject ? { subject: { kind: subject.kind, id: subject.id } } : {}), ...(!subject && form.kind ? { scope: { [form.kind]: form.name.trim() } } : {}),
      justification: form.justification.trim(), compensating: form.compensating.trim(), ...(form.plan.trim() ? { plan: form.plan.trim() } : {}), ends: new Date(`${form.ends}T23:59:59`).toISOString(),
    }),
    onSuccess: async (made) => {
      await Promise.all([["exceptions"], ["list", "/exceptions"], ["control"]].map((queryKey) => cache.invalidateQueries({ queryKey })));
      onClose();
      onDone?.(made);
    },
  });
  const ready = form.justification.trim() !== "" && form.compensating.trim() !== "" && form.ends !== "" && (form.kind === "" || form.name.trim() !== "");
  return (
    <FormDialog title={`Request an exception from ${control}`} subtitle={subject ? `For ${subject.name || subject.id}` : "Ask for as little as possible, for as short as possible."} act="Request exception" ready={ready} pending={run.isPending}
      trouble={run.error ? trouble(run.error, "Nothing was requested") : undefined} note="Another person decides. What it covers is tested all the same." onClose={onClose} onAct={() => run.mutate()}>
      {checks.length > 0 && !subject ? <NativeSelect label="Check" value={form.check} onChange={(event) => set({ check: event.currentTarget.value })} data={[{ value: "", label: "All checks of the control" }, ...checks.map((each) => ({ value: each.id, label: each.title }))]} /> : null}
      {subject ? null : (
        <div className="two">
          <NativeSelect label="Covers" value={form.kind} onChange={(event) => set({ kind: event.currentTarget.value })} data={kinds} />
          {form.kind === "" ? null : <TextInput label="Name" required value={form.name} onChange={(event) => set({ name: event.currentTarget.value })} />}
        </div>
      )}
      <Textarea label="Why it cannot be met now" required data-autofocus autosize minRows={2} value={form.justification} onChange={(event) => set({ justification: event.currentTarget.value })} />
      <Textarea label="What compensates meanwhile" required autosize minRows={2} value={form.compensating} onChange={(event) => set({ compensating: event.currentTarget.value })} />
      <Textarea label="Plan to meet it, optional" autosize minRows={1} value={form.plan} onChange={(event) => set({ plan: event.currentTarget.value })} />
      <TextInput type="date" label="Ends" required min={dayFromNow(1)} value={form.ends} onChange={(event) => set({ ends: event.currentTarget.value })} description="There is no exception without an end." />
    </FormDialog>
  );
}
