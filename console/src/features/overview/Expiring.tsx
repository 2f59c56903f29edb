import { useQuery } from "@tanstack/react-query";
import { get } from "@/api/client";
import { identity } from "@/api/queries";
import type { Certificate, List } from "@/api/types";
import { Go } from "@/ui/parts/Go";
import { SectionHead } from "@/ui/parts/Parts";
import { useNow } from "@/ui/time/clock";
import { days, parse } from "@/ui/time/format";

const window = 14;

/** Expiring says what ends within two weeks: certificates, and the issuing authority itself. */
export function Expiring() {
  const now = useNow();
  const { data } = useQuery({ queryKey: ["list", "/certificates", "expiring"], queryFn: () => get<List<Certificate>>("/certificates", { expiring: window, state: "active", limit: 5 }) });
  const { data: authority } = useQuery(identity);
  const soon = (data?.items ?? []).toSorted((a, b) => a.notAfter.localeCompare(b.notAfter));
  const issuing = parse(authority?.issuing.notAfter);
  const left = issuing === undefined ? undefined : days(now, issuing);
  return (
    <section className="section">
      <SectionHead title="Expiring soon" note={`next ${window} days`}><Go href="/identity?expiring=14">All {data?.total ?? ""}</Go></SectionHead>
      <ul className="expiring">
        {left !== undefined && left <= window ? <Line days={left} href="/identity" text="Issuing authority" note={authority?.issuing.name ?? ""} /> : null}
        {soon.map((cert) => (
          <Line key={cert.serial} days={days(now, Date.parse(cert.notAfter))} href={cert.subjectKind === "device" ? `/devices/${cert.subjectName ?? cert.subjectId}/certificates` : "/identity"}
            text={cert.subjectName ?? cert.subjectId} note={cert.enrolledBy === "renewal" ? "renewed before" : `by ${cert.enrolledBy}`} />
        ))}
        {data && soon.length === 0 && (left ?? 99) > window ? <li className="ink3 small">No certificate ends in the next {window} days.</li> : null}
      </ul>
    </section>
  );
}

function Line({ days: left, href, text, note }: { days: number; href: string; text: string; note: string }) {
  return (
    <li>
      <b className={left < 0 ? "fail" : ""}>{left < 0 ? "ended" : `${left} d`}</b>
      <Go href={href} className="plain trunc" data-row>{text}</Go>
      <span className="grow" />
      <span className="small ink3 trunc">{note}</span>
    </li>
  );
}
