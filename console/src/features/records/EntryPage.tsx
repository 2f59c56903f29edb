import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { getTagged, part, send } from "@/api/client";
import { useList } from "@/api/list";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import { registerKinds, type Duty, type Entry, type RegisterKind } from "@/api/records";
import { ConsequenceDialog } from "@/ui/overlay/ConsequenceDialog";
import { Button } from "@/ui/parts/Button";
import { Go } from "@/ui/parts/Go";
import { IdChip } from "@/ui/parts/IdChip";
import { Page } from "@/ui/parts/Page";
import { FactsLine, Notice, SectionHead } from "@/ui/parts/Parts";
import { ErrorState } from "@/ui/parts/States";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { DutyMark } from "./DutyMark";
import { EntryForm } from "./EntryForm";
import { Form } from "./form/Form";
import { dutyHref, plural, wordsOf } from "./say";
import "./records.css";

/** EntryPage shows one entry of the register, and which records are owed about it. */
export default function EntryPage() {
  const { id = "" } = useParams({ strict: false });
  const query = useQuery({ queryKey: ["entry", id], queryFn: () => getTagged<Entry>(`/register/${part(id)}`) });
  const { data: kinds } = useQuery(registerKinds);
  if (query.error) return <Page title="Entry" tab="Entry"><ErrorState trouble={trouble(query.error, "The entry could not be read")} again={() => void query.refetch()} /></Page>;
  return query.data && kinds ? <Shown entry={query.data.value} tag={query.data.tag} kinds={kinds} /> : null;
}

function Shown({ entry, tag, kinds }: { entry: Entry; tag: string; kinds: readonly RegisterKind[] }) {
  const may = useMay();
  const cache = useQueryClient();
  const [dialog, setDialog] = useState<"change" | "retire">();
  const kind = kinds.find((each) => each.kind === entry.kind);
  const list = useList<Duty>("/duties", { about: entry.kind, q: entry.name });
  const duties = list.rows.filter((duty) => duty.object.id === entry.id);
  const retire = useMutation({
    mutationFn: (reason: string) => send("POST", `/register/${part(entry.id)}/retire`, { reason }),
    onSuccess: async () => {
      await Promise.all([["entry"], ["list", "/register"], ["duties"], ["list", "/duties"]].map((queryKey) => cache.invalidateQueries({ queryKey })));
      setDialog(undefined);
    },
  });
  return (
    <Page title={entry.name} tab={entry.name} note={<IdChip id={entry.id} label="entry id" />}
      actions={may("record:write") && !entry.retired ? <><Button onClick={() => setDialog("retire")} data-command="Retire the entry">Retire…</Button><Button kind="primary" onClick={() => setDialog("change")} data-command="Change the entry">Change…</Button></> : null}
      facts={<FactsLine facts={[
        { label: "Kind", value: <Go href={`/records/register?kind=${entry.kind}`}>{kind?.title ?? wordsOf(entry.kind)}</Go> }, { label: "System", value: entry.system || <span className="ink3">none</span> }, { label: "Site", value: entry.site || <span className="ink3">none</span> },
        { label: "Owner", value: entry.owner || <span className="ink3">nobody</span> }, { label: "Changed", value: <RelativeTime at={entry.changed} /> },
      ]} />}>
      {entry.retired ? <Notice>Retired <RelativeTime at={entry.retired} />: {entry.reason}. It owes nothing any more.</Notice> : null}
      <section className="section">
        <SectionHead title="Records owed about it" note={list.pending ? undefined : plural(duties.length, "kind")} />
        <ul>{duties.map((duty) => <li key={duty.kind} className="obligation"><span className="grow"><Go href={dutyHref(duty)} data-row>{duty.title}</Go>{duty.why ? <span className="small ink3"> {duty.why}</span> : null}</span><DutyMark state={duty.state} /></li>)}</ul>
        {!list.pending && duties.length === 0 ? <p className="ink2 pad">No kind of record is about {kind?.title.toLowerCase() ?? "it"} yet.</p> : null}
      </section>
      <section className="section"><SectionHead title="What is said of it" /><Form form={kind?.form ?? []} body={entry.facts ?? {}} faults={[]} readOnly onChange={() => undefined} /></section>
      {dialog === "change" ? <EntryForm kinds={kinds} kind={entry.kind} entry={entry} tag={tag} onClose={() => setDialog(undefined)} /> : null}
      {dialog === "retire" ? (
        <ConsequenceDialog title={`Retire ${entry.name}`} act="Retire entry" danger subtitle="This cannot be undone." pending={retire.isPending} trouble={retire.error ? trouble(retire.error, "The entry was not retired") : undefined} onClose={() => setDialog(undefined)} onAct={({ note }) => retire.mutate(note)}
          effects={[{ when: "At once", what: "No record is owed about it any more, and it is offered nowhere." }, { when: "Afterwards", what: "It stays readable with its records." }]} confirm={{ what: "its name", text: entry.name }} />
      ) : null}
    </Page>
  );
}
