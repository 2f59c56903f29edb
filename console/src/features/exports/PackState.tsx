import type { ExportOrder, ExportPack } from "@/api/engagements";
import { StatusGlyph } from "@/ui/marks/StatusMark";
import type { Status } from "@/ui/marks/status";

const states: Record<ExportPack["state"], { word: string; status: Status }> = {
  queued: { word: "Waits", status: "not-assessed" }, running: { word: "In work", status: "stale" }, done: { word: "Ready", status: "pass" }, failed: { word: "Failed", status: "fail" }, gone: { word: "Removed since", status: "not-applicable" },
};

/** percentDone says how far a pack is, and never that it is done before it is. */
export function percentDone({ progress }: Pick<ExportPack, "progress">): number {
  return progress.total === 0 ? 0 : Math.min(99, Math.floor((100 * progress.done) / progress.total));
}

/** PackState is the shape and word of where a pack stands. */
export function PackState({ pack }: { pack: ExportPack }) {
  const { word, status } = states[pack.state];
  return <span className="mark"><StatusGlyph status={status} /><span className={pack.state === "failed" ? "fail" : "ink2"}>{word}{pack.state === "running" ? `, ${percentDone(pack)} %` : ""}</span></span>;
}

/** scopeText says what a pack holds. */
export function scopeText({ scope }: ExportOrder): string {
  const parts = [...(scope?.domains ?? []), ...(scope?.controls ?? []), ...(scope?.framework ? [scope.framework] : []), ...(scope?.system ? [`system ${scope.system}`] : [])];
  return parts.length === 0 ? "everything" : parts.slice(0, 8).join(", ");
}
