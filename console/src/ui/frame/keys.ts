import { useRouter } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { carry } from "@/ui/past/past";
import { readSearch } from "@/ui/address";
import type { NavEntry } from "./Frame";

function typing(target: EventTarget | null): boolean {
  const node = target as HTMLElement | null;
  return node !== null && (node.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(node.tagName)) && (node as HTMLInputElement).type !== "checkbox";
}

// rowLinks are what j and k walk: the link that each row's first cell holds.
function rowLinks(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("#page [data-row]")].filter((node) => node.offsetParent !== null);
}

function move(step: number): void {
  const links = rowLinks();
  const row = document.activeElement?.closest("tr, li");
  const here = links.findIndex((link) => link === document.activeElement || (row !== null && row !== undefined && row.contains(link)));
  const next = here < 0 ? links[step > 0 ? 0 : links.length - 1] : links[here + step];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function press(selector: string): boolean {
  const node = document.querySelector<HTMLElement>(selector);
  node?.click();
  return node !== null;
}

let last = { row: -1 };

// select ticks the row that has the focus; with Shift every row between it and the last one ticked.
function select(range: boolean): void {
  const ticks = [...document.querySelectorAll<HTMLInputElement>("#page [data-select]")];
  const row = document.activeElement?.closest("tr");
  const here = ticks.findIndex((tick) => row?.contains(tick));
  if (here < 0) return;
  if (range && last.row >= 0) {
    const [from, to] = [Math.min(last.row, here), Math.max(last.row, here)];
    for (const tick of ticks.slice(from, to + 1)) if (!tick.checked) tick.click();
  } else ticks[here]?.click();
  last = { row: here };
}

function one(event: KeyboardEvent): boolean {
  switch (event.key) {
    case "j": move(1); return true;
    case "k": move(-1); return true;
    case "x": select(false); return true;
    case "X": select(true); return true;
    case "/": document.querySelector<HTMLElement>("#page [data-filter]")?.focus(); return true;
    case ".": return press("[data-show-newer]");
    case "[": return press("[data-trail='previous']");
    case "]": return press("[data-trail='next']");
    case "?": return press("[data-keys]");
    case "Escape": return press("[data-escape] [data-close]");
    default: return press(`#page [data-key="${CSS.escape(event.key)}"]`);
  }
}

/** useKeys gives the whole console its keys: j k x / . [ ] ? Esc, `g` and a letter for pages, Ctrl K for the palette. */
export function useKeys(entries: readonly NavEntry[], onSearch: () => void): void {
  const router = useRouter();
  const going = useRef(0);
  useEffect(() => {
    const handle = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        return onSearch();
      }
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing(event.target)) return undefined;
      if (document.querySelector("[role='dialog']")) return undefined;
      if (event.key === "g") {
        going.current = Date.now();
        return undefined;
      }
      const entry = Date.now() - going.current < 1500 ? entries.find((each) => each.keys === event.key) : undefined;
      going.current = 0;
      if (entry) void router.navigate({ href: carry(entry.href, readSearch(router.state.location.searchStr)["at"]) });
      if (entry || one(event)) event.preventDefault();
      return undefined;
    };
    document.addEventListener("keydown", handle);
    return () => document.removeEventListener("keydown", handle);
  }, [entries, onSearch, router]);
}
