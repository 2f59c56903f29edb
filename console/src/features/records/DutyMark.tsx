import { ProofBadge } from "@/ui/marks/Marks";
import { StatusGlyph } from "@/ui/marks/StatusMark";
import type { Status } from "@/ui/marks/status";
import type { DutyState, RecordState } from "@/api/records";
import { dutyWords } from "./say";

const glyphs: Record<Exclude<DutyState, "altered">, Status> = { expired: "fail", missing: "fail", waiting: "unknown", expiring: "stale", current: "pass", "not-owed": "not-applicable" };

/** DutyMark is the shape and word of what is owed; a record that was altered shows the broken shield. */
export function DutyMark({ state, note }: { state: DutyState; note?: string }) {
  if (state === "altered") return <ProofBadge proof="broken" text={dutyWords.altered} />;
  const loud = state === "expired" || state === "missing";
  return <span className="mark"><StatusGlyph status={glyphs[state] ?? "unknown"} /><span className={loud ? "fail" : state === "expiring" ? "stale" : "ink2"}>{dutyWords[state] ?? state}{note ? `, ${note}` : ""}</span></span>;
}

const states: Record<RecordState, { word: string; status: Status }> = {
  draft: { word: "Draft", status: "not-assessed" }, submitted: { word: "Waits for approval", status: "unknown" }, approved: { word: "Approved", status: "pass" },
  rejected: { word: "Rejected", status: "fail" }, superseded: { word: "Superseded", status: "not-applicable" }, withdrawn: { word: "Withdrawn", status: "not-applicable" },
};

/** RecordMark is the shape and word of a record's state. */
export function RecordMark({ state, altered }: { state: RecordState; altered?: string | undefined }) {
  if (altered) return <ProofBadge proof="broken" text="Altered" />;
  const { word, status } = states[state] ?? { word: state, status: "unknown" };
  return <span className="mark"><StatusGlyph status={status} /><span className={state === "rejected" ? "fail" : "ink2"}>{word}</span></span>;
}

/** recordWord says a record's state. */
export function recordWord(state: RecordState): string {
  return states[state]?.word ?? state;
}
