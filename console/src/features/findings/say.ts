import type { FindingSummary } from "@/api/findings";
import type { Field } from "@/ui/table/filter";

/** fields are what findings can be filtered by, in the address. */
export const fields: readonly Field[] = [
  { name: "severity", label: "Severity", values: ["critical", "high", "medium", "low"] }, { name: "owner", label: "Owner", values: ["none"] }, { name: "overdue", label: "Overdue", values: ["true"] },
  { name: "domain", label: "Domain" }, { name: "control", label: "Control" }, { name: "check", label: "Check" }, { name: "subject", label: "Object" },
];

/** headline says what is owed in one sentence. */
export function headline({ open, overdue, unowned }: FindingSummary): string {
  if (open === 0) return "Nothing fails";
  const parts = [overdue === 0 ? "none overdue" : `${overdue.toLocaleString("en")} overdue`, unowned === 0 ? "each has an owner" : `${unowned.toLocaleString("en")} without an owner`];
  return `${open.toLocaleString("en")} ${open === 1 ? "finding is" : "findings are"} open, ${parts.join(", ")}`;
}

/** share is the part of a bar in percent, never rounded to nothing while there is something. */
export function share(part: number, most: number): number {
  return part === 0 ? 0 : Math.max(2, (100 * part) / Math.max(1, most));
}
