import { createContext, useContext } from "react";
import { useWithin } from "@/ui/scope/scope";

/** Past is the moment that an address asks for (`at=`); `holds` tells whether the page shown can show it. */
export interface Past { at: string; holds: boolean }

/** PastContext is absent while the console shows now. */
export const PastContext = createContext<Past | undefined>(undefined);

/** readAt takes a moment out of an address: RFC 3339, not in the future; anything else is no moment. */
export function readAt(value: string | undefined, now = Date.now()): string | undefined {
  if (!value || !/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value)) return undefined;
  const at = Date.parse(value);
  return Number.isFinite(at) && at < now ? new Date(at).toISOString().replace(".000Z", "Z") : undefined;
}

/** carry keeps the moment in the address of a link inside the console, unless the link names one itself. */
export function carry(href: string, at: string | undefined): string {
  if (at === undefined || !href.startsWith("/") || href.startsWith("/api/") || /[?&]at=/.test(href)) return href;
  const [path = "", anchor] = href.split("#", 2);
  return `${path}${path.includes("?") ? "&" : "?"}at=${encodeURIComponent(at)}${anchor === undefined ? "" : `#${anchor}`}`;
}

/** useCarry keeps the moment shown and the scope in links. */
export function useCarry(): (href: string) => string {
  const past = useContext(PastContext);
  const within = useWithin();
  return (href) => within(carry(href, past?.at));
}

/** useAt is the moment to ask the server for, or undefined for now. */
export function useAt(): string | undefined {
  const past = useContext(PastContext);
  return past?.holds ? past.at : undefined;
}
