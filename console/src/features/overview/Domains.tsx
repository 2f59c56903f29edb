import type { Posture } from "@/api/types";
import { asStatus, wordColour, worst, worstFirst, type Counts, type Status } from "@/ui/marks/status";
import { StatusGlyph, StatusMark } from "@/ui/marks/StatusMark";
import { Go } from "@/ui/parts/Go";
import { SectionHead } from "@/ui/parts/Parts";
import { words } from "@/words";

type Domain = Posture["domains"][number];

function count(domain: Domain): Counts {
  const counts: Counts = {};
  for (const control of domain.controls) counts[asStatus(control.status)] = (counts[asStatus(control.status)] ?? 0) + 1;
  return counts;
}

/** Domains lists the domains of the framework in its order, one mark per control; a phone shows only trouble, worst first. */
export function Domains({ posture }: { posture: Posture }) {
  const domains = posture.domains.toSorted((a, b) => a.order - b.order);
  const bad = domains.filter((domain) => worst(count(domain)) === "fail").toSorted((a, b) => (count(b).fail ?? 0) - (count(a).fail ?? 0));
  return (
    <section className="section">
      <div className="wide-only">
        <SectionHead title="Controls by domain" note={`${domains.length} domains, one mark per control`}><Go href="/controls">All controls</Go></SectionHead>
        <ul className="domains">{domains.map((domain) => <DomainRow key={domain.id} domain={domain} />)}</ul>
      </div>
      <div className="phone-only">
        <SectionHead title="Domains with failures" note={`${bad.length} of ${domains.length}`}><Go href="/controls">All</Go></SectionHead>
        <ul className="domains">{bad.map((domain) => <PhoneDomain key={domain.id} domain={domain} />)}</ul>
      </div>
    </section>
  );
}

function said(counts: Counts): { status: Status; text: string } | undefined {
  const status = worstFirst.find((each) => each !== "pass" && each !== "not-applicable" && (counts[each] ?? 0) > 0);
  return status && { status, text: `${counts[status]} ${words.status[status].toLowerCase()}` };
}

function DomainRow({ domain }: { domain: Domain }) {
  const bad = said(count(domain));
  return (
    <li>
      <Go href={`/controls?domain=${domain.id}`} className="domain plain" data-row>
        <span className="mono ink3">{domain.id}</span>
        <span className="trunc">{domain.name}</span>
        <span className="domainmarks" aria-hidden>{domain.controls.map((control) => <Mark key={control.id} status={asStatus(control.status)} title={`${control.id} ${control.title}`} />)}</span>
        <span className="right"><span>{domain.passing}</span><span className="ink3">/{domain.applicable}</span></span>
        <span className="trunc" style={bad ? { color: wordColour(bad.status) } : {}}>{bad?.text}</span>
      </Go>
    </li>
  );
}

function Mark({ status, title }: { status: Status; title: string }) {
  return <span title={`${title}: ${words.status[status]}`} className="domainmark">{status === "pass" ? <span className="passtick" /> : <StatusGlyph status={status} size={10} />}</span>;
}

function PhoneDomain({ domain }: { domain: Domain }) {
  const counts = count(domain);
  return (
    <li>
      <Go href={`/controls?domain=${domain.id}`} className="domain plain">
        <span className="mono ink3">{domain.id}</span>
        <span className="trunc">{domain.name}</span>
        <span className="right">{domain.passing}<span className="ink3">/{domain.applicable}</span></span>
        <StatusMark status="fail" count={counts.fail ?? 0} />
      </Go>
    </li>
  );
}
