import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { trouble } from "@/api/problem";
import type { LogEntry } from "@/api/types";
import { checkpoint, entry, proof } from "@/api/queries";
import { useMay } from "@/api/may";
import { DataList, PartyLink } from "@/features/events/EventPanel";
import { summary } from "@/features/events/summary";
import { Panel } from "@/ui/overlay/Panel";
import { Button } from "@/ui/parts/Button";
import { Icon } from "@/ui/parts/Icon";
import { hex, IdChip } from "@/ui/parts/IdChip";
import { DefinitionList, SectionHead } from "@/ui/parts/Parts";
import { CommandLine, ErrorState } from "@/ui/parts/States";
import { utcFull } from "@/ui/time/format";
import { proveEntry } from "./proofs";
import { Steps, VerdictWord } from "./Steps";

type Props = { index: number; close: () => void; step: (by: number) => string | undefined };

/** EntryPanel shows one entry and verifies it here: hash, place in the tree, signature, history. */
export function EntryPanel({ index, close, step }: Props) {
  const may = useMay();
  const router = useRouter();
  const { data: log } = useQuery(checkpoint);
  const read = useQuery({ ...entry(index), enabled: may("audit:read") });
  const sealed = log !== undefined && index < log.size;
  const path = useQuery({ ...proof(index, log?.size ?? 0), enabled: sealed });
  const body = read.data?.body ?? path.data?.body;
  const proven = useQuery({
    queryKey: ["proven", index, path.data?.size, body === undefined], enabled: path.data !== undefined && log !== undefined && (!may("audit:read") || body !== undefined), retry: false,
    queryFn: () => (path.data && log ? proveEntry(path.data, log, body) : Promise.reject(new Error("there is no proof yet"))),
  });
  const go = (by: number) => () => { const href = step(by); if (href) void router.navigate({ href, replace: true }); };
  return (
    <Panel title={`Entry ${index.toLocaleString("en")}`} onClose={close}
      actions={<>
        <Button kind="quiet" aria-label="Newer entry" data-trail="previous" disabled={step(-1) === undefined} onClick={go(-1)} icon={<Icon name="up" />} />
        <Button kind="quiet" aria-label="Older entry" data-trail="next" disabled={step(1) === undefined} onClick={go(1)} icon={<Icon name="down" />} />
      </>}>
      {read.error ? <ErrorState trouble={trouble(read.error, "The entry could not be read")} /> : null}
      {read.data ? <Read entry={read.data} /> : null}
      {!may("audit:read") ? <p className="ink2 pad">Only auditors read entries. That this one stands unaltered in the log is proved below without reading it.</p> : null}
      <section className="section">
        <SectionHead title="Proof">{proven.data ? <VerdictWord proven={proven.data} /> : null}</SectionHead>
        {!sealed && log ? <p className="small ink2 pad">Not yet sealed: the next checkpoint takes it in, usually within a second.</p> : null}
        {path.error ? <ErrorState trouble={trouble(path.error, "The proof could not be read")} again={() => void path.refetch()} /> : null}
        {proven.error ? <ErrorState trouble={trouble(proven.error, "The proof could not be checked")} /> : null}
        {proven.data ? <Steps proven={proven.data} /> : null}
        {proven.data?.verdict === "bad" ? <Keep index={index} /> : null}
        <CommandLine command={`thingward audit proof ${index}`} />
        <p className="small ink3 pad">Checked in your browser against the log's public key. The same check runs offline on an export.</p>
      </section>
    </Panel>
  );
}

function Read({ entry: { event, leafHash, broken, index } }: { entry: LogEntry }) {
  if (!event) return <ErrorState trouble={{ title: `Entry ${index.toLocaleString("en")} is not shown`, detail: broken ?? "It does not verify." }} />;
  return (
    <>
      <p>{summary(event)}.</p>
      <DefinitionList facts={[
        { label: "Time", value: utcFull(Date.parse(event.time)) },
        { label: "Actor", value: <PartyLink party={event.initiator} /> },
        { label: "Object", value: <PartyLink party={event.receiver} /> },
        { label: "Action", value: <code>{event.type}</code> },
        { label: "Event id", value: <IdChip id={event.id} label="event id" /> },
        { label: "Leaf hash", value: <IdChip id={hex(leafHash)} label="leaf hash" /> },
      ]} />
      <section className="section"><SectionHead title="Data" /><DataList data={event.data} /></section>
    </>
  );
}

/** Keep tells what to keep when a verification failed: the evidence is what was received, not what is shown later. */
function Keep({ index }: { index: number }) {
  return (
    <ErrorState trouble={{
      title: `Entry ${index.toLocaleString("en")} does not verify`,
      detail: "What the server sent does not match the signed log. It may have been altered, or the server that answered is not the one that keeps the log.",
      remedy: "Keep an export of the log and the newest checkpoint on another machine now, and tell the auditor. Do not restart the server before.",
    }} />
  );
}
