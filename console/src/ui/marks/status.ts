/** Status is one of the seven words that every judgement in the console uses. */
export type Status = "pass" | "fail" | "stale" | "unknown" | "not-assessed" | "not-applicable" | "excepted";

/** worstFirst is the order of the roll-up; what is not applicable never decides it. */
export const worstFirst: readonly Status[] = ["fail", "unknown", "stale", "not-assessed", "excepted", "pass", "not-applicable"];

/** barOrder is the order in which a bar of all statuses is drawn: from good to missing. */
export const barOrder: readonly Status[] = ["pass", "excepted", "fail", "stale", "unknown", "not-assessed"];

/** Counts says how many objects stand at each status. */
export type Counts = Partial<Record<Status, number>>;

/** asStatus reads a status from the API; a word we do not know is shown as unknown, never as pass. */
export function asStatus(value: string | undefined | null): Status {
  return worstFirst.includes(value as Status) ? (value as Status) : "unknown";
}

/** worst returns the status that decides a group, or not-assessed when the group is empty. */
export function worst(counts: Counts): Status {
  return worstFirst.find((status) => (counts[status] ?? 0) > 0) ?? "not-assessed";
}

/** colour is the CSS variable of a status. */
export function colour(status: Status): string {
  return status === "not-assessed" || status === "not-applicable" ? "var(--none)" : `var(--${status})`;
}

/** wordColour is the colour of a status's word; the dashed ones speak in caption ink. */
export function wordColour(status: Status): string {
  if (status === "pass") return "var(--ink2)";
  return status === "not-assessed" || status === "not-applicable" ? "var(--ink3)" : colour(status);
}
