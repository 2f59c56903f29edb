import type { Certificate } from "@/api/types";
import { RefusedMark } from "@/ui/marks/Marks";
import { Go } from "@/ui/parts/Go";
import { IdChip } from "@/ui/parts/IdChip";
import { useNow } from "@/ui/time/clock";
import { days, dayText } from "@/ui/time/format";
import type { Column } from "@/ui/table/columns";
import { subjectHref } from "@/features/alerts/words";

/** CertificateState says whether a certificate counts: active, superseded, revoked, or ended by time. */
export function CertificateState({ certificate }: { certificate: Certificate }) {
  const now = useNow();
  if (certificate.state === "revoked") return <RefusedMark text={certificate.reason ? `Revoked: ${certificate.reason}` : "Revoked"} />;
  if (Date.parse(certificate.notAfter) < now) return <span className="ink3">Ended</span>;
  return <span className={certificate.state === "active" ? "" : "ink2"}>{certificate.state === "active" ? "Active" : "Superseded"}</span>;
}

function Ends({ at }: { at: string }) {
  const now = useNow();
  const left = days(now, Date.parse(at));
  return <span title={at}>{left < 0 ? dayText(Date.parse(at), now) : `${dayText(Date.parse(at), now)}, ${left} d`}</span>;
}

/** certificateColumns are shared by the authority's list and a device's own. */
export const certificateColumns: readonly Column<Certificate>[] = [
  { id: "subject", header: "Subject", width: "20%", phone: "title", sortBy: (c) => c.subjectName ?? c.subjectId, cell: (c) => { const name = c.subjectName || c.subjectId; const href = subjectHref({ kind: c.subjectKind, id: c.subjectId, ...(c.subjectName ? { name: c.subjectName } : {}) }); return href ? <Go href={href} className="mono" data-row>{name}</Go> : <span className="mono">{name}</span>; } },
  { id: "serial", header: "Serial", width: 168, phone: "fact", cell: (c) => <IdChip id={c.serial} label="serial" /> },
  { id: "key", header: "Key", width: "10%", phone: "fact", cell: (c) => <span className="ink2">{c.algorithm}</span> },
  { id: "by", header: "Enrolled by", width: "12%", sortBy: (c) => c.enrolledBy, cell: (c) => <span className="ink2">{c.enrolledBy}</span> },
  { id: "from", header: "Issued", width: "10%", align: "right", sortBy: (c) => c.notBefore, cell: (c) => <span className="ink2">{dayText(Date.parse(c.notBefore))}</span> },
  { id: "ends", header: "Ends", width: "18%", align: "right", phone: "fact", sortBy: (c) => c.notAfter, cell: (c) => <Ends at={c.notAfter} /> },
  { id: "state", header: "State", align: "right", phone: "status", sortBy: (c) => c.state, cell: (c) => <CertificateState certificate={c} /> },
];
