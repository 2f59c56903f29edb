import { NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { get, part, send } from "@/api/client";
import { useList } from "@/api/list";
import { trouble } from "@/api/problem";
import { items } from "@/api/queries";
import type { Account, DeviceType, Grant, List, Site } from "@/api/types";
import { ConsequenceDialog } from "@/ui/overlay/ConsequenceDialog";
import { FormDialog } from "@/ui/overlay/FormDialog";
import { Button } from "@/ui/parts/Button";
import { SectionHead } from "@/ui/parts/Parts";
import { EmptyState, ErrorState } from "@/ui/parts/States";
import { RelativeTime } from "@/ui/time/RelativeTime";

const idle = 90;

/** Grants says what a service account may receive over MQTT, what of that it uses, and lets it be given and taken away. */
export function Grants({ who, write }: { who: Account; write: boolean }) {
  const cache = useQueryClient();
  const [unused, setUnused] = useState(false);
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<Grant>();
  const list = useList<Grant>("/grants", { account: who.id, unused: unused ? String(idle) : undefined });
  const again = () => void cache.invalidateQueries({ queryKey: ["list", "/grants"] });
  const revoke = useMutation({ mutationFn: (grant: Grant) => send("DELETE", `/grants/${part(grant.id)}`), onSuccess: () => { setEnding(undefined); again(); } });
  return (
    <section className="section">
      <SectionHead title="What it receives" note="over MQTT, by named grants" />
      <div className="grants-head">
        <label><input type="checkbox" checked={unused} onChange={(event) => setUnused(event.currentTarget.checked)} /> Unused for {idle} days</label>
        <span className="grow" />
        {write ? <Button onClick={() => setAdding(true)} data-command="Add a grant">Add a grant</Button> : null}
      </div>
      {list.error ? <ErrorState trouble={trouble(list.error, "The grants could not be read")} again={list.again} /> : null}
      {list.rows.length > 0 ? (
        <ul className="grants">
          {list.rows.map((grant) => (
            <li key={grant.id}>
              <div><strong>{grant.name}</strong> {grant.broad ? <span className="stale">reaches every device and class</span> : null}</div>
              <div className="small">{reach(grant)}</div>
              <div className="small ink2">{grant.purpose}</div>
              <div className="small ink3">Last used <RelativeTime at={grant.lastUsed} />{grant.ends ? <>, ends <RelativeTime at={grant.ends} /></> : null}</div>
              {write ? <Button kind="danger" onClick={() => setEnding(grant)} aria-label={`Revoke ${grant.name}`}>Revoke…</Button> : null}
            </li>
          ))}
        </ul>
      ) : null}
      {!list.pending && !list.error && list.rows.length === 0 ? <EmptyState title={unused ? "Every grant is in use" : "Nothing is granted"}>{unused ? "None lay idle so long." : "The account receives no message until a grant names one."}</EmptyState> : null}
      {adding ? <AddGrant who={who} onClose={() => setAdding(false)} onDone={() => { setAdding(false); again(); }} /> : null}
      {ending ? (
        <ConsequenceDialog title={`Revoke ${ending.name}`} act="Revoke" danger subtitle={reach(ending)} pending={revoke.isPending} trouble={revoke.error ? trouble(revoke.error, "Nothing was changed") : undefined}
          effects={[{ when: "Within 1 s", what: "Live sessions lose what this grant alone allowed; their other subscriptions go on." }]}
          onClose={() => setEnding(undefined)} onAct={() => revoke.mutate(ending)} />
      ) : null}
    </section>
  );
}

/** reach says in words what a grant opens. */
export function reach(grant: Grant): string {
  const what = grant.stream ? `stream ${grant.stream}` : grant.kinds.join(", ");
  const classes = ["public", "internal", ...grant.classes].join(", ");
  return `${what} of ${grant.type ? `type ${grant.type}` : "any type"} at ${grant.site ?? "any site"}; classes ${classes}`;
}

function Ticks({ legend, all, picked, onChange }: { legend: string; all: readonly string[]; picked: readonly string[]; onChange: (picked: string[]) => void }) {
  return (
    <fieldset className="roles">
      <legend>{legend}</legend>
      {all.map((each) => <label key={each}><input type="checkbox" checked={picked.includes(each)} onChange={(event) => onChange(event.currentTarget.checked ? [...picked, each] : picked.filter((other) => other !== each))} />{each}</label>)}
    </fieldset>
  );
}

function AddGrant({ who, onClose, onDone }: { who: Account; onClose: () => void; onDone: () => void }) {
  const [name, setName] = useState("");
  const [kinds, setKinds] = useState<string[]>(["telemetry"]);
  const [stream, setStream] = useState("");
  const [type, setType] = useState("");
  const [site, setSite] = useState("");
  const [classes, setClasses] = useState<string[]>([]);
  const [purpose, setPurpose] = useState("");
  const [ends, setEnds] = useState("");
  const { data: types } = useQuery({ queryKey: ["types"], queryFn: () => get<List<DeviceType>>("/types", { limit: 1000 }).then(items) });
  const { data: sites } = useQuery({ queryKey: ["sites"], queryFn: () => get<List<Site>>("/sites", { limit: 1000 }).then(items) });
  const alone = kinds.length === 1 && kinds[0] === "telemetry";
  const add = useMutation({
    mutationFn: () => send("POST", "/grants", { account: who.id, name: name.trim(), kinds, purpose: purpose.trim(), classes, ...(alone && stream !== "" ? { stream } : {}), ...(type === "" ? {} : { type }), ...(site === "" ? {} : { site }), ...(ends === "" ? {} : { ends: `${ends}T23:59:59Z` }) }),
    onSuccess: onDone,
  });
  return (
    <FormDialog title={`What ${who.name} may receive`} act="Add grant" ready={name.trim() !== "" && purpose.trim() !== "" && kinds.length > 0} pending={add.isPending} trouble={add.error ? trouble(add.error, "The grant was not added") : undefined} onClose={onClose} onAct={() => add.mutate()}>
      <TextInput label="Name" required data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} autoComplete="off" />
      <Ticks legend="Messages" all={["telemetry", "event", "reported", "desired"]} picked={kinds} onChange={setKinds} />
      {alone ? <TextInput label="Stream, optional" description="Only this telemetry stream." value={stream} onChange={(event) => setStream(event.currentTarget.value)} /> : null}
      <NativeSelect label="Device type" value={type} onChange={(event) => setType(event.currentTarget.value)} data={[{ value: "", label: "Any type" }, ...(types ?? []).map((each) => each.name)]} />
      <NativeSelect label="Site" value={site} onChange={(event) => setSite(event.currentTarget.value)} data={[{ value: "", label: "Any site" }, ...(sites ?? []).map((each) => each.name)]} />
      <Ticks legend="Data classes beyond public and internal" all={["confidential", "restricted"]} picked={classes} onChange={setClasses} />
      <Textarea label="Purpose" required description="What the account needs it for." value={purpose} onChange={(event) => setPurpose(event.currentTarget.value)} />
      <TextInput type="date" label="Ends on, optional" value={ends} onChange={(event) => setEnds(event.currentTarget.value)} />
    </FormDialog>
  );
}
