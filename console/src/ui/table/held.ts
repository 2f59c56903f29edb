import { useEffect, useRef, useState, type RefObject } from "react";

/** Held is a list whose order stays still: newest values, old order, and how many rows wait. */
export interface Held<T> { rows: readonly T[]; newer: number; gone: ReadonlySet<string>; show: () => void }

/** settle merges fresh rows into the order shown: known rows take new values, missing ones stay, new ones wait. */
export function settle<T>(shown: readonly T[], fresh: readonly T[], keyOf: (row: T) => string): { rows: T[]; newer: number; gone: Set<string> } {
  const latest = new Map(fresh.map((row) => [keyOf(row), row]));
  const known = new Set(shown.map(keyOf));
  const gone = new Set([...known].filter((key) => !latest.has(key)));
  const rows = shown.map((row) => latest.get(keyOf(row)) ?? row);
  return { rows, newer: fresh.filter((row) => !known.has(keyOf(row))).length, gone };
}

/** useHeld freezes the order of a list while pointer, focus or selection is in it, or the page is scrolled. */
export function useHeld<T>(fresh: readonly T[], keyOf: (row: T) => string, box: RefObject<HTMLElement | null>, scope: string, selected: boolean): Held<T> {
  const [shown, setShown] = useState({ scope, rows: fresh });
  const over = useRef(false);
  useEffect(() => {
    const node = box.current;
    if (!node) return undefined;
    const enter = () => { over.current = true; };
    const leave = () => { over.current = false; };
    node.addEventListener("pointerenter", enter);
    node.addEventListener("pointerleave", leave);
    return () => {
      node.removeEventListener("pointerenter", enter);
      node.removeEventListener("pointerleave", leave);
    };
  }, [box]);
  useEffect(() => {
    const inside = box.current?.contains(document.activeElement) ?? false;
    const scrolled = (document.getElementById("page")?.scrollTop ?? 0) > 8;
    const still = over.current || inside || scrolled || selected;
    setShown((old) => (old.scope !== scope || old.rows.length === 0 || !still ? { scope, rows: fresh } : old));
  }, [fresh, scope, selected, box]);
  if (shown.scope !== scope) return { rows: fresh, newer: 0, gone: new Set(), show: () => undefined };
  return { ...settle(shown.rows, fresh, keyOf), show: () => setShown({ scope, rows: fresh }) };
}
