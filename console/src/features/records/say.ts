import type { Duty, DutyState, DutySummary } from "@/api/records";

/** dutyStates in the order in which they ask for somebody. */
export const dutyStates: readonly DutyState[] = ["altered", "expired", "missing", "waiting", "expiring", "current", "not-owed"];

/** dutyWords say a duty's state. */
export const dutyWords: Record<DutyState, string> = {
  altered: "Altered", expired: "Expired", missing: "Missing", waiting: "Waits for approval", expiring: "Ends soon", current: "In force", "not-owed": "Not owed",
};

/** owedNow counts what somebody must act on now: missing, expired, altered or waiting for an approver, and items past their date. */
export function owedNow({ counts, items }: Pick<DutySummary, "counts" | "items">): number {
  return (counts.missing ?? 0) + (counts.expired ?? 0) + (counts.altered ?? 0) + (counts.waiting ?? 0) + items.overdue;
}

/** headline says what is owed in one sentence, the worst first. */
export function headline({ counts }: Pick<DutySummary, "counts">): string {
  const owed = dutyStates.filter((state) => state !== "not-owed").reduce((sum, state) => sum + (counts[state] ?? 0), 0);
  if (owed === 0) return "Nobody owes a record";
  const parts = dutyStates.filter((state) => state !== "not-owed" && state !== "current" && (counts[state] ?? 0) > 0).map((state) => `${(counts[state] ?? 0).toLocaleString("en")} ${dutyWords[state].toLowerCase().replace("waits", counts[state] === 1 ? "waits" : "wait").replace("ends soon", counts[state] === 1 ? "ends soon" : "end soon")}`);
  return `${plural(owed, "record is", "records are")} owed, ${parts.length === 0 ? "each is in force" : parts.join(", ")}`;
}

/** plural writes a count with its noun. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
}

/** wordsOf writes a kebab-case name as words. */
export function wordsOf(name: string): string {
  return (name.charAt(0).toUpperCase() + name.slice(1)).replaceAll("-", " ");
}

/** dutyHref leads to the record that a duty has, or to its kind where one can be begun. */
export function dutyHref(duty: Duty): string {
  return duty.record ? `/records/${duty.kind}/${duty.record.id}` : `/records/${duty.kind}?object=${encodeURIComponent(duty.object.id)}`;
}
