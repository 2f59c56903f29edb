import { words } from "@/words";
import "./marks.css";

export type Severity = "info" | "low" | "medium" | "high" | "critical";

/** asSeverity reads a severity from the API; an unknown word counts as high, so that it is looked at. */
export function asSeverity(value: string | undefined | null): Severity {
  return value !== undefined && value !== null && value in words.severity ? (value as Severity) : "high";
}

const bars: Record<Exclude<Severity, "critical">, number> = { info: 0, low: 1, medium: 2, high: 3 };

/** SeverityMark draws one to three bars, or a filled square with "!" when critical. The word is read out, or shown with `word`. */
export function SeverityMark({ severity, word = false }: { severity: Severity; word?: boolean }) {
  const loud = severity === "critical" || severity === "high";
  return (
    <span className="mark">
      <svg viewBox="0 0 16 16" width={14} height={14} role="img" aria-label={words.severity[severity]}
        style={{ color: loud ? "var(--fail)" : "var(--ink2)", flex: "none" }}>
        {severity === "critical" ? <Critical /> : <Bars filled={bars[severity]} />}
      </svg>
      {word ? <span aria-hidden>{words.severity[severity]}</span> : null}
    </span>
  );
}

function Critical() {
  return (
    <>
      <rect x="1" y="1" width="14" height="14" rx="2.5" fill="currentColor" />
      <path d="M8 4v4.8M8 11.7v.05" stroke="var(--on-solid)" strokeWidth="2" strokeLinecap="round" />
    </>
  );
}

function Bars({ filled }: { filled: number }) {
  return [0, 1, 2].map((i) => (
    <rect key={i} x={1.5 + i * 4.8} y={10 - i * 3.6} width="3.4" height={5 + i * 3.6} rx=".6" fill="currentColor" opacity={i < filled ? 1 : 0.28} />
  ));
}
