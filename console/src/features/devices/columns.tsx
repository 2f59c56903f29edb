import type { Device } from "@/api/types";
import { Go } from "@/ui/parts/Go";
import type { Column } from "@/ui/table/columns";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { CertificateEnds, Connection, PostureCell } from "./Cells";
import { deviceHref } from "./words";

const state = (device: Device) => (device.connected ? 0 : 1);

/** columns of the device list: who it is, how it is, what it runs, when it was seen. */
export const columns: readonly Column<Device>[] = [
  { id: "name", header: "Name", width: "17%", phone: "title", sortBy: (d) => d.name, cell: (d) => <Go href={deviceHref(d)} className="mono" data-row>{d.name}</Go> },
  { id: "connection", header: "Connection", width: "14%", phone: "fact", sortBy: (d) => `${d.state}${state(d)}`, cell: (d) => <Connection device={d} /> },
  { id: "posture", header: "Posture", width: "13%", phone: "status", sortBy: (d) => -(d.posture?.fail ?? -1) * 1000 - (d.posture?.unknown ?? 0), cell: (d) => <PostureCell posture={d.posture} /> },
  { id: "type", header: "Type", width: "14%", phone: "fact", sortBy: (d) => d.type, cell: (d) => <span className="ink2">{d.type}</span> },
  { id: "site", header: "Site", width: "11%", phone: "fact", sortBy: (d) => d.site ?? "", cell: (d) => <span className="ink2">{d.site ?? "–"}</span> },
  { id: "firmware", header: "Firmware", width: "9%", align: "right", sortBy: (d) => d.firmware ?? "", cell: (d) => d.firmware ?? <span className="ink3">not reported</span> },
  { id: "certificate", header: "Certificate ends", width: "11%", align: "right", sortBy: (d) => d.certificateExpires ?? "", cell: (d) => <CertificateEnds at={d.certificateExpires} /> },
  { id: "seen", header: "Last seen", width: "11%", align: "right", sortBy: (d) => d.lastSeen ?? "", cell: (d) => <span className="ink2"><RelativeTime at={d.lastSeen} /></span> },
];
