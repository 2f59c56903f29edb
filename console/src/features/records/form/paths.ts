import type { Body, Fault, FormField } from "@/api/records";

/** faultsAt picks the faults of one field, by its path; `within` also takes those of what lies in it. */
export function faultsAt(faults: readonly Fault[], path: string, within = false): Fault[] {
  return faults.filter((fault) => fault.path === path || fault.path === `body.${path}` || (within && (fault.path.startsWith(`${path}[`) || fault.path.startsWith(`${path}.`))));
}

/** fieldId is the id of the control that a path leads to, so that a fault can be jumped to. */
export function fieldId(path: string): string {
  return `field-${path.replaceAll(/[^A-Za-z0-9]+/g, "-").replaceAll(/^-|-$/g, "")}`;
}

/** nearest is the path of the deepest field of the form that a fault lies in. */
export function nearest(form: readonly FormField[], fault: string): string {
  const path = fault.replace(/^body\./, "");
  const [, name = "", index, column] = /^([A-Za-z0-9]+)(?:\[(\d+)\](?:\.([A-Za-z0-9]+))?)?/.exec(path) ?? [];
  const field = form.find((each) => each.name === name);
  if (!field) return path;
  return field.fields?.some((each) => each.name === column) ? `${name}[${index}].${column}` : name;
}

/** titleOf says where a fault is in words: "Practices, row 4, Score". */
export function titleOf(form: readonly FormField[], fault: string): string {
  const path = fault.replace(/^body\./, "");
  const [, name = "", index, column] = /^([A-Za-z0-9]+)(?:\[(\d+)\](?:\.([A-Za-z0-9]+))?)?/.exec(path) ?? [];
  const field = form.find((each) => each.name === name);
  if (!field) return path.charAt(0).toUpperCase() + path.slice(1);
  const inner = field.fields?.find((each) => each.name === column)?.title;
  return [field.title, index === undefined ? "" : `row ${Number(index) + 1}`, inner ?? ""].filter(Boolean).join(", ");
}

/** missing lists the rows or options that a field must have and lacks. */
export function missing(field: FormField, value: unknown): string[] {
  const have = new Set(field.type === "rows" ? rowsOf(value).map((row) => String(row[field.fields?.[0]?.name ?? ""] ?? "")) : namesOf(value));
  return (field.covers ?? []).filter((each) => !have.has(each));
}

/** rowsOf and namesOf read lists out of a form that may not be filled yet. */
export function rowsOf(value: unknown): Body[] {
  return Array.isArray(value) ? value.filter((row): row is Body => typeof row === "object" && row !== null) : [];
}

export function namesOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** tidy leaves out what is empty, so that an empty box and a missing one are the same. */
export function tidy(body: Body): Body {
  const kept = Object.entries(body).map(([key, value]): [string, unknown] => [key, Array.isArray(value) ? value.map((each) => (typeof each === "object" && each !== null ? tidy(each as Body) : each)) : value]);
  return Object.fromEntries(kept.filter(([, value]) => value !== "" && value !== undefined && value !== null));
}

/** bounds says in words what a field asks for: "at least 3 rows", "1 to 5". */
export function bounds(field: FormField): string {
  const { least, most, type } = field;
  const unit = { text: " characters", prose: " characters", rows: " rows", many: " choices", refs: " entries" }[type as string] ?? "";
  if (least && most) return `${least} to ${most}${unit}`;
  if (most && type === "number") return `at most ${most}`;
  return least && (type === "number" || least > 1) ? `at least ${least}${unit}` : "";
}
