import { useList } from "@/api/list";
import { useMay } from "@/api/may";
import type { Alert, Device, DevicePosture } from "@/api/types";
import { asSeverity, SeverityMark } from "@/ui/marks/SeverityMark";
import { asStatus, worst, type Counts } from "@/ui/marks/status";
import { StatusMark } from "@/ui/marks/StatusMark";
import { Go } from "@/ui/parts/Go";
import { FactsLine, type Fact } from "@/ui/parts/Parts";
import { Connection } from "./Cells";
import { stateWord } from "./words";

/** tally counts the checks of a device by status. */
export function tally(posture: readonly DevicePosture[]): Counts {
  const counts: Counts = {};
  for (const each of posture) counts[asStatus(each.status)] = (counts[asStatus(each.status)] ?? 0) + 1;
  return counts;
}

/** DeviceFacts is the line that says who a device is and whether it is well. */
export function DeviceFacts({ device, posture }: { device: Device; posture: readonly DevicePosture[] | undefined }) {
  const may = useMay();
  const alerts = useList<Alert>("/alerts", { subject: device.id, state: "open" }, { enabled: may("alert:read") });
  const facts: Fact[] = [
    { label: "Connection", value: <Connection device={device} age /> },
    { label: "Lifecycle", value: <span className="row">{stateWord(device.state)}{device.reason ? <span className="ink3 small trunc reason" title={device.reason}>{device.reason}</span> : null}</span> },
    { label: "Posture", value: <Stand posture={posture} /> },
    ...(may("alert:read") ? [{ label: "Alerts", value: <Alerts alerts={alerts.rows} /> }] : []),
    { label: "Type", value: <Go href={`/types/${device.type}`}>{device.type}</Go> },
    { label: "Site", value: device.site ? <Go href={`/devices?site=${encodeURIComponent(device.site)}`}>{device.site}</Go> : <span className="ink3">none</span> },
    { label: "System", value: device.system ?? <span className="ink3">none</span> },
    { label: "Firmware", value: device.firmware ?? <span className="ink3">not reported</span> },
    { label: "Assignee", value: device.assignee ?? <span className="ink3">nobody</span> },
  ];
  return <FactsLine facts={facts} />;
}

function Stand({ posture }: { posture: readonly DevicePosture[] | undefined }) {
  if (!posture || posture.length === 0) return <StatusMark status="not-assessed" />;
  const counts = tally(posture);
  const status = worst(counts);
  if (status === "pass") return <span className="row"><StatusMark status="pass" /><span className="ink3">{counts.pass} checks</span></span>;
  const second = status === "fail" && (counts.unknown ?? 0) > 0;
  return <span className="row"><StatusMark status={status} count={counts[status] ?? 0} />{second ? <StatusMark status="unknown" count={counts.unknown ?? 0} /> : null}<span className="ink3 wide-inline">of {posture.length}</span></span>;
}

function Alerts({ alerts }: { alerts: readonly Alert[] }) {
  const first = ["critical", "high", "medium", "low"].map((severity) => alerts.filter((alert) => alert.severity === severity)).find((found) => found.length > 0);
  if (!first?.[0]) return <span className="ink3">none open</span>;
  return <Go href={first.length === 1 ? `/alerts/${first[0].id}` : "/alerts"} className="plain row"><SeverityMark severity={asSeverity(first[0].severity)} />{first.length} {first[0].severity}</Go>;
}
