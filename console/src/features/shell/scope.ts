import { useQuery } from "@tanstack/react-query";
import { useRouter, useRouterState } from "@tanstack/react-router";
import { useMemo } from "react";
import { get } from "@/api/client";
import { useMay } from "@/api/may";
import { items } from "@/api/queries";
import type { List, Site, System } from "@/api/types";
import { readSearch, writeSearch } from "@/ui/address";
import { readScope, type Scope } from "@/ui/scope/scope";
import type { Place } from "@/ui/scope/ScopePicker";

// The pages whose lists the server itself narrows to a system or a site. Elsewhere it counts for all, so nothing is offered there.
const narrowed = [/^\/records$/, /^\/records\/register$/, /^\/risks$/];
// From these one comes back to such a list: links keep the scope although a single object has no use for it.
const below = [/^\/records\/register\/./, /^\/records\/[^/]+\/./, /^\/risks\/./];

/** narrows tells whether the page at a path can be narrowed; keeps, whether a link to it holds on to the scope. */
export const narrows = (path: string): boolean => narrowed.some((each) => each.test(path));
export const keeps = (path: string): boolean => narrows(path) || below.some((each) => each.test(path));

/** placesOf sorts sites under their systems. */
export function placesOf(systems: readonly System[], sites: readonly Site[]): Place[] {
  const of = (system: string | undefined) => sites.filter((site) => (site.system || undefined) === system).map((site) => site.name).toSorted((a, b) => a.localeCompare(b));
  const names = [...new Set([...systems.map((system) => system.name), ...sites.flatMap((site) => (site.system ? [site.system] : []))])].toSorted((a, b) => a.localeCompare(b));
  const lone = of(undefined);
  return [...names.map((system) => ({ system, sites: of(system) })), ...(lone.length > 0 ? [{ sites: lone }] : [])];
}

/** useShellScope reads the scope from the address and changes it there; `places` is absent where a page has none. */
export function useShellScope(): { held: { scope: Scope; keeps: typeof keeps }; places: Place[] | undefined; pick: (scope: Scope) => void } {
  const router = useRouter();
  const may = useMay();
  const location = useRouterState({ select: (state) => state.location });
  const offered = narrows(location.pathname) && may("device:read");
  const { data: systems } = useQuery({ queryKey: ["systems"], queryFn: () => get<List<System>>("/systems", { limit: 1000 }).then(items), enabled: offered, staleTime: 60_000 });
  const { data: sites } = useQuery({ queryKey: ["sites"], queryFn: () => get<List<Site>>("/sites", { limit: 1000 }).then(items), enabled: offered, staleTime: 60_000 });
  const held = useMemo(() => ({ scope: keeps(location.pathname) ? readScope(readSearch(location.searchStr)) : {}, keeps }), [location.pathname, location.searchStr]);
  const pick = (scope: Scope) => void router.navigate({ href: location.pathname + writeSearch({ ...readSearch(location.searchStr), system: undefined, site: undefined, ...scope }) });
  return { held, places: offered && systems && sites ? placesOf(systems, sites) : undefined, pick };
}
