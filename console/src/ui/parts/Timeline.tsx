import type { ReactNode } from "react";
import { whenText } from "@/ui/time/format";
import "./timeline.css";

export interface Moment { key: string; at: number; time: string; mark: ReactNode; text: ReactNode; note?: ReactNode; loud?: boolean }

/** Timeline lists what happened, newest first: time, mark, words, and who or where; `yields` is what gets cut when the line is short. */
export function Timeline({ moments, label, yields = "text" }: { moments: readonly Moment[]; label: string; yields?: "text" | "note" }) {
  return (
    <ol className={`timeline cuts-${yields}`} aria-label={label}>
      {moments.map((moment) => (
        <li key={moment.key} className={moment.loud ? "timeline-loud" : ""}>
          <time dateTime={new Date(moment.at).toISOString()} title={whenText(moment.at)} className="ink3">{moment.time}</time>
          <span className="timeline-mark">{moment.mark}</span>
          <span className="timeline-text trunc">{moment.text}</span>
          {moment.note === undefined ? null : <span className="timeline-note small ink3 trunc" title={typeof moment.note === "string" ? moment.note : undefined}>{moment.note}</span>}
        </li>
      ))}
    </ol>
  );
}

/** Dot marks an event of no particular weight. */
export function Dot() {
  return <span className="timeline-dot" aria-hidden />;
}
