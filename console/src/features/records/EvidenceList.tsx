import { TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { part, query, send } from "@/api/client";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import type { Evidence, RecordKind, RecordWhole } from "@/api/records";
import { sha256, upload, type Sending } from "@/api/upload";
import { FilePick, Sent, sizeText } from "@/ui/form/FilePick";
import { StatusMark } from "@/ui/marks/StatusMark";
import { Button } from "@/ui/parts/Button";
import { Icon } from "@/ui/parts/Icon";
import { IdChip } from "@/ui/parts/IdChip";
import { DefinitionList, Notice, SectionHead } from "@/ui/parts/Parts";
import { ErrorState } from "@/ui/parts/States";
import { RelativeTime } from "@/ui/time/RelativeTime";

const most = 25 * 1024 * 1024;

/** EvidenceList shows files and links with their hashes, and adds some to a draft; the hash computed here is compared with what the server stored. */
export function EvidenceList({ record, kind }: { record: RecordWhole; kind: RecordKind }) {
  const may = useMay();
  const cache = useQueryClient();
  const [sending, setSending] = useState<Sending & { name: string }>();
  const [differs, setDiffers] = useState<string>();
  const open = (record.state === "draft" || record.state === "rejected") && may("record:write");
  const again = () => cache.invalidateQueries({ queryKey: ["record", record.id] });
  const add = useMutation({
    mutationFn: async (file: File) => {
      if (file.size > most) throw new Error(`${file.name} has ${sizeText(file.size)}; a file may have 25 MB. Split it, or add a link.`);
      setSending({ name: file.name, done: 0, total: file.size });
      const [hash, kept] = await Promise.all([sha256(file), upload<Evidence>(query(`/records/${part(record.id)}/evidence`, { name: file.name, media: file.type || undefined }), file, "application/octet-stream", (now) => setSending({ name: file.name, ...now }))]);
      const stored = kept.sha256;
      setDiffers(stored && stored.toLowerCase() !== hash ? file.name : undefined);
      return kept;
    },
    onSettled: () => setSending(undefined),
    onSuccess: again,
  });
  const drop = useMutation({ mutationFn: (id: string) => send("DELETE", `/records/${part(record.id)}/evidence/${part(id)}`), onSuccess: again });
  const list = record.evidence ?? [];
  const least = kind.files?.least ?? 0;
  const error = add.error ?? drop.error;
  return (
    <section className="section evidence">
      <SectionHead title="Evidence" note={list.length === 0 ? (least > 0 ? `at least ${least} needed` : "none") : `${list.length}${least > list.length ? ` of at least ${least}` : ""}`} />
      {kind.files?.what ? <p className="small ink2 pad">Must show {kind.files.what}.</p> : null}
      <ul>{list.map((each) => <Row key={each.id} evidence={each} record={record.id} remove={open ? () => drop.mutate(each.id) : undefined} />)}</ul>
      {differs ? <Notice tone="fail">{differs}: what the server stored has another hash than the file here. Remove it and add it again.</Notice> : null}
      {error ? <ErrorState trouble={trouble(error, "The evidence was not changed")} /> : null}
      {sending ? <Sent {...sending} /> : null}
      {open ? <><div className="pad"><FilePick label="Add a file" most="25 MB" disabled={add.isPending} onPick={(file) => add.mutate(file)} /></div><AddLink record={record.id} done={again} /></> : null}
    </section>
  );
}

function Row({ evidence: e, record, remove }: { evidence: Evidence; record: string; remove: (() => void) | undefined }) {
  return (
    <li>
      <div className="row">
        <Icon name={e.link ? "link" : "file"} size={14} />
        <span className="grow">{e.link ? <a href={e.link} target="_blank" rel="noreferrer noopener">{e.name || e.link}</a> : <a href={`/api/v1/records/${part(record)}/evidence/${part(e.id)}`} download={e.name}>{e.name}</a>}</span>
        {remove ? <Button kind="quiet" aria-label={`Remove ${e.name || e.link}`} icon={<Icon name="close" size={12} />} onClick={remove} /> : null}
      </div>
      <div className="small ink3 row wrap">{e.size ? sizeText(e.size) : "link"}, {e.by}, <RelativeTime at={e.added} />{e.sha256 ? <span className="row">SHA-256 <IdChip id={e.sha256} label="hash" /></span> : <StatusMark status="unknown" />}</div>
      {(e.read ?? []).length > 0 ? (
        <div className="evidence-read">
          <p className="small ink3">Read from the file by the server</p>
          <DefinitionList facts={(e.read ?? []).map((fact) => ({ label: fact.label, value: fact.value }))} />
        </div>
      ) : null}
    </li>
  );
}

function AddLink({ record, done }: { record: string; done: () => void }) {
  const [link, setLink] = useState("");
  const add = useMutation({ mutationFn: () => send<Evidence>("POST", `/records/${part(record)}/evidence`, { link: link.trim() }), onSuccess: () => { setLink(""); done(); } });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <form className="row" onSubmit={submit}>
      <TextInput type="url" aria-label="Link to evidence" placeholder="https://… a link; the server does not fetch it" className="grow" value={link} onChange={(event) => setLink(event.currentTarget.value)} />
      <Button type="submit" disabled={add.isPending || link.trim() === ""}>Add link</Button>
      {add.error ? <ErrorState trouble={trouble(add.error, "The link was not added")} /> : null}
    </form>
  );
}
