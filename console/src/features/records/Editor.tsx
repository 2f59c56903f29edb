import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { part, send, type Tagged } from "@/api/client";
import { useMay } from "@/api/may";
import { Problem, trouble } from "@/api/problem";
import type { Body, Fault, RecordKind, RecordRow, RecordWhole } from "@/api/records";
import { PersonInput } from "@/features/people/PersonInput";
import { Button } from "@/ui/parts/Button";
import { SectionHead } from "@/ui/parts/Parts";
import { ErrorState } from "@/ui/parts/States";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { Form } from "./form/Form";
import { fieldId, nearest, tidy, titleOf } from "./form/paths";
import { plural } from "./say";

/** faultsOf takes the faults out of a refusal. */
export function faultsOf(error: unknown): Fault[] {
  return error instanceof Problem ? (error.body.errors ?? []).map((each) => ({ path: each.path ?? "", message: each.message })) : [];
}

/** Editor fills in the form of a draft; anything else it shows as it was. What is missing is listed and leads to its field. */
export function Editor({ tagged, kind }: { tagged: Tagged<RecordWhole>; kind: RecordKind }) {
  const { value: record, tag } = tagged;
  const may = useMay();
  const cache = useQueryClient();
  const [body, setBody] = useState<Body>(record.body ?? {});
  const [owner, setOwner] = useState(record.owner);
  const open = (record.state === "draft" || record.state === "rejected") && may("record:write");
  const changed = open && (JSON.stringify(tidy(body)) !== JSON.stringify(tidy(record.body ?? {})) || owner !== record.owner);
  const save = useMutation({
    mutationFn: () => send<RecordRow>("PUT", `/records/${part(record.id)}`, { owner, body: tidy(body) }, tag ? { "If-Match": tag } : {}),
    onSuccess: () => Promise.all([["record", record.id], ["list", "/duties"]].map((queryKey) => cache.invalidateQueries({ queryKey }))),
  });
  useUnsaved(changed);
  const refused = faultsOf(save.error);
  const lacking = changed ? [] : record.faults ?? [];
  const faults = refused.length > 0 ? refused : lacking;
  const form = kind.form ?? [];
  const jump = (path: string) => {
    const node = document.getElementById(fieldId(nearest(form, path)));
    node?.scrollIntoView({ block: "center" });
    node?.focus();
  };
  return (
    <>
      {open && faults.length > 0 ? (
        <section className="faultbox" aria-label="What is missing">
          <SectionHead title={`${plural(faults.length, "thing")} to put right before it can be approved`} />
          <ul>{faults.slice(0, 40).map((fault) => <li key={fault.path + fault.message}><button type="button" onClick={() => jump(fault.path)}>{titleOf(form, fault.path)}</button> {fault.message}</li>)}</ul>
        </section>
      ) : null}
      <Form form={form} body={body} faults={open ? faults : []} readOnly={!open} onChange={setBody} />
      {open ? (
        <div className="saveline">
          <PersonInput aria-label="Owner" placeholder="Owner" value={owner} onChange={setOwner} />
          <span className="small ink2 grow">{changed ? "Not saved yet" : <>Saved <RelativeTime at={record.changed} /></>}</span>
          {changed ? <Button onClick={() => { setBody(record.body ?? {}); setOwner(record.owner); }}>Undo changes</Button> : null}
          <Button kind="primary" disabled={!changed || save.isPending} onClick={() => save.mutate()} data-command="Save the draft" data-save>{save.isPending ? "Saving…" : "Save draft"}</Button>
          {save.error ? <ErrorState trouble={{ ...trouble(save.error, "The draft was not saved"), fields: refused.slice(0, 5).map((fault) => ({ name: titleOf(form, fault.path), message: fault.message })) }} /> : null}
        </div>
      ) : null}
    </>
  );
}

// useUnsaved asks before the page is left with work that is not saved, and tells the acts of the page.
function useUnsaved(changed: boolean): void {
  useEffect(() => {
    document.documentElement.toggleAttribute("data-unsaved", changed);
    if (!changed) return undefined;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => {
      removeEventListener("beforeunload", ask);
      document.documentElement.removeAttribute("data-unsaved");
    };
  }, [changed]);
}
