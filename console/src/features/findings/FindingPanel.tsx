import { Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { part, send } from "@/api/client";
import { finding, type FindingWhole, type Note } from "@/api/findings";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import { subjectHref } from "@/features/alerts/words";
import { RequestException } from "@/features/exceptions/RequestException";
import { PersonInput } from "@/features/people/PersonInput";
import { asSeverity, SeverityMark } from "@/ui/marks/SeverityMark";
import { Panel } from "@/ui/overlay/Panel";
import { Go } from "@/ui/parts/Go";
import { IdChip } from "@/ui/parts/IdChip";
import { DefinitionList, SectionHead } from "@/ui/parts/Parts";
import { CommandLine, ErrorState } from "@/ui/parts/States";
import { Act } from "@/ui/past/Act";
import { useAt } from "@/ui/past/past";
import { Due } from "@/ui/time/Due";
import { localDay, parse } from "@/ui/time/format";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { FindingState } from "./columns";

/** FindingPanel shows one finding: what was seen, what clears it, whose it is, what was noted. */
export function FindingPanel({ id, close }: { id: string; close: () => void }) {
  const at = useAt();
  const query = useQuery(finding(id, at));
  return (
    <Panel title="Finding" onClose={close}>
      {query.error ? <ErrorState trouble={trouble(query.error, at === undefined ? "The finding could not be read" : "The finding could not be shown as of then")} again={() => void query.refetch()} /> : null}
      {query.data ? <Shown finding={query.data} /> : null}
    </Panel>
  );
}

// Nobody closes a finding; these are the ways in which measuring does.
const closings: Record<string, string> = { pass: "the check passed", "not-applicable": "it no longer applies", gone: "the object is gone", "check-removed": "the check is no longer made" };

function Shown({ finding: f }: { finding: FindingWhole }) {
  const may = useMay();
  const now = useAt() === undefined;
  const [asking, setAsking] = useState(false);
  const href = subjectHref(f.subject);
  const name = f.subject.name || f.subject.id;
  return (
    <>
      <h3 className="finding-title">{f.title}</h3>
      <p className="ink2">{f.reason}</p>
      <DefinitionList facts={[
        { label: "State", value: <FindingState finding={f} /> },
        { label: "Severity", value: <SeverityMark severity={asSeverity(f.severity)} word /> },
        { label: "Object", value: href ? <Go href={href} className="mono">{name}</Go> : <span className="mono">{name}</span> },
        { label: "Control", value: <Go href={`/controls/${f.control}`} className="mono">{f.control}</Go> },
        { label: "Check", value: <span className="mono">{f.check}</span> },
        { label: "Opened", value: <RelativeTime at={f.opened} /> },
        ...(f.closed ? [{ label: "Closed", value: <><RelativeTime at={f.closed} />, {closings[f.closedBy ?? ""] ?? "by measurement"}</> }] : []),
        ...(f.exception ? [{ label: "Exception", value: <Go href={`/exceptions/${f.exception}`}>what excuses it</Go> }] : []),
        ...(f.former ? [{ label: "Came back", value: <Go href={`/findings/${f.former}`}>it was there before</Go> }] : []),
        { label: "Id", value: <IdChip id={f.id} label="finding id" /> },
      ]} />
      <section className="section">
        <SectionHead title="What clears it" />
        <p className="pad">{f.remedy || "It closes by itself when the check passes on this object again. Nobody can close it by hand."}</p>
        <CommandLine command={`thingward finding get ${f.id}`} />
      </section>
      <Owner key={`${f.owner} ${f.due}`} finding={f} />
      {may("exception:request") && f.state === "open" && now ? <div className="pad"><Act onClick={() => setAsking(true)} data-command="Request exception">Request exception…</Act></div> : null}
      <Notes finding={f} />
      {asking ? <RequestException control={f.control} check={f.check} subject={f.subject} onClose={() => setAsking(false)} /> : null}
    </>
  );
}

function useAgain(): () => Promise<unknown> {
  const cache = useQueryClient();
  return () => Promise.all([["findings"], ["list", "/findings"]].map((queryKey) => cache.invalidateQueries({ queryKey })));
}

function Owner({ finding: f }: { finding: FindingWhole }) {
  const may = useMay();
  const now = useAt() === undefined;
  const again = useAgain();
  const [owner, setOwner] = useState(f.owner ?? "");
  const [due, setDue] = useState(parse(f.due) === undefined ? "" : localDay(Date.parse(f.due ?? "")));
  const save = useMutation({
    mutationFn: () => send("PUT", `/findings/${part(f.id)}`, { owner: owner.trim(), ...(due ? { due: new Date(`${due}T23:59:59`).toISOString() } : {}) }),
    onSuccess: again,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <section className="section">
      <SectionHead title="Owner and clock"><span className="small"><Due at={f.due} done={f.state !== "open"} past="late by" /></span></SectionHead>
      {may("finding:write") && f.state !== "closed" && now ? (
        <form className="form pad" onSubmit={submit}>
          <div className="two">
            <PersonInput label="Owner" value={owner} onChange={setOwner} />
            <TextInput type="date" label="Due" value={due} onChange={(event) => setDue(event.currentTarget.value)} />
          </div>
          {save.error ? <ErrorState trouble={trouble(save.error, "Nothing was changed")} /> : null}
          <div><Act type="submit" disabled={save.isPending || owner.trim() === "" || (owner.trim() === (f.owner ?? "") && due === (parse(f.due) === undefined ? "" : localDay(Date.parse(f.due ?? ""))))}>{save.isPending ? "Saving…" : "Save owner and date"}</Act></div>
        </form>
      ) : <DefinitionList facts={[{ label: "Owner", value: f.owner || "nobody" }]} />}
    </section>
  );
}

function Notes({ finding: f }: { finding: FindingWhole }) {
  const may = useMay();
  const now = useAt() === undefined;
  const again = useAgain();
  const [text, setText] = useState("");
  const add = useMutation({ mutationFn: () => send<Note>("POST", `/findings/${part(f.id)}/notes`, { text: text.trim() }), onSuccess: async () => { setText(""); await again(); } });
  const notes = (f.log ?? []).toSorted((a, b) => b.at.localeCompare(a.at));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <section className="section">
      <SectionHead title="Notes" note={notes.length === 0 ? "none yet" : `${notes.length}, newest first`} />
      {may("finding:write") && now ? (
        <form className="form pad" onSubmit={submit}>
          <Textarea aria-label="Note" placeholder="What was found or done" autosize minRows={2} value={text} onChange={(event) => setText(event.currentTarget.value)} />
          {add.error ? <ErrorState trouble={trouble(add.error, "The note was not added")} /> : null}
          <div><Act type="submit" disabled={add.isPending || text.trim() === ""}>Add note</Act></div>
        </form>
      ) : null}
      <ul>{notes.map((note) => <li key={note.at + note.by} className="note"><p>{note.text}</p><p className="small ink3">{note.by}, <RelativeTime at={note.at} /></p></li>)}</ul>
    </section>
  );
}
