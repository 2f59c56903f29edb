import { createContext, useContext, useSyncExternalStore } from "react";

// One clock for every age on the page: it ticks once a second while the page is seen and somebody looks at it.
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function tick(): void {
  if (document.hidden) return;
  now = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    now = Date.now();
    timer = setInterval(tick, 1000);
    document.addEventListener("visibilitychange", tick);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
    document.removeEventListener("visibilitychange", tick);
  };
}

/** StillContext holds the moment that a page about the past counts ages from; without it they count from now. */
export const StillContext = createContext<number | undefined>(undefined);

const never = () => () => undefined;

/** useStillNow is the moment that ages on a page count from: now, or the one that has passed. */
export function useStillNow(): number {
  const still = useContext(StillContext);
  return useSyncExternalStore(still === undefined ? subscribe : never, () => still ?? now);
}

/** useNow returns the time in milliseconds and draws anew each time the shared clock ticks. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
