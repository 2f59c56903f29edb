import { useQuery } from "@tanstack/react-query";
import { exceptionsOf } from "@/api/findings";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import type { Control } from "@/api/types";
import { ExceptionActs } from "@/features/exceptions/ExceptionActs";
import { ExceptionFacts, ExceptionMark, Without } from "@/features/exceptions/ExceptionFacts";
import { measured, scopeText } from "@/features/exceptions/say";
import { SectionHead } from "@/ui/parts/Parts";
import { EmptyState } from "@/ui/parts/States";
import { Wait } from "@/ui/parts/Wait";
import { Due } from "@/ui/time/Due";

const order = ["requested", "approved", "ended", "refused", "withdrawn"];

/** ExceptionsTab lists every exception that was asked for on a control: who decided, until when, and what the test says meanwhile. */
export function ExceptionsTab({ control, ask }: { control: Control; ask: () => void }) {
  const may = useMay();
  const query = useQuery(exceptionsOf(control.id));
  return (
    <Wait query={query} say={(error) => trouble(error, "The exceptions could not be read")}>
      {(list) => (list.length === 0 ? (
        <EmptyState title="Nobody has asked for an exception" command={`thingward exception request ${control.id} --ends 2027-03-31`}
          action={may("exception:request") ? <button type="button" className="btn btn-plain" onClick={ask}>Request exception…</button> : undefined}>
          An exception names what it covers, why, what compensates, and its end. Another person approves it. It never makes a control pass.
        </EmptyState>
      ) : list.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || b.requested.localeCompare(a.requested)).map((each) => (
        <section key={each.id} className="section">
          <SectionHead title={scopeText(each)} note={each.state === "approved" ? measured(each) : undefined}><span className="small"><ExceptionMark exception={each} />{each.state === "approved" ? <>, ends <Due at={each.ends} day={false} past="since" /></> : null}</span></SectionHead>
          <ExceptionFacts exception={each} linked={false} />
          {each.state === "approved" ? <Without exception={each} /> : null}
          <ExceptionActs exception={each} />
        </section>
      )))}
    </Wait>
  );
}
