import type { Checkpoint, Verification } from "@/api/types";
import { FactsLine } from "@/ui/parts/Parts";
import { hex, shorten } from "@/ui/parts/IdChip";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { StatusMark } from "@/ui/marks/StatusMark";
import type { Proven } from "./proofs";
import { VerdictWord } from "./Steps";

/** headline is the verdict in one sentence. A failed verification replaces it and says which entry. */
export function headline(log: Checkpoint | undefined, last: Verification | undefined, here: Proven | undefined, failed: boolean): { title: string; note?: string; broken: boolean } {
  if (last && !last.ok) return { title: `The log was altered at entry ${last.broken?.index.toLocaleString("en") ?? "unknown"}`, note: last.broken?.reason ?? "", broken: true };
  if (here?.verdict === "bad") return { title: "The checkpoint does not verify", note: "Keep an export and tell the auditor before anything is restarted.", broken: true };
  if (!log) return { title: "Audit log", broken: false };
  if (log.size === 0) return { title: "The log is empty so far", broken: false };
  if (failed || here?.verdict === "unknown") return { title: "Not verified here", note: "The signature could not be checked in this browser; run thingward audit verify.", broken: false };
  return { title: here ? `Nothing was altered, up to entry ${(log.size - 1).toLocaleString("en")}` : "Audit log", broken: false };
}

/** LogFacts are the facts that the verdict rests on. */
export function LogFacts({ log, last, here }: { log: Checkpoint | undefined; last: Verification | undefined; here: Proven | undefined }) {
  return (
    <FactsLine facts={[
      { label: "In this browser", value: here ? <VerdictWord proven={here} /> : <span className="ink3">checking</span> },
      { label: "Full verification", value: last?.checked ? <><StatusMark status={last.ok ? "pass" : "fail"} /> <span className="ink2">{last.checked.toLocaleString("en")} entries, <RelativeTime at={last.started} /></span></> : <span className="ink3">not run yet</span> },
      { label: "Checkpoint", value: log ? <>signed <RelativeTime at={log.time} /></> : "" },
      { label: "Root", value: log ? <span className="mono" title={log.root}>{shorten(hex(log.root))}</span> : "" },
      { label: "Waiting for a checkpoint", value: log ? `${log.pending.toLocaleString("en")} ${log.pending === 1 ? "entry" : "entries"}` : "" },
    ]} />
  );
}
