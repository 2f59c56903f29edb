import type { Exception, ExceptionState, Scope, Subject } from "@/api/findings";
import type { Status } from "@/ui/marks/status";

/** stateWords say where an exception is in its life. */
export const stateWords: Record<ExceptionState, string> = { requested: "Waits for a decision", approved: "In force", refused: "Refused", withdrawn: "Withdrawn", ended: "Ended" };

/** markOf is the shape of an exception's state: only one in force excuses anything. */
export function markOf(state: ExceptionState): Status {
  return state === "approved" ? "excepted" : state === "requested" ? "not-assessed" : "not-applicable";
}

/** scopeText says what an exception covers, from the narrowest to the whole control. */
export function scopeText(exception: Pick<Exception, "subject" | "scope" | "check" | "control">): string {
  const { subject, scope } = exception;
  if (subject?.id) return subjectText(subject);
  const parts = scopeParts(scope);
  return parts.length > 0 ? parts.join(", ") : exception.check ? "every object of the check" : `everything under ${exception.control}`;
}

function subjectText(subject: Subject): string {
  return subject.name || subject.id;
}

function scopeParts(scope: Scope | undefined): string[] {
  return (["type", "site", "system"] as const).flatMap((key) => (scope?.[key] ? [`${key} ${scope[key]}`] : []));
}

/** measured says what the test finds meanwhile: an exception never stops the measuring. */
export function measured(exception: Pick<Exception, "covers" | "stillFailing">): string {
  if (exception.covers === 0) return "still tested; it covers nothing that fails";
  if (exception.stillFailing === 0) return `still tested; all ${exception.covers.toLocaleString("en")} pass now`;
  return `still tested; ${exception.stillFailing.toLocaleString("en")} of ${exception.covers.toLocaleString("en")} would fail`;
}
