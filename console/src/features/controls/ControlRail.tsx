import { useQuery } from "@tanstack/react-query";
import { exceptionsOf } from "@/api/findings";
import type { Control } from "@/api/types";
import { ExceptionFacts, ExceptionMark } from "@/features/exceptions/ExceptionFacts";
import { BarLegend, StackBar } from "@/ui/charts/StackBar";
import type { Counts } from "@/ui/marks/status";
import { Go } from "@/ui/parts/Go";
import { DefinitionList, SectionHead } from "@/ui/parts/Parts";
import { ControlProof } from "./ControlProof";
import { RelativeTime } from "@/ui/time/RelativeTime";

/** ControlRail says what clears the control, what proves its status, which exceptions are in force, and how its objects stand in all. */
export function ControlRail({ control }: { control: Control }) {
  const checks = control.checks ?? [];
  const { data: exceptions } = useQuery(exceptionsOf(control.id));
  const counts: Counts = {
    pass: checks.reduce((n, c) => n + c.counts.pass, 0), fail: checks.reduce((n, c) => n + c.counts.fail - (c.counts.excepted ?? 0), 0), stale: checks.reduce((n, c) => n + c.counts.stale, 0),
    unknown: checks.reduce((n, c) => n + c.counts.unknown, 0), "not-applicable": checks.reduce((n, c) => n + c.counts.notApplicable, 0), excepted: checks.reduce((n, c) => n + (c.counts.excepted ?? 0), 0),
  };
  return (
    <>
      <section className="section"><SectionHead title={control.status === "pass" ? "What keeps it" : "What clears it"} /><p className="pad">{control.clears || control.clearsWhen || "It clears by the next passing observation."}</p></section>
      <ControlProof control={control} />
      {(exceptions ?? []).filter((each) => each.state === "approved").map((each) => (
        <section key={each.id} className="section">
          <SectionHead title="Exception"><span className="small"><ExceptionMark exception={each} /></span></SectionHead>
          <ExceptionFacts exception={each} linked={false} />
        </section>
      ))}
      {checks.length > 0 ? (
        <section className="section"><SectionHead title="Judgements" note="all checks together" /><div className="pad"><StackBar counts={counts} height={8} /></div><BarLegend counts={counts} /></section>
      ) : null}
      {checks.length === 0 ? null : (
        <section className="section">
          <SectionHead title="Newest observation" />
          <DefinitionList facts={[
            { label: "Observed", value: <RelativeTime at={control.observed} /> },
            { label: "Run by hand", value: <RelativeTime at={control.run} /> },
            { label: "Its changes", value: <Go href="/audit?type=control.changed">in the audit log</Go> },
          ]} />
        </section>
      )}
    </>
  );
}
