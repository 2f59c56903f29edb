import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { get } from "@/api/client";
import type { LiveState } from "@/api/live";
import { useMay } from "@/api/may";
import type { Alert, List } from "@/api/types";
import { clockTime } from "@/ui/time/format";
import { words } from "@/words";

const apart = 5000; // at most one announcement in five seconds

/** Announce is the one polite live region: a new critical alert, or the loss of the stream. */
export function Announce({ live }: { live: LiveState }) {
  const may = useMay();
  const { data } = useQuery({
    queryKey: ["list", "/alerts", "critical"], queryFn: () => get<List<Alert>>("/alerts", { state: "open", severity: "critical", limit: 1 }), enabled: may("alert:read"),
  });
  const [said, setSaid] = useState("");
  const known = useRef<string | undefined>(undefined);
  const last = useRef(0);
  const newest = data?.items[0];
  useEffect(() => {
    const say = (text: string) => {
      const wait = Math.max(0, last.current + apart - Date.now());
      last.current = Date.now() + wait;
      return setTimeout(() => setSaid(text), wait);
    };
    if (live.status === "lost") {
      const timer = say(words.notLiveSince(clockTime(live.since, true)));
      return () => clearTimeout(timer);
    }
    if (!data) return undefined;
    const fresh = known.current !== undefined && newest !== undefined && newest.id !== known.current;
    known.current = newest?.id ?? "";
    if (!fresh || !newest) return undefined;
    const timer = say(`Critical alert: ${newest.title}, ${newest.subject.name ?? newest.subject.id}`);
    return () => clearTimeout(timer);
  }, [live.status, live.since, data, newest]);
  return <p className="hidden" role="status" aria-live="polite">{said}</p>;
}
