import { NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { part, send } from "@/api/client";
import { Problem, trouble } from "@/api/problem";
import { whoami } from "@/api/queries";
import type { Risk, RiskText, Scales, ScaleStep } from "@/api/risks";
import { PersonInput } from "@/features/people/PersonInput";
import { FormDialog } from "@/ui/overlay/FormDialog";
import { Notice } from "@/ui/parts/Parts";
import { LevelMark } from "./columns";
import { levelWord } from "./say";
import "@/ui/form/form.css";
import "./risks.css";

/** RiskForm enters a risk, or says anew what one is; the level follows from likelihood and impact as the scale has it. */
export function RiskForm({ scales, risk, onClose, onDone }: { scales: Scales; risk?: Risk; onClose: () => void; onDone: (risk: Risk) => void }) {
  const cache = useQueryClient();
  const { data: me } = useQuery(whoami);
  const [form, setForm] = useState<RiskText>(() => risk ? pickText(risk) : { title: "", asset: "", threat: "", vulnerability: "", likelihood: 3, impact: 3, owner: me?.principal.name ?? "", scopes: [] });
  const set = (change: Partial<RiskText>) => setForm({ ...form, ...change });
  const run = useMutation({
    mutationFn: () => (risk ? send<Risk>("PUT", `/risks/${part(risk.id)}`, form, { "If-Match": `"${risk.version}"` }) : send<Risk>("POST", "/risks", form)),
    onSuccess: async (made) => {
      await Promise.all([["risks"], ["list", "/risks"], ["risk"]].map((queryKey) => cache.invalidateQueries({ queryKey })));
      onClose();
      onDone(made);
    },
  });
  const fault = (path: string) => (run.error instanceof Problem ? run.error.body.errors?.find((each) => each.path === path || each.path?.startsWith(`${path}[`))?.message : undefined);
  const level = scales.matrix?.[form.likelihood - 1]?.[form.impact - 1] ?? 0;
  return (
    <FormDialog title={risk ? "Change the risk" : "Enter a risk"} act={risk ? "Change risk" : "Enter risk"} size={680} ready={form.title.trim() !== "" && form.asset.trim() !== "" && form.threat.trim() !== "" && form.owner.trim() !== ""} pending={run.isPending}
      trouble={run.error ? { ...trouble(run.error, risk ? "The risk was not changed" : "The risk was not entered"), ...(run.error instanceof Problem && run.error.body.errors?.length ? { fields: run.error.body.errors.filter((each) => !known.has((each.path ?? "").split("[")[0] ?? "")).map((each) => ({ name: each.path ?? "", message: each.message })) } : {}) } : undefined}
      note="Somebody else decides about it." onClose={onClose} onAct={() => run.mutate()}>
      {risk?.decision ? <Notice tone="stale">A change of more than title, source or owner undoes the decision: it was made about another risk.</Notice> : null}
      <TextInput label="Title" required data-autofocus value={form.title} error={fault("title")} onChange={(event) => set({ title: event.currentTarget.value })} />
      <div className="two">
        <TextInput label="Asset" description="What would be harmed" required value={form.asset} error={fault("asset")} onChange={(event) => set({ asset: event.currentTarget.value })} />
        <PersonInput label="Owner" description="Who answers for it" required value={form.owner} error={fault("owner")} onChange={(owner) => set({ owner })} />
      </div>
      <Textarea label="Threat" description="What may happen" required autosize minRows={2} value={form.threat} error={fault("threat")} onChange={(event) => set({ threat: event.currentTarget.value })} />
      <div className="two">
        <TextInput label="Source of the threat, optional" value={form.source ?? ""} error={fault("source")} onChange={(event) => set({ source: event.currentTarget.value })} />
        <TextInput label="What it makes use of, optional" value={form.vulnerability ?? ""} error={fault("vulnerability")} onChange={(event) => set({ vulnerability: event.currentTarget.value })} />
        <TextInput label="System, optional" description="None: the whole organisation" value={form.system ?? ""} error={fault("system")} onChange={(event) => set({ system: event.currentTarget.value })} />
        <TextInput label="Site, optional" description="None: every site" value={form.site ?? ""} error={fault("site")} onChange={(event) => set({ site: event.currentTarget.value })} />
        <Scale label="Likelihood" steps={scales.likelihood} value={form.likelihood} onChange={(likelihood) => set({ likelihood })} />
        <Scale label="Impact" steps={scales.impact} value={form.impact} onChange={(impact) => set({ impact })} />
      </div>
      <p>This rates it <LevelMark level={level} /></p>
      <fieldset className="plainset">
        <legend>Scopes it belongs to</legend>
        <div className="scopelist">
          {(scales.scopes ?? []).map((scope) => (
            <label key={scope.name} className="check" title={scope.text}>
              <input type="checkbox" className="tick" checked={(form.scopes ?? []).includes(scope.name)} onChange={() => set({ scopes: toggle(form.scopes ?? [], scope.name) })} />{scope.title}
            </label>
          ))}
        </div>
        {fault("scopes") ? <p className="fail small">{fault("scopes")}</p> : null}
      </fieldset>
      <label className="check"><input type="checkbox" className="tick" checked={form.safety ?? false} onChange={(event) => set({ safety: event.currentTarget.checked })} />People or surroundings may come to harm</label>
    </FormDialog>
  );
}

const known = new Set(["title", "asset", "owner", "threat", "source", "vulnerability", "system", "site", "scopes"]);

function toggle(list: readonly string[], name: string): string[] {
  return list.includes(name) ? list.filter((each) => each !== name) : [...list, name];
}

function pickText({ title, asset, system, site, scopes, threat, source, vulnerability, likelihood, impact, safety, owner }: Risk): RiskText {
  return { title, asset, threat, likelihood, impact, owner, scopes: scopes ?? [], safety: safety ?? false, vulnerability: vulnerability ?? "", ...(system ? { system } : {}), ...(site ? { site } : {}), ...(source ? { source } : {}) };
}

function Scale({ label, steps, value, onChange }: { label: string; steps: ScaleStep[] | null; value: number; onChange: (value: number) => void }) {
  return (
    <NativeSelect label={label} value={String(value)} onChange={(event) => onChange(Number(event.currentTarget.value))} description={(steps ?? []).find((step) => step.level === value)?.text ?? ""}
      data={(steps ?? []).map((step) => ({ value: String(step.level), label: `${step.level} ${levelWord(step.name)}` }))} />
  );
}
