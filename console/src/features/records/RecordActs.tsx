import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { part, send, type Tagged } from "@/api/client";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import { whoami } from "@/api/queries";
import type { RecordKind, RecordRow, RecordWhole } from "@/api/records";
import { ConsequenceDialog, type Effect } from "@/ui/overlay/ConsequenceDialog";
import { Button } from "@/ui/parts/Button";
import { parse, utcFull } from "@/ui/time/format";
import { faultsOf } from "./Editor";
import { rowsOf, titleOf } from "./form/paths";
import { plural } from "./say";

type Verb = "submit" | "approve" | "reject" | "withdraw" | "acknowledge";
const acts: Record<Verb, string> = { submit: "Submit record", approve: "Approve record", reject: "Reject record", withdraw: "Withdraw record", acknowledge: "Acknowledge record" };

/** RecordActs are the steps of a record's life that its state and the reader's role allow. */
export function RecordActs({ tagged: { value: record }, kind }: { tagged: Tagged<RecordWhole>; kind: RecordKind }) {
  const may = useMay();
  const router = useRouter();
  const { data: me } = useQuery(whoami);
  const [verb, setVerb] = useState<Verb>();
  const again = useMutation({
    mutationFn: () => send<RecordRow>("POST", "/records", { kind: record.kind, ...(record.object.kind === "organisation" ? {} : { object: record.object.id }), from: record.id }),
    onSuccess: (made) => router.navigate({ href: `/records/${record.kind}/${made.id}` }),
  });
  const name = me?.principal.name ?? "";
  const own = record.author === name || (record.writers ?? []).includes(name);
  const why = own ? "You had a part in writing it: somebody else decides." : undefined;
  const open = record.state === "draft" || record.state === "rejected";
  const owes = record.state === "approved" && (record.acks ?? []).some((ack) => ack.account === name && parse(ack.at) === undefined);
  const later = (record.versions ?? []).some((version) => version.version > record.version && version.state !== "withdrawn");
  return (
    <>
      {may("record:write") && record.state !== "superseded" && record.state !== "withdrawn" ? <Button kind="quiet" onClick={() => setVerb("withdraw")} data-command={open ? "Discard the draft" : "Withdraw the record"}>{open ? "Discard…" : "Withdraw…"}</Button> : null}
      {may("record:write") && !open && record.state !== "submitted" && !later ? <Button disabled={again.isPending} onClick={() => again.mutate()} data-command="New version">{again.isPending ? "Beginning…" : "New version"}</Button> : null}
      {may("record:write") && open ? <Button kind="primary" onClick={() => setVerb("submit")} data-command="Submit the record">Submit…</Button> : null}
      {may("record:approve") && record.state === "submitted" ? <Button disabled={own} title={why} onClick={() => setVerb("reject")} data-command="Reject the record">Reject…</Button> : null}
      {may("record:approve") && record.state === "submitted" ? <Button kind="primary" disabled={own} title={why} onClick={() => setVerb("approve")} data-command="Approve the record">Approve…</Button> : null}
      {owes ? <Button kind="primary" onClick={() => setVerb("acknowledge")} data-command="Acknowledge the record">Acknowledge…</Button> : null}
      {may("record:approve") && record.state === "submitted" && own ? <span className="small ink2">{why}</span> : null}
      {again.error ? <span className="small fail">{trouble(again.error).detail}</span> : null}
      {verb ? <StepDialog record={record} kind={kind} verb={verb} onClose={() => setVerb(undefined)} /> : null}
    </>
  );
}

function StepDialog({ record, kind, verb, onClose }: { record: RecordWhole; kind: RecordKind; verb: Verb; onClose: () => void }) {
  const cache = useQueryClient();
  const path = `/records/${part(record.id)}/${verb}`;
  const trial = verb === "submit" || verb === "approve";
  const dry = useQuery({ queryKey: ["dry", record.id, verb, record.changed], enabled: trial, staleTime: 0, gcTime: 0, retry: false, queryFn: () => send("POST", path, { dryRun: true, reason: "" }).then(() => true) });
  const run = useMutation({
    mutationFn: (reason: string) => send<RecordRow>("POST", path, { reason }),
    onSuccess: async () => {
      await Promise.all([["record"], ["duties"], ["list", "/duties"], ["list", "/items"], ["posture"], ["control"]].map((queryKey) => cache.invalidateQueries({ queryKey })));
      onClose();
    },
  });
  const unsaved = document.documentElement.hasAttribute("data-unsaved") && verb === "submit";
  const error = run.error ?? dry.error;
  const faults = faultsOf(error);
  const problem = unsaved ? { title: "There are changes that are not saved", detail: "Save the draft first; what is submitted is what was saved." }
    : error ? { ...trouble(error, "Nothing was changed"), fields: faults.slice(0, 12).map((fault) => ({ name: titleOf(kind.form ?? [], fault.path), message: fault.message })) } : undefined;
  return (
    <ConsequenceDialog title={acts[verb]} subtitle={<>{kind.title}, {record.object.name}, version {record.version}</>} act={acts[verb]} danger={verb === "withdraw" && record.state === "approved"} effects={effects(verb, record, kind)}
      pending={run.isPending || (trial && dry.isPending)} trouble={problem} onClose={onClose} onAct={({ note }) => { if (!unsaved) run.mutate(note); }} />
  );
}

/** effects says what a step does, from the contract of the call and what is known of the record. */
export function effects(verb: Verb, record: RecordWhole, kind: RecordKind): Effect[] {
  const controls = plural(new Set((kind.serves ?? []).map((each) => each.control)).size, "control");
  const tracked = (kind.form ?? []).filter((field) => field.tracks).reduce((sum, field) => sum + rowsOf(record.body?.[field.name]).length, 0);
  const ends = parse(record.ends?.expires);
  switch (verb) {
    case "submit": return [
      { when: "At once", what: "Form and evidence are fixed by a digest that stands in the audit log. Nobody can change them any more." },
      { when: "Next", what: "Somebody who had no part in it approves or rejects it. Until then it counts for nothing." },
    ];
    case "approve": return [
      { when: "From now", what: `It is in force and serves ${controls}. It proves nothing about the time before.` },
      ...(ends ? [{ when: "Until", what: `${utcFull(ends, false)}. Reminders go out 30, 7 and 1 days before.` }] : []),
      ...((record.versions ?? []).some((version) => version.state === "approved") ? [{ when: "At once", what: "The version in force until now is superseded and stays readable." }] : []),
      ...(tracked > 0 ? [{ when: "At once", what: `${plural(tracked, "item")} it lists ${tracked === 1 ? "is" : "are"} tracked until done.` }] : []),
      ...(kind.readers ? [{ when: "Next", what: "Those who must acknowledge it are asked to." }] : []),
    ];
    case "reject": return [{ when: "At once", what: `It goes back to ${record.author || "its author"} as a draft, with your reason.` }];
    case "acknowledge": return [{ when: "At once", what: "The log keeps that you acknowledged this version, by its digest. A later version asks you again." }];
    default: return record.state === "approved"
      ? [{ when: "At once", what: `It counts no longer: ${controls} that it serves will fail until a new version is approved.` }, { when: "Afterwards", what: "It stays readable, with your reason." }]
      : [{ when: "At once", what: "It will not be finished. It stays readable, with your reason." }];
  }
}
