import { TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { part, send } from "@/api/client";
import type { Engagement } from "@/api/engagements";
import { frameworks } from "@/api/frameworks";
import { trouble } from "@/api/problem";
import { posture } from "@/api/queries";
import { FormDialog } from "@/ui/overlay/FormDialog";
import { dayFromNow, localDay } from "@/ui/time/format";
import "@/ui/form/form.css";

const list = (text: string) => text.split(/[\s,]+/).filter(Boolean);

/** EngagementForm opens an audit, or changes its title, period, scope, auditors and end. */
export function EngagementForm({ engagement, onClose, onDone }: { engagement?: Engagement; onClose: () => void; onDone: (made: Engagement) => void }) {
  const cache = useQueryClient();
  const { data: stand } = useQuery(posture);
  const { data: known } = useQuery(frameworks);
  const [form, setForm] = useState(() => ({
    title: engagement?.title ?? "", system: engagement?.system ?? "", from: engagement ? localDay(Date.parse(engagement.from)) : dayFromNow(-90), to: engagement ? localDay(Date.parse(engagement.to)) : dayFromNow(),
    ends: engagement ? localDay(Date.parse(engagement.ends)) : dayFromNow(30), auditors: (engagement?.auditors ?? []).map((each) => each.name).join(", "),
    domains: engagement?.scope.domains ?? [], frameworks: engagement?.scope.frameworks ?? [], controls: (engagement?.scope.controls ?? []).join(" "),
  }));
  const set = (change: Partial<typeof form>) => setForm({ ...form, ...change });
  const toggle = (all: readonly string[], one: string) => (all.includes(one) ? all.filter((each) => each !== one) : [...all, one]);
  const body = {
    title: form.title.trim(), ...(form.system.trim() ? { system: form.system.trim() } : {}), from: new Date(`${form.from}T00:00:00`).toISOString(), to: new Date(`${form.to}T00:00:00`).toISOString(), ends: new Date(`${form.ends}T23:59:59`).toISOString(), auditors: list(form.auditors),
    scope: { ...(form.domains.length ? { domains: form.domains } : {}), ...(form.frameworks.length ? { frameworks: form.frameworks } : {}), ...(list(form.controls).length ? { controls: list(form.controls).map((each) => each.toUpperCase()) } : {}) },
  };
  const run = useMutation({
    mutationFn: () => (engagement ? send<Engagement>("PUT", `/engagements/${part(engagement.id)}`, body) : send<Engagement>("POST", "/engagements", body)),
    onSuccess: async (made) => {
      await Promise.all([["engagement"], ["list", "/engagements"]].map((queryKey) => cache.invalidateQueries({ queryKey })));
      onClose();
      onDone(made);
    },
  });
  return (
    <FormDialog title={engagement ? "Change the engagement" : "Open an engagement"} act={engagement ? "Change engagement" : "Open engagement"} size={640} ready={form.title.trim() !== "" && form.from !== "" && form.to !== "" && form.ends !== ""} pending={run.isPending}
      trouble={run.error ? trouble(run.error, engagement ? "The engagement was not changed" : "The engagement was not opened") : undefined} note="You become one of its auditors." onClose={onClose} onAct={() => run.mutate()}>
      <TextInput label="Title" required data-autofocus value={form.title} onChange={(event) => set({ title: event.currentTarget.value })} />
      <div className="two">
        <TextInput type="date" label="Period from" required value={form.from} onChange={(event) => set({ from: event.currentTarget.value })} />
        <TextInput type="date" label="Period to" required value={form.to} onChange={(event) => set({ to: event.currentTarget.value })} />
        <TextInput type="date" label="Auditors work until" required min={dayFromNow()} value={form.ends} onChange={(event) => set({ ends: event.currentTarget.value })} />
        <TextInput label="System, optional" value={form.system} onChange={(event) => set({ system: event.currentTarget.value })} />
      </div>
      <TextInput label="Other auditors, optional" description="Account names, with a comma between. Each holds the role auditor and no other." value={form.auditors} onChange={(event) => set({ auditors: event.currentTarget.value })} />
      <fieldset className="plainset">
        <legend>Scope: domains and frameworks; none means every control</legend>
        <div className="manygrid">
          {(stand?.domains ?? []).map((domain) => <label key={domain.id} className="check"><input type="checkbox" className="tick" checked={form.domains.includes(domain.id)} onChange={() => set({ domains: toggle(form.domains, domain.id) })} /><span><span className="mono ink3">{domain.id}</span> {domain.name}</span></label>)}
          {(known ?? []).map((framework) => <label key={framework.id} className="check"><input type="checkbox" className="tick" checked={form.frameworks.includes(framework.id)} onChange={() => set({ frameworks: toggle(form.frameworks, framework.id) })} />{framework.name}</label>)}
        </div>
      </fieldset>
      <TextInput label="Single controls, optional" placeholder="TSP-02 CRD-01" value={form.controls} onChange={(event) => set({ controls: event.currentTarget.value })} />
    </FormDialog>
  );
}
