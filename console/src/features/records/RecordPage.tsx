import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { getTagged, part, type Tagged } from "@/api/client";
import { trouble } from "@/api/problem";
import { recordKind, type RecordKind, type RecordWhole } from "@/api/records";
import { Go } from "@/ui/parts/Go";
import { hex, IdChip } from "@/ui/parts/IdChip";
import { Page } from "@/ui/parts/Page";
import { FactsLine, Notice } from "@/ui/parts/Parts";
import { ErrorState } from "@/ui/parts/States";
import { Due } from "@/ui/time/Due";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { subjectHref } from "@/features/alerts/words";
import { RecordMark } from "./DutyMark";
import { Editor } from "./Editor";
import { RecordActs } from "./RecordActs";
import { RecordRail } from "./RecordRail";
import { wordsOf } from "./say";
import "./records.css";

/** RecordPage shows one version of a record: its form, its evidence, who wrote and approved it, and how long it counts. */
export default function RecordPage() {
  const { kind = "", id = "" } = useParams({ strict: false });
  const record = useQuery({ queryKey: ["record", id], queryFn: () => getTagged<RecordWhole>(`/records/${part(id)}`) });
  const about = useQuery(recordKind(kind));
  const error = record.error ?? about.error;
  if (error) return <Page title="Record" tab="Record"><ErrorState trouble={trouble(error, "The record could not be read")} again={() => { void record.refetch(); void about.refetch(); }} /></Page>;
  return record.data && about.data ? <Shown key={id} tagged={record.data} kind={about.data} /> : null;
}

function Shown({ tagged, kind }: { tagged: Tagged<RecordWhole>; kind: RecordKind }) {
  const record = tagged.value;
  return (
    <Page title={<>{kind.title}<span className="ink3"> {record.object.kind === "organisation" ? "" : record.object.name}</span></>} tab={kind.title} note={`Version ${record.version}`} facts={<Facts record={record} />} actions={<RecordActs tagged={tagged} kind={kind} />} rail={<RecordRail record={record} kind={kind} />}>
      {record.altered ? <Notice tone="fail">What is stored is not what was approved: {record.altered}. It counts no longer. Find out who changed the database, withdraw it, and begin a new version.</Notice> : null}
      {record.state === "rejected" ? <Notice tone="fail">Rejected: {record.reason}. Put it right and submit it again.</Notice> : null}
      {record.state === "withdrawn" ? <Notice>Withdrawn: {record.reason}</Notice> : null}
      {record.state === "superseded" ? <Notice>A newer version is in force. This one stays as it was approved.</Notice> : null}
      {record.state === "approved" && record.expired ? <Notice tone="fail">It ended and counts no longer. Begin a new version.</Notice> : null}
      <Editor key={record.changed} tagged={tagged} kind={kind} />
    </Page>
  );
}

function Facts({ record }: { record: RecordWhole }) {
  const href = subjectHref(record.object);
  return (
    <FactsLine facts={[
      { label: "State", value: <RecordMark state={record.state} altered={record.altered} /> },
      { label: record.object.kind === "organisation" ? "About" : wordsOf(record.object.kind), value: href ? <Go href={href}>{record.object.name}</Go> : record.object.name },
      { label: "Owner", value: record.owner || <span className="ink3">nobody</span> },
      ...(record.author ? [{ label: "Submitted by", value: record.author }] : []),
      ...(record.approver ? [{ label: "Approved by", value: <>{record.approver}, <RelativeTime at={record.effective} /></> }] : []),
      ...(record.performed ? [{ label: "Work done", value: <RelativeTime at={record.performed} /> }] : []),
      ...(record.expires ? [{ label: "Counts until", value: <Due at={record.expires} past="ended since" done={record.state !== "approved"} /> }] : record.ends?.expires ? [{ label: "Would count until", value: <Due at={record.ends.expires} done /> }] : []),
      ...(record.digest ? [{ label: "Digest, in the log", value: <IdChip id={hex(record.digest)} label="digest" /> }] : []),
    ]} />
  );
}
