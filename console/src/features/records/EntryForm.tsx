import { NativeSelect, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { part, send } from "@/api/client";
import { trouble } from "@/api/problem";
import type { Body, Entry, Fault, RegisterKind } from "@/api/records";
import { PersonInput } from "@/features/people/PersonInput";
import { FormDialog } from "@/ui/overlay/FormDialog";
import { faultsOf } from "./Editor";
import { FieldInput } from "./form/FieldInput";
import { faultsAt, tidy } from "./form/paths";
import { useObjects } from "./form/RefsInput";
import { RowsInput } from "./form/RowsInput";

/** EntryForm adds an entry to the register, or changes what is said of one. */
export function EntryForm({ kinds, kind: first, entry, tag, onClose }: { kinds: readonly RegisterKind[]; kind: string; entry?: Entry; tag?: string; onClose: () => void }) {
  const router = useRouter();
  const cache = useQueryClient();
  const [kind, setKind] = useState(first);
  const [head, setHead] = useState({ name: entry?.name ?? "", system: entry?.system ?? "", site: entry?.site ?? "", owner: entry?.owner ?? "" });
  const [facts, setFacts] = useState<Body>(entry?.facts ?? {});
  const about = kinds.find((each) => each.kind === kind);
  const systems = useObjects("system");
  const sites = useObjects("site");
  const body = { ...tidy(head), facts: tidy(facts) };
  const run = useMutation({
    mutationFn: () => (entry ? send<Entry>("PUT", `/register/${part(entry.id)}`, body, tag ? { "If-Match": tag } : {}) : send<Entry>("POST", "/register", { kind, ...body })),
    onSuccess: async (made) => {
      await Promise.all([["entry"], ["list", "/register"], ["duties"], ["list", "/duties"], ["objects"]].map((queryKey) => cache.invalidateQueries({ queryKey })));
      onClose();
      if (!entry) await router.navigate({ href: `/records/register/${made.id}` });
    },
  });
  const faults: Fault[] = faultsOf(run.error).map((fault) => ({ ...fault, path: fault.path.replace(/^facts\./, "") }));
  const names = ["name", "system", "site", "owner", ...(about?.form ?? []).map((field) => field.name)];
  const rest = faults.filter((fault) => !names.some((name) => fault.path === name || fault.path.startsWith(`${name}[`)));
  const fault = (path: string) => faultsAt(faults, path)[0]?.message;
  return (
    <FormDialog title={entry ? `Change ${entry.name}` : "Add to the register"} subtitle={about?.purpose} act={entry ? "Change entry" : "Add entry"} size={640} ready={head.name.trim() !== ""} pending={run.isPending}
      trouble={run.error ? { ...trouble(run.error, entry ? "The entry was not changed" : "The entry was not added"), fields: rest.map((each) => ({ name: each.path, message: each.message })) } : undefined} onClose={onClose} onAct={() => run.mutate()}>
      {entry ? null : <NativeSelect label="Kind" data-autofocus value={kind} onChange={(event) => { setKind(event.currentTarget.value); setFacts({}); }} data={kinds.map((each) => ({ value: each.kind, label: each.title }))} />}
      <div className="two">
        <TextInput label="Name" required value={head.name} error={fault("name")} onChange={(event) => setHead({ ...head, name: event.currentTarget.value })} />
        <PersonInput label="Owner, optional" value={head.owner} error={fault("owner")} onChange={(owner) => setHead({ ...head, owner })} />
        <NativeSelect label="System, optional" value={head.system} error={fault("system")} onChange={(event) => setHead({ ...head, system: event.currentTarget.value })} data={[{ value: "", label: "None" }, ...systems]} />
        <NativeSelect label="Site, optional" value={head.site} error={fault("site")} onChange={(event) => setHead({ ...head, site: event.currentTarget.value })} data={[{ value: "", label: "None" }, ...sites]} />
      </div>
      {(about?.form ?? []).map((field) => (field.type === "rows"
        ? <RowsInput key={field.name} field={field} path={field.name} value={facts[field.name]} faults={faults} readOnly={false} onChange={(value) => setFacts({ ...facts, [field.name]: value })} />
        : <FieldInput key={field.name} field={field} path={field.name} value={facts[field.name]} faults={faultsAt(faults, field.name, true)} readOnly={false} onChange={(value) => setFacts({ ...facts, [field.name]: value })} />))}
    </FormDialog>
  );
}
