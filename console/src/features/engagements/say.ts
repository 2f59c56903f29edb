import type { Engagement, EngagementScope, Request, Verdict } from "@/api/engagements";
import type { Status } from "@/ui/marks/status";
import { plural } from "@/features/records/say";

/** verdicts are what an auditor can conclude on a control, with the shape and word of each. */
export const verdicts: Record<Verdict, { word: string; status: Status }> = {
  met: { word: "Met", status: "pass" }, partly: { word: "Partly met", status: "stale" }, "not-met": { word: "Not met", status: "fail" }, "not-tested": { word: "Not tested", status: "not-assessed" },
};

/** stateWords say where an engagement stands. */
export const stateWords: Record<Engagement["state"], string> = { open: "Open", over: "Past its end, not signed", signed: "Signed" };

/** requestWords say whose turn a request is. */
export const requestWords: Record<Request["state"], string> = { asked: "Waits for an answer", answered: "Answered, waits for the auditor", returned: "Sent back, waits for an answer", accepted: "Accepted" };

/** headline says what an auditor needs, and whether it is answered. */
export function headline({ progress: p, state }: Pick<Engagement, "progress" | "state">): string {
  if (state === "signed") return `Signed: ${p.concluded} of ${p.controls} controls concluded`;
  const requests = p.requests === 0 ? "nothing is asked" : p.openRequests === 0 ? "every request is answered" : `${plural(p.openRequests, "request waits", "requests wait")} for an answer${p.overdueRequests > 0 ? `, ${p.overdueRequests} overdue` : ""}`;
  return `${p.concluded} of ${p.controls} controls concluded, ${requests}`;
}

/** scopeText says what is under audit. */
export function scopeText(scope: EngagementScope, controls: number): string {
  const parts = [...(scope.domains ?? []), ...(scope.controls ?? []), ...(scope.frameworks ?? [])];
  return parts.length === 0 ? `all ${controls} controls` : `${parts.slice(0, 6).join(", ")}${parts.length > 6 ? ` and ${parts.length - 6} more` : ""}: ${plural(controls, "control")}`;
}
