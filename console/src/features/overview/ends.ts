import type { Expiry } from "@/api/findings";

/** End is something that ends soon: when, what, and where to act on it. */
export interface End { key: string; at: number; text: string; note: string; about?: string; href: string }

/** ends gathers expiries of the same control, check and day into one line, so that 168 devices are one line and not 168. */
export function ends(items: readonly Expiry[]): End[] {
  const groups = new Map<string, Expiry[]>();
  for (const item of items) {
    const key = [item.control, item.check ?? "", item.what, item.at.slice(0, 10)].join(" ");
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups].map(([key, group]) => {
    const first = group[0] as Expiry;
    const name = first.subject?.name || first.subject?.id || "";
    return {
      key, at: Math.min(...group.map((each) => Date.parse(each.at))), href: `/controls/${first.control}`,
      text: group.length === 1 ? first.title : `${first.title}, ${group.length.toLocaleString("en")} objects`,
      note: first.control, ...(group.length === 1 && name ? { about: name } : {}),
    };
  });
}
