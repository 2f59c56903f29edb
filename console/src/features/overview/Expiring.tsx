import { useQuery } from "@tanstack/react-query";
import { get } from "@/api/client";
import { expiries } from "@/api/findings";
import { useMay } from "@/api/may";
import { identity } from "@/api/queries";
import type { Certificate, List } from "@/api/types";
import { Go } from "@/ui/parts/Go";
import { SectionHead } from "@/ui/parts/Parts";
import { useNow } from "@/ui/time/clock";
import { days, parse } from "@/ui/time/format";
import { ends, type End } from "./ends";

const window = 14;
const shown = 7;

/** Expiring says what ends within two weeks: what keeps controls passing, certificates, and the issuing authority itself. */
export function Expiring() {
  const now = useNow();
  const may = useMay();
  const { data: soon } = useQuery(expiries(window));
  const { data: certificates } = useQuery({
    queryKey: ["list", "/certificates", "expiring"], enabled: may("certificate:read"),
    queryFn: () => get<List<Certificate>>("/certificates", { expiring: window, state: "active", limit: 5 }),
  });
  const { data: authority } = useQuery({ ...identity, enabled: may("certificate:read") });
  const issuing = parse(authority?.issuing.notAfter);
  const all: End[] = [...ends(soon ?? []), ...fromCertificates(certificates?.items ?? [])];
  if (issuing !== undefined && days(now, issuing) <= window) all.push({ key: "issuing", at: issuing, text: "Issuing authority", note: authority?.issuing.name ?? "", href: "/identity" });
  const first = all.toSorted((a, b) => a.at - b.at).slice(0, shown);
  return (
    <section className="section">
      <SectionHead title="Expiring soon" note={`${all.length === 0 ? "nothing" : all.length.toLocaleString("en")} in the next ${window} days`}>{may("record:read") ? <Go href="/records/calendar">Calendar</Go> : null}</SectionHead>
      <ul className="expiring">
        {first.map((end) => <Line key={end.key} days={days(now, end.at)} end={end} />)}
        {soon && all.length === 0 ? <li className="ink3 small">No observation, record, exception or certificate ends in the next {window} days.</li> : null}
      </ul>
    </section>
  );
}

function fromCertificates(certificates: readonly Certificate[]): End[] {
  return certificates.map((cert) => ({
    key: cert.serial, at: Date.parse(cert.notAfter), text: cert.subjectName ?? cert.subjectId, note: cert.enrolledBy === "renewal" ? "certificate, renewed before" : `certificate by ${cert.enrolledBy}`,
    href: cert.subjectKind === "device" ? `/devices/${cert.subjectName ?? cert.subjectId}/certificates` : "/identity",
  }));
}

function Line({ days: left, end }: { days: number; end: End }) {
  return (
    <li>
      <b className={left < 0 ? "fail" : ""}>{left < 0 ? "ended" : `${left} d`}</b>
      <Go href={end.href} className="plain trunc" title={end.about ? `${end.text}: ${end.about}` : end.text} data-row>{end.text}{end.about ? <span className="ink3">, {end.about}</span> : null}</Go>
      <span className="grow" />
      <span className="small ink3 trunc" title={end.note}>{end.note}</span>
    </li>
  );
}
