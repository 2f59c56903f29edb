import type { Check, Control, Failing } from "@/api/types";
import { asStatus, worstFirst } from "@/ui/marks/status";
import { StatusMark } from "@/ui/marks/StatusMark";
import { Go } from "@/ui/parts/Go";
import { Notice, SectionHead } from "@/ui/parts/Parts";
import type { Column } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { parse, span } from "@/ui/time/format";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { useStillNow } from "@/ui/time/clock";
import { subjectHref } from "@/features/alerts/words";

/** WhyTab says in one paragraph why a control stands where it stands, then shows the checks, the failing ones opened on their objects. */
export function WhyTab({ control }: { control: Control }) {
  const checks = (control.checks ?? []).toSorted((a, b) => worstFirst.indexOf(asStatus(a.status)) - worstFirst.indexOf(asStatus(b.status)));
  const bad = (check: Check) => asStatus(check.status) === "fail";
  return (
    <>
      <p className="lead">{sentence(control.reason || "No reason was given")}{control.status === "pass" || !control.clears || control.reason.includes(control.clears) ? "" : ` ${sentence(control.clears)}`}</p>
      {control.missing ? <Notice>Not assessed in full: {control.missing}</Notice> : null}
      <section className="section">
        {checks.length > 0 ? (
          <DataTable label="Checks" rows={checks} columns={columns} keyOf={(check) => check.id} tint={(check) => (bad(check) ? "fail" : undefined)}
            below={(check) => ((check.failing ?? []).length > 0 ? <Objects check={check} id={control.id} /> : null)} />
        ) : <p className="ink3 pad">Nothing measures this control by itself. What the definition asks for is shown by a person, with evidence.</p>}
      </section>
      <Obligations control={control} />
    </>
  );
}

// sentence closes a statement, so that two of them read as two.
function sentence(text: string): string {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}

function objects({ counts }: Check): string {
  const all = counts.pass + counts.fail + counts.unknown + counts.stale;
  return all === 0 ? "none" : `${counts.pass.toLocaleString("en")} of ${all.toLocaleString("en")}`;
}

const columns: readonly Column<Check>[] = [
  { id: "status", header: "Status", width: 120, phone: "status", cell: (c) => <StatusMark status={asStatus(c.status)} /> },
  { id: "title", header: "Check", phone: "title", wraps: true, cell: (c) => <span title={c.reason || c.title}>{c.title}</span> },
  { id: "reads", header: "Reads", width: "20%", cell: (c) => <span className="ink2" title={c.reads}>{c.reads}</span> },
  { id: "objects", header: "Objects", width: 84, align: "right", phone: "fact", cell: objects },
  { id: "observed", header: "Observed", width: 100, align: "right", phone: "fact", cell: (c) => <RelativeTime at={c.observed} /> },
  { id: "valid", header: "Valid for", width: 84, align: "right", cell: (c) => <ValidFor until={c.validUntil} /> },
];

function ValidFor({ until }: { until: string | undefined }) {
  const now = useStillNow();
  const end = parse(until);
  if (end === undefined) return <span className="ink3">–</span>;
  return end < now ? <span className="stale">ended</span> : <span className="ink2">{span(end - now)}</span>;
}

function Objects({ check, id }: { check: Check; id: string }) {
  const bad = check.counts.fail + check.counts.unknown + check.counts.stale;
  const shown = (check.failing ?? []).slice(0, 8);
  return (
    <tr>
      <td colSpan={6} className="objects">
        <table aria-label={`Objects of ${check.title}`}>
          <thead><tr><th scope="col">Object</th><th scope="col">State</th><th scope="col">For</th><th scope="col">What was seen</th></tr></thead>
          <tbody>{shown.map((each) => <ObjectRow key={each.subject.id + each.reason} failing={each} />)}</tbody>
        </table>
        {bad > shown.length ? <Go href={`/controls/${id}/objects`} className="link small">All {bad.toLocaleString("en")}</Go> : null}
      </td>
    </tr>
  );
}

function ObjectRow({ failing }: { failing: Failing }) {
  const href = subjectHref(failing.subject);
  const name = failing.subject.name || failing.subject.id;
  return (
    <tr>
      <td>{href ? <Go href={href} className="link mono" data-row>{name}</Go> : <span className="mono">{name}</span>}</td>
      <td><StatusMark status={asStatus(failing.status)} /></td>
      <td className="ink2"><RelativeTime at={failing.since} bare none="–" /></td>
      <td className="ink2 objects-why">{failing.reason}</td>
    </tr>
  );
}

function Obligations({ control }: { control: Control }) {
  const rows = control.obligations ?? [];
  if (rows.length === 0) return null;
  return (
    <section className="section">
      <SectionHead title="Obligations" note="what the control consists of" />
      <ul>
        {rows.map((each) => (
          <li key={each.key} className="obligation">
            <span className="obligation-status"><StatusMark status={asStatus(each.status)} /></span>
            <span className="grow">{each.text}</span>
            <span className="small ink3 nowrap">{each.mode}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
