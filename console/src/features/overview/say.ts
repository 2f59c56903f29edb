import type { Posture } from "@/api/types";
import { span } from "@/ui/time/format";

/** numberWord writes small numbers as words, as sentences do. */
export function numberWord(n: number): string {
  return ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"][n] ?? n.toLocaleString("en");
}

/** headline answers "are we all right, and what changed?" in one sentence. */
export function headline(posture: Posture, now: number, day = "today"): { title: string; note: string } {
  const fails = posture.counts.fail ?? 0;
  const fresh = (posture.changed ?? []).filter((change) => change.after === "fail" && now - Date.parse(change.at) < 86_400_000);
  const first = fresh.filter((change, i) => fresh.findIndex((each) => each.control === change.control) === i);
  const note = first.slice(0, 2).map((change) => `${change.control}: ${change.reason || "fails"}, ${span(now - Date.parse(change.at))} ago`).join(". ");
  if (posture.score.measured === 0) return { title: "Nothing is measured yet", note: "Insufficient data: connect a device, and the first checks run." };
  if (fails === 0) return { title: open(posture), note };
  const subject = `${fails.toLocaleString("en")} ${fails === 1 ? "control fails" : "controls fail"}`;
  return { title: `${subject}, ${first.length === 0 ? "none new" : `${numberWord(first.length)} new`} ${day}`, note };
}

// Nothing failing is not the same as all being well: what is not known stands in the same sentence.
function open({ counts }: Posture): string {
  const rest = (counts.unknown ?? 0) + (counts.stale ?? 0) + (counts["not-assessed"] ?? 0);
  if (rest === 0) return "All controls pass";
  return `No control fails; ${rest.toLocaleString("en")} ${rest === 1 ? "is" : "are"} not known to pass`;
}

/** percent writes a share with one decimal, and never rounds a failure away: 99.97 says 99.9. */
export function percent(value: number): string {
  return (Math.floor(value * 10 + 1e-9) / 10).toFixed(1);
}
