import { useList } from "@/api/list";
import { trouble } from "@/api/problem";
import type { DeviceType } from "@/api/types";
import { Go } from "@/ui/parts/Go";
import { Page } from "@/ui/parts/Page";
import { EmptyState, ErrorState } from "@/ui/parts/States";
import type { Column } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { RelativeTime } from "@/ui/time/RelativeTime";

const href = (type: DeviceType) => `/types/${encodeURIComponent(type.name)}`;

const columns: readonly Column<DeviceType>[] = [
  { id: "name", header: "Name", width: "18%", phone: "title", cell: (t) => <Go href={href(t)} className="mono" data-row>{t.name}</Go> },
  { id: "title", header: "Title", phone: "fact", cell: (t) => <span className="ink2">{t.title}{t.gateway ? ", gateway" : ""}</span> },
  { id: "version", header: "Version", width: "10%", align: "right", phone: "fact", cell: (t) => t.version },
  { id: "firmware", header: "Firmware", width: "14%", align: "right", cell: (t) => t.baseline.firmware || <span className="ink3">any</span> },
  { id: "properties", header: "Properties", width: "11%", align: "right", cell: (t) => Object.keys(t.properties ?? {}).length },
  { id: "changed", header: "Changed", width: "14%", align: "right", cell: (t) => <span className="ink2"><RelativeTime at={t.changed} /></span> },
  { id: "devices", header: "Devices", width: "11%", align: "right", phone: "status", cell: (t) => <Go href={`/devices?type=${t.name}`} className="link">{t.devices.toLocaleString("en")}</Go> },
];

/** TypesPage lists the manifests that drive everything: one for each kind of device. */
export default function TypesPage() {
  const list = useList<DeviceType>("/types");
  const total = list.total ?? list.rows.length;
  return (
    <Page title={list.pending ? "Device types" : `${total} device ${total === 1 ? "type" : "types"}`} note="one manifest each: topics, limits, keys and checks come from it" tab="Device types">
      {list.error ? <ErrorState trouble={trouble(list.error, "The types could not be read")} again={list.again} /> : null}
      {list.rows.length > 0 ? <DataTable label="Device types" rows={list.rows} columns={columns} keyOf={(t) => t.name} href={href} /> : null}
      {!list.pending && !list.error && list.rows.length === 0 ? <EmptyState title="No type is known yet" command="thingward type apply door-lock.yaml">A type is one file, a W3C Thing Model with what Thingward needs to enforce it.</EmptyState> : null}
    </Page>
  );
}
