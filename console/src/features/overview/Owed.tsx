import { useQuery } from "@tanstack/react-query";
import { findingSummary } from "@/api/findings";
import { useList } from "@/api/list";
import type { Finding } from "@/api/findings";
import { asSeverity, SeverityMark } from "@/ui/marks/SeverityMark";
import { Go } from "@/ui/parts/Go";
import { SectionHead } from "@/ui/parts/Parts";
import { Due } from "@/ui/time/Due";

/** Owed lists the findings that are past their date, and says how many nobody owns. */
export function Owed() {
  const { data } = useQuery(findingSummary);
  const { rows } = useList<Finding>("/findings", { state: "open", overdue: true, sort: "due" }, { limit: 5 });
  if (!data || data.open === 0) return null;
  const said = [`${data.open.toLocaleString("en")} open`, data.overdue > 0 ? `${data.overdue.toLocaleString("en")} overdue` : "none overdue", data.unowned > 0 ? `${data.unowned.toLocaleString("en")} without owner` : ""].filter(Boolean).join(", ");
  return (
    <section className="section">
      <SectionHead title="Findings" note={said}><Go href="/findings">All findings</Go></SectionHead>
      <ul>
        {rows.slice(0, 5).map((row) => (
          <li key={row.id} className="owed">
            <SeverityMark severity={asSeverity(row.severity)} />
            <Go href={`/findings/${row.id}`} className="plain trunc grow" data-row title={row.reason}>{row.title}</Go>
            <span className="small ink3 trunc">{row.owner || "nobody"}</span>
            <span className="small"><Due at={row.due} day={false} past="late by" /></span>
          </li>
        ))}
        {data.overdue === 0 ? <li className="ink3 small ov-none">No finding is past its date{data.unowned > 0 ? <>. <Go href="/findings?owner=none" className="in-text">Give the {data.unowned.toLocaleString("en")} without owner one</Go></> : null}.</li> : null}
      </ul>
    </section>
  );
}
