import { useMay } from "@/api/may";
import type { Device } from "@/api/types";
import { Connected, Held, RefusedMark } from "@/ui/marks/Marks";
import { StatusMark } from "@/ui/marks/StatusMark";
import { Go } from "@/ui/parts/Go";
import { useNow } from "@/ui/time/clock";
import { days, parse } from "@/ui/time/format";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { stateWord } from "./words";

/** Connection says whether a device is there, or why it may not be. */
export function Connection({ device, age = false }: { device: Device; age?: boolean }) {
  if (device.state === "quarantined") return <Held text={device.connected ? "Quarantined, connected" : "Quarantined"} />;
  if (device.state === "suspended" || device.state === "retired") return <RefusedMark text={stateWord(device.state)} />;
  if (device.state === "registered" && !device.lastSeen) return <Connected on={false} text="Never connected" />;
  return <Connected on={device.connected ?? false} text={<>{device.connected ? "Connected" : "Away"}{age && device.lastSeen ? <>, <RelativeTime at={device.lastSeen} /></> : null}</>} />;
}

/** PostureCell says the worst of a device's checks; without any it says so. */
export function PostureCell({ posture }: { posture: Device["posture"] }) {
  if (!posture) return <StatusMark status="not-assessed" />;
  if (posture.fail > 0) return <StatusMark status="fail" count={posture.fail} />;
  if (posture.unknown > 0) return <StatusMark status="unknown" count={posture.unknown} />;
  return <StatusMark status="pass" />;
}

/** ControlLink names a control, and leads to it where the reader may go. */
export function ControlLink({ control, ...rest }: { control: string; className: string; "data-row"?: boolean }) {
  const may = useMay();
  return may("control:read") ? <Go href={`/controls/${control}`} {...rest}>{control}</Go> : <span className={rest.className}>{control}</span>;
}

/** CertificateEnds says in how many days the certificate ends; close ends stand out by weight. */
export function CertificateEnds({ at }: { at: string | undefined }) {
  const now = useNow();
  const end = parse(at);
  if (end === undefined) return <span className="ink3">none</span>;
  const left = days(now, end);
  if (end < now) return <span className="fail">ended</span>;
  return <span className={left < 30 ? "" : "ink2"}>{left.toLocaleString("en")} d</span>;
}
