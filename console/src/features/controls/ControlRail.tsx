import type { Control } from "@/api/types";
import { BarLegend, StackBar } from "@/ui/charts/StackBar";
import type { Counts } from "@/ui/marks/status";
import { ProofBadge } from "@/ui/marks/Marks";
import { Go } from "@/ui/parts/Go";
import { DefinitionList, SectionHead } from "@/ui/parts/Parts";
import { CommandLine } from "@/ui/parts/States";

/** ControlRail says what clears the control, how its objects stand in all, and which entry proves the newest judgement. */
export function ControlRail({ control }: { control: Control }) {
  const checks = control.checks ?? [];
  const counts: Counts = {
    pass: checks.reduce((n, c) => n + c.counts.pass, 0), fail: checks.reduce((n, c) => n + c.counts.fail, 0), stale: checks.reduce((n, c) => n + c.counts.stale, 0),
    unknown: checks.reduce((n, c) => n + c.counts.unknown, 0), "not-applicable": checks.reduce((n, c) => n + c.counts.notApplicable, 0),
  };
  const proven = checks.filter((check) => check.entry !== undefined).toSorted((a, b) => (b.entry ?? 0) - (a.entry ?? 0));
  const chosen = proven.find((check) => check.status === "fail") ?? proven[0];
  return (
    <>
      <section className="section"><SectionHead title={control.status === "pass" ? "What keeps it" : "What clears it"} /><p className="pad">{control.clears || control.clearsWhen || "It clears by the next passing observation."}</p></section>
      {checks.length > 0 ? (
        <section className="section"><SectionHead title="Judgements" note="all checks together" /><div className="pad"><StackBar counts={counts} height={8} /></div><BarLegend counts={counts} /></section>
      ) : null}
      {chosen?.entry === undefined ? null : (
        <section className="section">
          <SectionHead title={chosen.status === "fail" ? "Proof of the failing check" : "Proof"}><Go href={`/audit/${chosen.entry}`}>Verify here</Go></SectionHead>
          <DefinitionList facts={[{ label: "Check", value: chosen.title }, { label: "Log entry", value: <ProofBadge proof="sealed" text={chosen.entry.toLocaleString("en")} /> }]} />
          <CommandLine command={`thingward audit proof ${chosen.entry}`} />
        </section>
      )}
    </>
  );
}
