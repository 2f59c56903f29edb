import type { Duty, DutyState } from "@/api/records";

/** dutyStates in the order in which they ask for somebody. */
export const dutyStates: readonly DutyState[] = ["altered", "expired", "missing", "waiting", "expiring", "current", "not-owed"];

/** dutyWords say a duty's state. */
export const dutyWords: Record<DutyState, string> = {
  altered: "Altered", expired: "Expired", missing: "Missing", waiting: "Waits for approval", expiring: "Ends soon", current: "In force", "not-owed": "Not owed",
};

/** tallied reads the counts of the duties' states out of the summary, wherever it keeps them. */
export function tallied(summary: Record<string, unknown>): Partial<Record<DutyState, number>> {
  const places = [summary["states"], summary["counts"], summary].filter((each): each is Record<string, unknown> => typeof each === "object" && each !== null);
  const nested = places.find((each) => dutyStates.some((state) => keyOf(state, each) !== undefined)) ?? {};
  return Object.fromEntries(dutyStates.flatMap((state) => { const n = keyOf(state, nested); return n === undefined ? [] : [[state, n]]; }));
}

function keyOf(state: DutyState, from: Record<string, unknown>): number | undefined {
  const value = from[state] ?? from[state.replace(/-(\w)/, (_, letter: string) => letter.toUpperCase())];
  return typeof value === "number" ? value : undefined;
}

/** owedNow counts what somebody must act on now: missing, expired, altered or waiting for an approver. */
export function owedNow(summary: Record<string, unknown>): number {
  const counts = tallied(summary);
  return (counts.missing ?? 0) + (counts.expired ?? 0) + (counts.altered ?? 0) + (counts.waiting ?? 0);
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
