import { useMutation } from "@tanstack/react-query";
import { send } from "@/api/client";
import type { Exception, WhatIf } from "@/api/findings";
import { trouble } from "@/api/problem";
import { percent } from "@/features/overview/say";
import { asStatus } from "@/ui/marks/status";
import { StatusGlyph } from "@/ui/marks/StatusMark";
import { Button } from "@/ui/parts/Button";
import { Go } from "@/ui/parts/Go";
import { DefinitionList, type Fact } from "@/ui/parts/Parts";
import { ErrorState } from "@/ui/parts/States";
import { Due } from "@/ui/time/Due";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { words } from "@/words";
import { markOf, measured, scopeText, stateWords } from "./say";

/** ExceptionMark is the shape and word of where an exception stands. */
export function ExceptionMark({ exception }: { exception: Exception }) {
  return <span className="mark"><StatusGlyph status={markOf(exception.state)} /><span className={exception.state === "approved" ? "" : "ink2"}>{stateWords[exception.state]}</span></span>;
}

/** ExceptionFacts tells everything that was asked for and decided, and what the test says meanwhile. */
export function ExceptionFacts({ exception: ex, linked = true }: { exception: Exception; linked?: boolean }) {
  const active = ex.state === "approved" || ex.state === "requested";
  const facts: Fact[] = [
    { label: "State", value: <ExceptionMark exception={ex} /> },
    ...(linked ? [{ label: "Control", value: <Go href={`/controls/${ex.control}/exceptions`} className="mono">{ex.control}</Go> }] : []),
    { label: "Covers", value: scopeText(ex) },
    ...(ex.check ? [{ label: "Check", value: <span className="mono">{ex.check}</span> }] : []),
    { label: "Because", value: ex.justification },
    { label: "Compensates", value: ex.compensating },
    ...(ex.plan ? [{ label: "Plan", value: ex.plan }] : []),
    { label: "Requested", value: <>{ex.requester}, <RelativeTime at={ex.requested} /></> },
    ...(ex.approver ? [{ label: ex.state === "refused" ? "Refused by" : "Decided by", value: <>{ex.approver}, <RelativeTime at={ex.decided} /></> }] : []),
    ...(ex.reason ? [{ label: "Reason", value: ex.reason }] : []),
    { label: "Ends", value: <Due at={ex.ends} done={!active} past="since" /> },
    ...(active ? [{ label: "Measured", value: measured(ex) }] : []),
  ];
  return <DefinitionList facts={facts} />;
}

/** Without asks what the posture would be without an exception, and shows it beside what it is. */
export function Without({ exception }: { exception: Exception }) {
  const ask = useMutation({ mutationFn: () => send<WhatIf>("POST", "/posture/what-if", { without: [exception.id] }) });
  const share = (value: number | null | undefined) => (value === null || value === undefined ? "–" : `${percent(value)} %`);
  return (
    <div className="pad">
      {ask.data ? (
        <>
          <DefinitionList facts={[
            { label: "With it", value: `${share(ask.data.before.score.withExceptionsPercent ?? ask.data.before.score.passPercent)}, ${ask.data.before.counts["fail"] ?? 0} controls fail` },
            { label: "Without it", value: <b>{share(ask.data.after.score.withExceptionsPercent ?? ask.data.after.score.passPercent)}, {ask.data.after.counts["fail"] ?? 0} controls fail</b> },
          ]} />
          <ul>{(ask.data.changed ?? []).slice(0, 8).map((each) => (
            <li key={each.control} className="obligation"><span className="mono">{each.control}</span><span className="grow"><StatusGlyph status={asStatus(each.after)} size={11} /> {words.status[asStatus(each.after)].toLowerCase()}<span className="ink3">, now {words.status[asStatus(each.before)].toLowerCase()}</span> <span className="small ink2">{each.reason}</span></span></li>
          ))}</ul>
          {(ask.data.changed ?? []).length === 0 ? <p className="small ink2">No control would change.</p> : null}
        </>
      ) : <Button disabled={ask.isPending} onClick={() => ask.mutate()} data-command="What if it ended now">What if it ended now</Button>}
      {ask.error ? <ErrorState trouble={trouble(ask.error, "It could not be computed")} /> : null}
    </div>
  );
}
