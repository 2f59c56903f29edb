import { useRouter, useRouterState } from "@tanstack/react-router";
import { useMemo } from "react";
import { readSearch, writeSearch } from "@/ui/address";
import { readAt, type Past } from "@/ui/past/past";

// The pages that can show a moment that has passed; every other page shows now and says so.
const holding = [/^\/$/, /^\/controls(\/|$)/, /^\/findings(\/|$)/, /^\/risks(\/|$)/, /^\/frameworks\/./];

/** holds tells whether the page at a path can show the past. */
export function holds(path: string): boolean {
  return holding.some((each) => each.test(path));
}

/** useMoment reads the moment from the address and changes it there. */
export function useMoment(): { past: Past | undefined; pick: (at: string | undefined) => void } {
  const router = useRouter();
  const location = useRouterState({ select: (state) => state.location });
  const past = useMemo(() => {
    const at = readAt(readSearch(location.searchStr)["at"]);
    return at === undefined ? undefined : { at, holds: holds(location.pathname) };
  }, [location.searchStr, location.pathname]);
  const pick = (at: string | undefined) => void router.navigate({ href: location.pathname + writeSearch({ ...readSearch(location.searchStr), at }) });
  return { past, pick };
}
