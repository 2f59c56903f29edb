import type { Engagement, Verdict } from "@/api/engagements";
import { ProofBadge } from "@/ui/marks/Marks";
import { StatusGlyph } from "@/ui/marks/StatusMark";
import { stateWords, verdicts } from "./say";

/** EngagementState is the shape and word of an audit's state: signed shows the shield that proves it. */
export function EngagementState({ engagement }: { engagement: Pick<Engagement, "state" | "signature"> }) {
  if (engagement.state === "signed") return <ProofBadge proof={engagement.signature?.intact === false ? "broken" : "sealed"} text={engagement.signature?.intact === false ? "Altered since" : stateWords.signed} />;
  return <span className="mark"><StatusGlyph status={engagement.state === "open" ? "not-assessed" : "stale"} /><span className={engagement.state === "over" ? "stale" : "ink2"}>{stateWords[engagement.state]}</span></span>;
}

/** VerdictMark is what an auditor concluded. */
export function VerdictMark({ verdict }: { verdict: Verdict | undefined }) {
  if (verdict === undefined) return <span className="ink3">not concluded</span>;
  const { word, status } = verdicts[verdict];
  return <span className="mark"><StatusGlyph status={status} /><span className={verdict === "not-met" ? "fail" : verdict === "partly" ? "stale" : "ink2"}>{word}</span></span>;
}
