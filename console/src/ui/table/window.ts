import { useVirtualizer } from "@tanstack/react-virtual";
import { useLayoutEffect, useState, type RefObject } from "react";

/** Window is the stretch of rows that is drawn, and the height of what is left out before and after. */
export interface Window { from: number; to: number; before: number; after: number }

const threshold = 100;

function rowHeight(): number {
  return Number.parseInt(getComputedStyle(document.documentElement).getPropertyValue("--row"), 10) || 30;
}

/** useWindow draws only the rows in view once there are more than 100; the page itself scrolls. */
export function useWindow(count: number, body: RefObject<HTMLElement | null>): Window {
  const [margin, setMargin] = useState(0);
  const virtual = count > threshold;
  useLayoutEffect(() => {
    const page = document.getElementById("page");
    if (!virtual || !page || !body.current) return;
    setMargin(body.current.getBoundingClientRect().top - page.getBoundingClientRect().top + page.scrollTop);
  }, [virtual, body]);
  const virtualizer = useVirtualizer({
    count: virtual ? count : 0,
    getScrollElement: () => document.getElementById("page"),
    estimateSize: rowHeight,
    overscan: 16,
    scrollMargin: margin,
  });
  if (!virtual) return { from: 0, to: count, before: 0, after: 0 };
  const items = virtualizer.getVirtualItems();
  const first = items[0];
  const last = items.at(-1);
  if (!first || !last) return { from: 0, to: Math.min(count, 40), before: 0, after: Math.max(0, count - 40) * rowHeight() };
  return { from: first.index, to: last.index + 1, before: first.start - margin, after: virtualizer.getTotalSize() - (last.end - margin) };
}
