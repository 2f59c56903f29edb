import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import * as q from "@/api/queries";
import type { Control } from "@/api/types";
import { InclusionPath } from "@/features/audit/InclusionPath";
import { proveEntry } from "@/features/audit/proofs";
import { Steps, VerdictWord } from "@/features/audit/Steps";
import { Button } from "@/ui/parts/Button";
import { Go } from "@/ui/parts/Go";
import { hex, IdChip } from "@/ui/parts/IdChip";
import { DefinitionList, SectionHead } from "@/ui/parts/Parts";
import { CommandLine, ErrorState } from "@/ui/parts/States";
import { useAt } from "@/ui/past/past";
import "@/features/audit/audit.css";

/** ControlProof names the log entry that recorded the control's status, and verifies it in this browser when asked. */
export function ControlProof({ control }: { control: Control }) {
  const past = useAt();
  const may = useMay();
  const [start] = useState(() => new Date().toISOString());
  // The newest change decides which entry proves the status; asking as of the page's own time keeps the answer still.
  const at = past ?? (control.since && control.since > start ? control.since : start);
  const log = useQuery({ ...q.checkpoint, enabled: may("audit:verify") });
  const proof = useQuery({ ...q.postureProof(at), enabled: may("audit:verify") });
  const entry = proof.data?.entries?.find((each) => each.control === control.id);
  const [asked, setAsked] = useState(false);
  const size = log.data?.size ?? 0;
  const path = useQuery({ ...q.proof(entry?.index ?? -1, size), enabled: asked && entry !== undefined && entry.index < size });
  const proven = useQuery({
    queryKey: ["proven", "control", entry?.index, path.data?.size], enabled: path.data !== undefined && log.data !== undefined, retry: false, staleTime: Infinity,
    queryFn: () => (path.data && log.data ? proveEntry(path.data, log.data, path.data.body) : Promise.reject(new Error("there is no proof yet"))),
  });
  const error = path.error ?? proven.error ?? proof.error;
  return (
    <section className="section">
      <SectionHead title="Proof">{proven.data ? <VerdictWord proven={proven.data} /> : null}</SectionHead>
      {error ? <ErrorState trouble={trouble(error, "The proof could not be checked")} /> : null}
      {proof.data && !entry ? <p className="small ink2 pad">The log records a control when its status first changes. This one never did: it is not assessed.</p> : null}
      {entry ? (
        <>
          {path.data ? <InclusionPath index={entry.index} size={path.data.size} hashes={(path.data.hashes ?? []).length} good={proven.data?.verdict} /> : null}
          <DefinitionList facts={[
            { label: "Recorded in", value: <Go href={`/audit/${entry.index}`}>entry {entry.index.toLocaleString("en")}</Go> },
            { label: "Leaf hash", value: <IdChip id={hex(entry.leafHash)} label="leaf hash" /> },
            ...(proof.data?.checkpoint ? [{ label: "Checkpoint", value: `${proof.data.checkpoint.size.toLocaleString("en")} entries` }, { label: "Root", value: <IdChip id={hex(proof.data.checkpoint.root)} label="root" /> }] : []),
          ]} />
          {proven.data ? <Steps proven={proven.data} /> : <div className="pad"><Button disabled={asked || entry.index >= size} onClick={() => setAsked(true)} data-command="Verify the proof">{asked ? "Verifying…" : "Verify here"}</Button></div>}
          <CommandLine command={`thingward audit proof ${entry.index}`} />
        </>
      ) : null}
    </section>
  );
}
