import { useQuery } from "@tanstack/react-query";
import { checkpoint, posture } from "@/api/queries";
import type { LiveState } from "@/api/live";
import { useMay } from "@/api/may";
import { FootLine, type FootItem } from "@/ui/frame/FootLine";
import { ProofBadge } from "@/ui/marks/Marks";
import { hex, shorten } from "@/ui/parts/IdChip";
import { clockTime, parse } from "@/ui/time/format";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { useNow } from "@/ui/time/clock";
import { words } from "@/words";

const late = 120_000; // a checkpoint older than this while entries wait means that sealing stands still

/** Foot fills the foot line with what proves that the page can be believed. */
export function Foot({ live }: { live: LiveState }) {
  const may = useMay();
  const { data: log, isError } = useQuery({ ...checkpoint, enabled: may("audit:verify") });
  const { data: stand } = useQuery({ ...posture, enabled: may("control:read") });
  const now = useNow();
  const stuck = log !== undefined && log.pending > 0 && now - (parse(log.time) ?? 0) > late;
  const items: FootItem[] = [{ key: "live", broken: live.status === "lost", content: <LiveWord live={live} /> }];
  if (isError) items.push({ key: "log", broken: true, content: "The log does not answer" });
  if (log) {
    const first = log.size > 0 ? <>to entry <span className="mono">{(log.size - 1).toLocaleString("en")}</span></> : "no entry yet";
    items.push(
      { key: "log", broken: stuck, content: <><ProofBadge proof={stuck ? "broken" : "sealed"} text={<b>{stuck ? `${log.pending} entries wait for a checkpoint` : "Log sealed"}</b>} /> {first}</> },
      { key: "root", content: <>root <span className="mono" title={log.root}>{shorten(hex(log.root))}</span></> },
      { key: "signed", content: <>signed <b><RelativeTime at={log.time} /></b></> },
    );
  }
  const swept = parse(stand?.sweep.at);
  if (stand && swept) items.push({ key: "sweep", broken: !stand.sweep.agreed, content: <>posture sweep <b><RelativeTime at={swept} /></b>{stand.sweep.agreed ? "" : ", did not agree"}</> });
  return <FootLine items={items} />;
}

function LiveWord({ live }: { live: LiveState }) {
  if (live.status === "lost") return <>{words.notLiveSince(clockTime(live.since, true))}</>;
  if (live.status === "connecting") return <>{words.connecting}</>;
  const behind = Math.round(live.lag / 1000);
  return <><span className="mark"><span className="dot" aria-hidden /></span> <b>{words.live}</b>{behind > 5 ? words.behind(behind) : null}</>;
}
