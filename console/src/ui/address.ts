import { useRouter, useRouterState } from "@tanstack/react-router";
import { useMemo } from "react";

export type Address = Record<string, string>;

/** readSearch and writeSearch keep addresses plain (`?type=door-lock`), so that people can read and type them. */
export function readSearch(text: string): Address {
  return Object.fromEntries(new URLSearchParams(text));
}

/** writeSearch is the other way round; empty values are left out. */
export function writeSearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) if (value !== undefined && value !== null && value !== "") params.set(key, String(value));
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

/** useAddress gives what stands behind "?" and a way to change it; what a page shows lives there. */
export function useAddress(): { params: Address; path: string; change: (next: Record<string, string | undefined>) => void } {
  const router = useRouter();
  const location = useRouterState({ select: (state) => state.location });
  const params = useMemo(() => readSearch(location.searchStr), [location.searchStr]);
  const change = (next: Record<string, string | undefined>) => {
    void router.navigate({ href: location.pathname + writeSearch({ ...params, ...next }), replace: true });
  };
  return { params, path: location.pathname, change };
}
