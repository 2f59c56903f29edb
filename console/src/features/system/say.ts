import type { SystemInfo } from "@/api/types";

/** bytes writes a size in the unit that reads best. */
export function bytes(n: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const step = n <= 0 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(n) / 3));
  return `${(n / 1000 ** step).toLocaleString("en", { maximumFractionDigits: step < 3 ? 0 : 1 })} ${units[step]}`;
}

/** settingLines writes what is set weaker than by default, whatever shape the server gives it. */
export function settingLines(settings: SystemInfo["settings"] | undefined): { name: string; text: string }[] {
  return (settings ?? []).map((each) => {
    if (typeof each === "string") return { name: each, text: "weaker than the default" };
    const value = each.value === undefined ? "" : `${String(each.value)}${each.default === undefined ? "" : `, default ${String(each.default)}`}`;
    return { name: each.name, text: [value, each.why].filter(Boolean).join(": ") };
  });
}
