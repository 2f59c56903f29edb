import type { ReactNode } from "react";
import { words } from "@/words";
import "./marks.css";

function Mark({ children, text, tone, size = 14 }: { children: ReactNode; text: ReactNode; tone: string; size?: number }) {
  return (
    <span className="mark">
      <svg viewBox="0 0 16 16" width={size} height={size} aria-hidden fill="none" stroke="currentColor" strokeWidth="1.5"
        strokeLinecap="round" strokeLinejoin="round" style={{ color: tone, flex: "none" }}>
        {children}
      </svg>
      {text === "" ? null : <span>{text}</span>}
    </span>
  );
}

/** RefusedMark is the barred circle: something was not let in. */
export function RefusedMark({ text = words.refused }: { text?: ReactNode }) {
  return (
    <Mark tone="var(--fail)" text={text}>
      <circle cx="8" cy="8" r="6.3" />
      <path d="m3.6 3.6 8.8 8.8" />
    </Mark>
  );
}

/** AllowedMark is a plain tick: the usual case stays quiet. */
export function AllowedMark({ text = words.allowed }: { text?: ReactNode }) {
  return (
    <Mark tone="var(--ink3)" text={<span className="ink2">{text}</span>}>
      <path d="m3 8.5 3.2 3.2L13 5" />
    </Mark>
  );
}

/** Connected is a dot and a word; away is an open ring. */
export function Connected({ on, text }: { on: boolean; text: ReactNode }) {
  return (
    <span className="mark">
      <span className={on ? "dot" : "ring"} aria-hidden />
      <span className={on ? "" : "ink2"}>{text}</span>
    </span>
  );
}

/** Held shows two upright bars: kept apart, able to come back. */
export function Held({ text }: { text: ReactNode }) {
  return (
    <Mark tone="var(--ink)" text={text} size={13}>
      <path d="M4 3h2.5v10H4zM9.5 3H12v10H9.5z" />
    </Mark>
  );
}

export type Proof = "sealed" | "waiting" | "broken";

/** ProofBadge tells whether an entry stands in a signed checkpoint, waits for one, or failed verification. */
export function ProofBadge({ proof, text }: { proof: Proof; text?: ReactNode }) {
  const tone = proof === "sealed" ? "var(--pass)" : proof === "broken" ? "var(--fail)" : "var(--ink3)";
  const shown = text ?? words.proof[proof];
  return (
    <Mark tone={tone} text={proof === "broken" ? <span className="fail">{shown}</span> : shown}>
      <ShieldPath proof={proof} />
    </Mark>
  );
}

const outline = "M8 1.5 13.5 3.5v4.3c0 3.2-2.3 5.5-5.5 6.7-3.2-1.2-5.5-3.5-5.5-6.7V3.5Z";

/** ShieldPath is the shield alone, for use inside another 16 × 16 drawing. */
export function ShieldPath({ proof }: { proof: Proof }) {
  if (proof === "waiting") return <path d={outline} strokeDasharray="1.8 1.9" strokeLinecap="butt" />;
  if (proof === "sealed") return <><path d={outline} /><path d="m5.6 7.8 1.8 1.8 3.2-3.5" /></>;
  return <><path d={outline} /><path d="M9 1.8 7 6l2.5 2L7 14" /></>;
}
