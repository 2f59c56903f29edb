import { useList } from "@/api/list";
import type { Alert } from "@/api/types";
import { asSeverity, SeverityMark } from "@/ui/marks/SeverityMark";
import { Go } from "@/ui/parts/Go";
import { SectionHead } from "@/ui/parts/Parts";
import { RelativeTime } from "@/ui/time/RelativeTime";

const rank = ["critical", "high", "medium", "low", "info"];

/** OpenAlerts lists what waits for somebody: the worst first, then the newest. */
export function OpenAlerts() {
  const { rows, total, pending } = useList<Alert>("/alerts", { state: "open" });
  const critical = rows.filter((alert) => alert.severity === "critical").length;
  const shown = rows.toSorted((a, b) => rank.indexOf(a.severity) - rank.indexOf(b.severity) || b.raised.localeCompare(a.raised)).slice(0, 7);
  const all = total ?? rows.length;
  return (
    <section className="section ov-alerts">
      <SectionHead title="Open alerts" note={`${all.toLocaleString("en")}${critical > 0 ? `, ${critical} critical` : ""}`}><Go href="/alerts">All alerts</Go></SectionHead>
      <ul className="alertrows">
        {shown.map((alert) => (
          <li key={alert.id} className="alertrow">
            <SeverityMark severity={asSeverity(alert.severity)} />
            <div className="grow">
              <Go href={`/alerts/${alert.id}`} className="plain trunc alertrow-title" data-row>{alert.title}</Go>
              <div className="small ink2 trunc"><span className="mono">{alert.subject.name ?? alert.subject.id}</span> <span className="ink3">{alert.control}</span></div>
            </div>
            <span className="small ink3 nowrap"><RelativeTime at={alert.raised} bare /></span>
          </li>
        ))}
        {!pending && shown.length === 0 ? <li className="ink3 small ov-none">Nobody has to act now.</li> : null}
      </ul>
    </section>
  );
}
