import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { Checkpoint, Device, List, Pair, Rates } from "./types";

export interface Message { kind: string; data: unknown }

type RatesMessage = { messages: number; connected: number; refused: number; time: string };

/** patched tells whether a message changes the cache in place; what makes a list be read anew waits for others like it. */
export function patched(message: Message): boolean {
  return ["rates", "device", "checkpoint"].includes(message.kind);
}

/** apply puts live messages into the cache: what can be patched is patched in place, the rest is read anew once. */
export function apply(cache: QueryClient, messages: readonly Message[]): void {
  const anew = new Set<string>();
  for (const { kind, data } of messages) {
    if (kind === "rates") patchRates(cache, data as RatesMessage);
    else if (kind === "device") patchDevice(cache, data as Partial<Device> & { id: string });
    else if (kind === "checkpoint") patchCheckpoint(cache, data as Partial<Checkpoint>);
    else anew.add(kind);
  }
  if (anew.has("event")) again(cache, ["list", "/events"], ["list", "/audit"]);
  if (anew.has("alert")) again(cache, ["list", "/alerts"], ["alert"]);
  if (anew.has("session")) again(cache, ["list", "/sessions"]);
  if (anew.has("finding")) again(cache, ["findings"], ["list", "/findings"]);
  if (anew.has("exception")) again(cache, ["exceptions"], ["list", "/exceptions"], ["findings"]);
  if (anew.has("risk")) again(cache, ["risks"], ["risk"], ["list", "/risks"]);
  if (anew.has("record")) again(cache, ["record"], ["duties"], ["list", "/duties"], ["list", "/records"], ["list", "/items"], ["list", "/register"], ["calendar"]);
  if (anew.has("export")) again(cache, ["export"], ["list", "/exports"]);
  if (anew.has("engagement")) again(cache, ["engagement"], ["list", "/engagements"]);
  if (anew.has("review")) {
    again(cache, ["review"]);
    // The lines of a review are a list of their own below /reviews.
    void cache.invalidateQueries({ predicate: ({ queryKey: [first, path] }) => first === "list" && typeof path === "string" && (path === "/reviews" || path.startsWith("/reviews/")) });
  }
  if (anew.has("posture")) again(cache, ["posture"], ["control"], ["controls"], ["framework"], ["findings"], ["list", "/findings"], ["expiries"]);
}

function again(cache: QueryClient, ...keys: string[][]): void {
  for (const queryKey of keys) void cache.invalidateQueries({ queryKey });
}

function patchRates(cache: QueryClient, now: RatesMessage): void {
  const at = Date.parse(now.time);
  const grow = (pairs: Pair[] | null, value: number): Pair[] => [...(pairs ?? []).filter(([time]) => time > at - 1_800_000), [at, value]];
  cache.setQueryData<Rates>(["rates"], (old) => old && {
    messages: grow(old.messages, now.messages), connected: grow(old.connected, now.connected), refused: grow(old.refused, now.refused),
    now: { messages: now.messages, connected: now.connected, refused: now.refused },
  });
}

function patchDevice(cache: QueryClient, changed: Partial<Device> & { id: string }): void {
  cache.setQueriesData<InfiniteData<List<Device>>>({ queryKey: ["list", "/devices"] }, (old) => old && {
    ...old,
    pages: old.pages.map((page) => ({ ...page, items: page.items.map((device) => (device.id === changed.id ? { ...device, ...changed } : device)) })),
  });
  for (const query of cache.getQueryCache().findAll({ queryKey: ["device"] })) {
    if (query.queryKey.length !== 2) continue;
    const known = query.state.data as Device | undefined;
    if (known?.id === changed.id) cache.setQueryData<Device>(query.queryKey, { ...known, ...changed });
  }
}

function patchCheckpoint(cache: QueryClient, next: Partial<Checkpoint>): void {
  const old = cache.getQueryData<Checkpoint>(["checkpoint"]);
  if (!old || next.size === undefined || next.size < old.size) return;
  cache.setQueryData<Checkpoint>(["checkpoint"], { ...old, ...next, pending: next.pending ?? 0 });
}
