import type { ReactNode } from "react";
import { ErrorState } from "./States";
import type { Trouble } from "./States";

interface Asked<T> { data: T | undefined; error: unknown; refetch: () => unknown }

/** Wait shows what a query brought, or why it brought nothing; while it asks it shows nothing at all. */
export function Wait<T>({ query, say, children }: { query: Asked<T>; say: (error: unknown) => Trouble; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <ErrorState trouble={say(query.error)} again={() => void query.refetch()} />;
  return null;
}
