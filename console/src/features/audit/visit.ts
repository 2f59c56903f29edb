const key = "thingward-log-visit";

/** Visit is what this browser saw of the log last: its key, its size and its root. A log that was rewritten cannot match it. */
export interface Visit { publicKey: string; size: number; root: string }

/** lastVisit reads what was seen last, or nothing. */
export function lastVisit(): Visit | undefined {
  try {
    const visit = JSON.parse(localStorage.getItem(key) ?? "null") as Visit | null;
    return visit && typeof visit.size === "number" && typeof visit.root === "string" ? visit : undefined;
  } catch {
    return undefined;
  }
}

/** keepVisit remembers a checkpoint that was verified here. */
export function keepVisit(visit: Visit): void {
  try {
    localStorage.setItem(key, JSON.stringify(visit));
  } catch {
    // Without storage the next visit cannot be compared with this one; the page says so.
  }
}
