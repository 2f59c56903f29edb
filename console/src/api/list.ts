import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { get, type Params } from "./client";
import type { List } from "./types";

/** Rows is a list as a page shows it: what is loaded, how many there are, and a way to load more. */
export interface Rows<T> { rows: T[]; total: number | undefined; more: (() => void) | undefined; loading: boolean; pending: boolean; error: unknown; again: () => void }

/** countOf says how many rows there are; a list that does not count says that there are more. */
export function countOf(list: Pick<Rows<unknown>, "rows" | "total" | "more">): string {
  return list.total === undefined && list.more ? `More than ${list.rows.length.toLocaleString("en")}` : (list.total ?? list.rows.length).toLocaleString("en");
}

/** listKey is the cache key of a list; the live stream finds lists by its first word. */
export function listKey(path: string, params: Params = {}): readonly unknown[] {
  return ["list", path, Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined && value !== ""))];
}

/** useList reads a list page by page behind its cursor. */
export function useList<T>(path: string, params: Params = {}, options: { enabled?: boolean; limit?: number } = {}): Rows<T> {
  const result = useInfiniteQuery({
    queryKey: listKey(path, params),
    queryFn: ({ pageParam }) => get<List<T>>(path, { limit: options.limit ?? 100, ...params, after: pageParam }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
    enabled: options.enabled ?? true,
  });
  const rows = useMemo(() => result.data?.pages.flatMap((page) => page.items ?? []) ?? [], [result.data]);
  return {
    rows,
    total: result.data?.pages[0]?.total,
    more: result.hasNextPage ? () => void result.fetchNextPage() : undefined,
    loading: result.isFetchingNextPage,
    pending: result.isPending,
    error: result.isError ? result.error : undefined,
    again: () => void result.refetch(),
  };
}
