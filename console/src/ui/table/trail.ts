// The list one came from: which rows, in which order, so that [ and ] on a detail page lead to the neighbours.
const key = "thingward-trail";

export interface Trail { list: string; rows: string[] }

/** keepTrail remembers the rows of a list when one of them is opened. */
export function keepTrail(list: string, rows: readonly string[]): void {
  try {
    sessionStorage.setItem(key, JSON.stringify({ list, rows: rows.slice(0, 1000) }));
  } catch {
    // Without storage there is no way to the neighbours, nothing else is lost.
  }
}

/** readTrail tells where `path` stands in the list that one came from. */
export function readTrail(path: string): { trail: Trail; index: number } | undefined {
  try {
    const trail = JSON.parse(sessionStorage.getItem(key) ?? "null") as Trail | null;
    const index = trail?.rows.findIndex((row) => row.split("?")[0] === path) ?? -1;
    return trail && index >= 0 ? { trail, index } : undefined;
  } catch {
    return undefined;
  }
}
