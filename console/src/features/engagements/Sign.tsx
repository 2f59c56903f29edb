import type { Engagement } from "@/api/engagements";
import { Problem, trouble } from "@/api/problem";
import { plural } from "@/features/records/say";
import { ConsequenceDialog } from "@/ui/overlay/ConsequenceDialog";
import { ProofBadge } from "@/ui/marks/Marks";
import { IdChip } from "@/ui/parts/IdChip";
import { DefinitionList, SectionHead } from "@/ui/parts/Parts";
import { CommandLine, EmptyState } from "@/ui/parts/States";
import { useNow } from "@/ui/time/clock";
import { utcFull } from "@/ui/time/format";
import { useAct } from "./act";

/** missing lists what still stands between an engagement and its sign-off. */
export function missing(e: Pick<Engagement, "progress" | "to">, now: number): string[] {
  const { controls, concluded, answersToJudge } = e.progress;
  return [
    ...(concluded < controls ? [`${plural(controls - concluded, "control is", "controls are")} not concluded (not tested is a conclusion)`] : []),
    ...(answersToJudge > 0 ? [`${plural(answersToJudge, "answer waits", "answers wait")} for a verdict`] : []),
    ...(Date.parse(e.to) > now ? ["the period under audit has not ended"] : []),
  ];
}

/** Sign binds an engagement to the log, with the auditor's statement; nothing about it changes afterwards. */
export function Sign({ engagement: e, onClose }: { engagement: Engagement; onClose: () => void }) {
  const run = useAct(e.id, onClose);
  const now = useNow();
  const lacking = missing(e, now);
  const fields = run.error instanceof Problem ? run.error.body.errors ?? [] : [];
  return (
    <ConsequenceDialog title={`Sign off ${e.title}`} subtitle="This cannot be undone. What you write below is your statement." act="Sign off" danger pending={run.isPending} onClose={onClose} onAct={({ note }) => run.mutate({ path: "sign", body: { statement: note } })}
      trouble={run.error ? { ...trouble(run.error, "It was not signed"), fields: fields.slice(0, 8).map((each) => ({ name: each.path ?? "", message: each.message })) } : lacking.length > 0 ? { title: "It cannot be signed yet", detail: `${lacking.join("; ")}.` } : undefined}
      effects={[{ when: "At once", what: "Scope, samples, requests, answers and conclusions are bound by one digest, which stands in the audit log with the log’s checkpoint." }, { when: "From then on", what: "Nothing about the engagement changes. Whatever is altered is seen." }]}
      confirm={{ what: "the title", text: e.title }} />
  );
}

/** Signature shows the sign-off, or what is still missing for one. */
export function Signature({ engagement: e }: { engagement: Engagement }) {
  const s = e.signature;
  const now = useNow();
  if (!s) {
    const lacking = missing(e, now);
    return <EmptyState title={lacking.length === 0 ? "Everything is there to sign it off" : "It is not ready to be signed"}>{lacking.length === 0 ? "One of its auditors signs it with a statement." : `${lacking.join("; ")}.`}</EmptyState>;
  }
  return (
    <section className="section">
      <SectionHead title="Sign-off"><ProofBadge proof={s.intact === false ? "broken" : "sealed"} text={s.intact === false ? "Altered since it was signed" : "Whole as it was signed"} /></SectionHead>
      <p className="lead">{s.statement}</p>
      <DefinitionList facts={[{ label: "Signed by", value: `${s.by}, ${utcFull(Date.parse(s.at), false)}` }, { label: "Digest", value: <IdChip id={s.digest} label="digest" full /> }, { label: "Checkpoint", value: <pre className="mono note-text">{s.checkpoint}</pre> }]} />
      <CommandLine command={`thingward engagement get ${e.id}`} />
    </section>
  );
}
