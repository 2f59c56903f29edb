import { useQuery } from "@tanstack/react-query";
import { useMay } from "@/api/may";
import { identity } from "@/api/queries";
import type { Certificate, Device, DevicePosture } from "@/api/types";
import { ValidityLine } from "@/ui/charts/ValidityLine";
import { RefusedMark } from "@/ui/marks/Marks";
import { asStatus, worstFirst } from "@/ui/marks/status";
import { StatusGlyph } from "@/ui/marks/StatusMark";
import { Go } from "@/ui/parts/Go";
import { IdChip } from "@/ui/parts/IdChip";
import { DefinitionList, Key, SectionHead } from "@/ui/parts/Parts";
import { useNow } from "@/ui/time/clock";
import { dayText, parse } from "@/ui/time/format";
import { RelativeTime } from "@/ui/time/RelativeTime";
import type { Act } from "./acts";
import { ControlLink } from "./Cells";
import { deviceHref, lifecycle, stateWord } from "./words";

type Props = { device: Device; posture: readonly DevicePosture[] | undefined; certificate: Certificate | undefined; acts: readonly Act[] };

/** DeviceRail holds what is owed, who the device is, where it is in its life, and what each act does. */
export function DeviceRail({ device, posture, certificate, acts }: Props) {
  const may = useMay();
  return (
    <>
      {posture ? <Findings device={device} posture={posture} /> : null}
      {may("certificate:read") ? <Identity device={device} certificate={certificate} /> : null}
      <Life device={device} acts={acts} />
    </>
  );
}

function Findings({ device, posture }: { device: Device; posture: readonly DevicePosture[] }) {
  const open = posture.filter((each) => ["fail", "unknown", "stale"].includes(each.status)).toSorted((a, b) => worstFirst.indexOf(asStatus(a.status)) - worstFirst.indexOf(asStatus(b.status)));
  return (
    <section className="section">
      <SectionHead title="Findings" note={`${open.length} open`}><Go href={`${deviceHref(device)}/posture`}>All {posture.length} checks</Go></SectionHead>
      {open.length === 0 ? <p className="ink3 small pad">{posture.length === 0 ? "No check has looked at this device yet." : "Every check of this device passes."}</p> : null}
      <ul>
        {open.slice(0, 6).map((each) => (
          <li key={each.check} className="finding">
            <StatusGlyph status={asStatus(each.status)} label={each.status} />
            <div className="grow">
              <div><ControlLink control={each.control} className="mono ink2" /> {each.title}</div>
              <div className="small ink3">{each.reason}{each.since ? <>, for <RelativeTime at={each.since} bare /></> : null}</div>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Identity({ device, certificate }: { device: Device; certificate: Certificate | undefined }) {
  const now = useNow();
  const { data: authority } = useQuery(identity);
  if (!certificate) {
    return <section className="section"><SectionHead title="Identity and certificate" /><p className="ink3 small pad">No certificate was issued to {device.name}. It enrols with a claim: <code>thingward claim create {device.name}</code></p></section>;
  }
  const [from, to] = [Date.parse(certificate.notBefore), Date.parse(certificate.notAfter)];
  const renew = from + (2 / 3) * (to - from);
  const revoked = parse(certificate.revoked);
  return (
    <section className="section">
      <SectionHead title="Identity and certificate" note={certificate.state === "revoked" ? <RefusedMark text="Revoked" /> : undefined} />
      <DefinitionList facts={[
        { label: "Serial", value: <IdChip id={certificate.serial} label="serial" /> },
        { label: "Issuer", value: certificate.issuer || authority?.issuing.name || "" },
        { label: "Key", value: certificate.algorithm },
        { label: "Enrolled by", value: certificate.enrolledBy },
        ...(device.serial ? [{ label: "Hardware", value: device.serial }] : []),
        ...(certificate.reason ? [{ label: "Reason", value: certificate.reason }] : []),
      ]} />
      <ValidityLine from={from} to={to} now={now} {...(revoked === undefined ? { renewFrom: renew } : { ended: revoked })} />
      <Renewal renew={renew} end={to} now={now} revoked={revoked} />
    </section>
  );
}

function Renewal({ renew, end, now, revoked }: { renew: number; end: number; now: number; revoked: number | undefined }) {
  if (revoked !== undefined) return <p className="small fail">Revoked <RelativeTime at={revoked} />.</p>;
  if (end < now) return <p className="small fail">It ended <RelativeTime at={end} />. The device enrols anew with a claim.</p>;
  return <p className="small ink3">The agent renews it from {dayText(renew, now)} (hatched), at a random time.</p>;
}

function Life({ device, acts }: { device: Device; acts: readonly Act[] }) {
  const way = lifecycle.filter((state) => state !== "quarantined" || device.state === "quarantined").filter((state) => state !== "suspended" || device.state === "suspended");
  return (
    <section className="section">
      <SectionHead title="Lifecycle" />
      <ol className="life">
        {way.map((state) => (
          <li key={state} className={state === device.state ? "life-here" : lifecycle.indexOf(state) < lifecycle.indexOf(device.state) ? "life-past" : ""} aria-current={state === device.state ? "step" : undefined}>
            <span>{stateWord(state)}</span>
            <span className="caption">{state === "registered" ? dayText(Date.parse(device.created)) : state === device.state ? "now" : ""}</span>
          </li>
        ))}
      </ol>
      <ul>
        {acts.map((act) => (
          <li key={act.name} className="actrow">
            <div className="row"><span>{act.verb}</span>{act.key ? <Key>{act.key}</Key> : null}<span className="grow" /><span className="small ink3">{act.final ? "final" : "reversible"}</span></div>
            <p className="small ink2">{act.text}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
