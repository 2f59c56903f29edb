import { days, dayText } from "@/ui/time/format";
import "./charts.css";

type Props = { from: number; to: number; now: number; renewFrom?: number; ended?: number };

/** ValidityLine shows how much of a validity is used, where now is, and the window in which it renews (hatched). */
export function ValidityLine({ from, to, now, renewFrom, ended }: Props) {
  const x = (at: number) => Math.min(100, Math.max(0, (100 * (at - from)) / Math.max(1, to - from)));
  const at = x(ended ?? now);
  const used = Math.max(0, days(from, Math.min(now, to)));
  const whole = days(from, to);
  const said = now > to ? `ended ${dayText(to, now)}` : `${used.toLocaleString("en")} of ${whole.toLocaleString("en")} days`;
  return (
    <div className="validity">
      <svg width="100%" height="16" role="img" aria-label={`Valid from ${dayText(from, now)} to ${dayText(to, now)}, ${said}`}>
        <rect x="0" y="5" width="100%" height="6" fill="var(--line2)" />
        <rect x="0" y="5" width={`${at}%`} height="6" fill={ended === undefined ? "var(--validity)" : "var(--fail)"} />
        {renewFrom === undefined ? null : (
          <>
            <rect x={`${x(renewFrom)}%`} y="5" width={`${100 - x(renewFrom)}%`} height="6" fill="var(--bg)" />
            <rect x={`${x(renewFrom)}%`} y="5" width={`${100 - x(renewFrom)}%`} height="6" fill="url(#fill-window)" />
          </>
        )}
        <rect x={`${at}%`} y="1" width="2" height="14" fill={ended === undefined ? "var(--ink)" : "var(--fail)"} transform="translate(-1)" />
      </svg>
      <div className="validity-words caption"><span>{dayText(from, now)}</span><span className="validity-mid">{said}</span><span>{dayText(to, now)}</span></div>
    </div>
  );
}
