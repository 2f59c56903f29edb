import type { Status } from "@/ui/marks/status";

/** fill is how a status is painted in a bar: solid, striped, dotted or an outline, so that it survives without colour. */
export function fill(status: Status): string {
  if (status === "pass") return "var(--pass-quiet)";
  if (status === "fail") return "var(--fail)";
  return status === "not-assessed" || status === "not-applicable" ? "none" : `url(#fill-${status})`;
}
