import { createContext, useContext } from "react";

/** Scope is the part of the organisation that a page is narrowed to: a system, or one of its sites; neither means all of it. */
export interface Scope { system?: string; site?: string }

/** ScopeContext holds the scope of the page shown, and tells for which pages a link keeps it. */
export const ScopeContext = createContext<{ scope: Scope; keeps: (path: string) => boolean } | undefined>(undefined);

/** readScope takes the scope out of an address; a site says more than its system. */
export function readScope(params: Record<string, string>): Scope {
  if (params["site"]) return { site: params["site"] };
  return params["system"] ? { system: params["system"] } : {};
}

/** within keeps the scope in a link to a page that takes one, unless the link names one itself. */
export function within(href: string, scope: Scope, keeps: (path: string) => boolean): string {
  const [key, value] = Object.entries(scope)[0] ?? [];
  const [start = "", anchor] = href.split("#", 2);
  const [path = "", search] = start.split("?", 2);
  if (key === undefined || !value || !keeps(path) || /(^|&)(system|site)=/.test(search ?? "")) return href;
  return `${path}?${search ? `${search}&` : ""}${key}=${encodeURIComponent(value)}${anchor === undefined ? "" : `#${anchor}`}`;
}

/** useWithin keeps the scope of the page shown in links. */
export function useWithin(): (href: string) => string {
  const held = useContext(ScopeContext);
  return (href) => (held ? within(href, held.scope, held.keeps) : href);
}

/** useScope is what to ask the server for. */
export function useScope(): Scope {
  return useContext(ScopeContext)?.scope ?? {};
}
