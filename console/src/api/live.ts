import type { QueryClient } from "@tanstack/react-query";
import { apply, patched, type Message } from "./patch";

export interface LiveState { status: "connecting" | "live" | "lost"; since: number; lag: number }

const kinds = ["rates", "device", "event", "alert", "posture", "checkpoint", "session", "finding", "exception", "risk", "record", "export", "engagement", "review"];
const quiet = 25_000; // the server pings every 10 s; two missed pings and the stream counts as lost

/** Live is the one event stream of a tab. The browser resumes it by last id; every message patches the query cache, at most once a second. */
export class Live {
  private source: EventSource | undefined;
  private state: LiveState = { status: "connecting", since: Date.now(), lag: 0 };
  private readonly listeners = new Set<() => void>();
  private waiting: Message[] = [];
  private beats = 0;
  private skew = Number.POSITIVE_INFINITY; // smallest difference of the two clocks seen: what exceeds it is lag
  private heard = Date.now();
  private opened = false;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly cache: QueryClient) {}

  /** start opens the stream and returns what closes it. */
  start(): () => void {
    this.open();
    this.timer = setInterval(() => this.beat(), 1000);
    return () => {
      this.source?.close();
      clearInterval(this.timer);
    };
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  snapshot = (): LiveState => this.state;

  private open(): void {
    const source = new EventSource("/api/v1/live");
    this.source = source;
    source.addEventListener("hello", (event) => this.hello(event));
    source.addEventListener("ping", (event) => this.alive(event));
    source.addEventListener("reset", () => void this.cache.invalidateQueries());
    for (const kind of kinds) source.addEventListener(kind, (event) => this.take(kind, event));
    source.addEventListener("error", () => this.lose());
  }

  // hello of a stream that the browser could not resume means that something may have been missed.
  private hello(event: MessageEvent<string>): void {
    const again = this.opened && this.state.status === "lost";
    this.opened = true;
    this.alive(event);
    if (again) void this.cache.invalidateQueries();
  }

  private alive(event: MessageEvent<string>): void {
    this.heard = Date.now();
    const at = Date.parse((JSON.parse(event.data) as { time?: string }).time ?? "");
    const apart = Number.isFinite(at) ? Date.now() - at : this.skew;
    this.skew = Math.min(this.skew, apart);
    const lag = Number.isFinite(apart) ? apart - this.skew : 0;
    this.set({ status: "live", since: this.state.status === "live" ? this.state.since : Date.now(), lag });
  }

  private take(kind: string, event: MessageEvent<string>): void {
    this.heard = Date.now();
    this.waiting.push({ kind, data: JSON.parse(event.data) as unknown });
    if (this.state.status !== "live") this.set({ ...this.state, status: "live", since: Date.now() });
  }

  private beat(): void {
    this.beats++;
    const due = this.waiting.filter((message) => patched(message) || this.beats % 3 === 0);
    if (due.length > 0) {
      this.waiting = this.waiting.filter((message) => !due.includes(message)).slice(-1000);
      apply(this.cache, due);
    }
    if (this.state.status === "live" && Date.now() - this.heard > quiet) this.lose();
    if (this.source?.readyState === EventSource.CLOSED && this.beats % 5 === 0) this.open();
  }

  private lose(): void {
    if (this.state.status !== "lost") this.set({ status: "lost", since: this.heard, lag: 0 });
  }

  private set(next: LiveState): void {
    const old = this.state;
    this.state = next;
    if (old.status !== next.status || Math.abs(old.lag - next.lag) > 500) for (const listener of this.listeners) listener();
  }
}
