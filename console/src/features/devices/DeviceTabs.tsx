import { useQuery } from "@tanstack/react-query";
import { get } from "@/api/client";
import { useList } from "@/api/list";
import { trouble } from "@/api/problem";
import { items, twin } from "@/api/queries";
import type { Certificate, Device, DevicePosture, Event, EventType, List } from "@/api/types";
import { asStatus, worstFirst } from "@/ui/marks/status";
import { StatusMark } from "@/ui/marks/StatusMark";
import { DefinitionList, SectionHead } from "@/ui/parts/Parts";
import { Wait } from "@/ui/parts/Wait";
import type { Column } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { ListEnd } from "@/ui/table/ListEnd";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { certificateColumns } from "@/features/identity/columns";
import { ControlLink } from "./Cells";
import { Charts } from "./Charts";
import { DeviceEvents } from "./DeviceEvents";

/** TelemetryTab draws every property. */
export function TelemetryTab({ device }: { device: Device }) {
  return <section className="section"><Charts device={device} most={40} /></section>;
}

const checks: readonly Column<DevicePosture>[] = [
  { id: "control", header: "Control", width: 84, phone: "fact", sortBy: (row) => row.control, cell: (row) => <ControlLink control={row.control} className="mono" data-row /> },
  { id: "title", header: "Check", width: "30%", phone: "title", cell: (row) => row.title },
  { id: "reason", header: "What was seen", phone: "fact", cell: (row) => <span className="ink2" title={row.reason}>{row.reason}</span> },
  { id: "since", header: "For", width: 90, align: "right", cell: (row) => <span className="ink2"><RelativeTime at={row.since} bare none="–" /></span> },
  { id: "observed", header: "Observed", width: 110, align: "right", cell: (row) => <span className="ink2"><RelativeTime at={row.observed} /></span> },
  { id: "status", header: "Status", width: 130, phone: "status", cell: (row) => <StatusMark status={asStatus(row.status)} /> },
];

/** PostureTab lists every check that looks at the device, worst first. */
export function PostureTab({ posture }: { posture: readonly DevicePosture[] }) {
  const rows = posture.toSorted((a, b) => worstFirst.indexOf(asStatus(a.status)) - worstFirst.indexOf(asStatus(b.status)) || a.control.localeCompare(b.control));
  return (
    <section className="section">
      <SectionHead title="Checks" note={`${rows.length}, worst first`} />
      <DataTable label="Checks of this device" rows={rows} columns={checks} keyOf={(row) => row.control + row.check} />
    </section>
  );
}

/** CertificatesTab lists every certificate the device ever had. */
export function CertificatesTab({ certs }: { certs: readonly Certificate[] }) {
  return (
    <section className="section">
      <SectionHead title="Certificates" note={`${certs.length}, newest first`} />
      <DataTable label="Certificates of this device" rows={certs.toSorted((a, b) => b.notBefore.localeCompare(a.notBefore))} columns={certificateColumns.filter((column) => column.id !== "subject")} keyOf={(row) => row.serial} />
    </section>
  );
}

/** SoftwareTab shows what the device says it runs; what it did not measure says so. */
export function SoftwareTab({ device }: { device: Device }) {
  const query = useQuery(twin(device.name));
  const known = (value: unknown) => (value === undefined || value === null || value === "" ? <span className="ink3">not measured</span> : String(value));
  const yes = (value: boolean | undefined) => (value === undefined ? known(undefined) : value ? "yes" : "no");
  return (
    <Wait query={query} say={(error) => trouble(error, "The inventory could not be read")}>
      {({ inventory, inventoryAt }) => inventory ? (
        <>
          <section className="section">
            <SectionHead title="System" note={<>reported <RelativeTime at={inventoryAt} /></>} />
            <DefinitionList facts={[
              { label: "Firmware", value: known(inventory.firmware) }, { label: "Operating system", value: known(inventory.os) }, { label: "Kernel", value: known(inventory.kernel) },
              { label: "Agent", value: known(inventory.agent) }, { label: "Hardware", value: known(inventory.hardware) }, { label: "Key storage", value: known(inventory.keyStorage) },
              { label: "Secure boot", value: yes(inventory.secureBoot) },
              { label: "Open ports", value: inventory.openPorts ? inventory.openPorts.map((port) => `${port.proto} ${port.port}${port.process ? ` ${port.process}` : ""}`).join(", ") || "none found" : known(undefined) },
              { label: "Root services", value: inventory.rootServices ? inventory.rootServices.join(", ") || "none found" : known(undefined) },
            ]} />
          </section>
          <section className="section">
            <SectionHead title="Packages" note={inventory.software ? String(inventory.software.length) : "not measured"} />
            <DataTable label="Packages" rows={inventory.software ?? []} keyOf={(row) => row.name + row.version}
              columns={[{ id: "name", header: "Name", phone: "title", cell: (row) => <span className="mono">{row.name}</span> }, { id: "version", header: "Version", phone: "status", cell: (row) => <span className="mono ink2">{row.version}</span> }]} />
          </section>
        </>
      ) : <p className="ink3 pad">The device has not reported an inventory. Our agent does so by itself; other clients publish one to <code>twin/reported</code>.</p>}
    </Wait>
  );
}

/** HistoryTab lists the changes made to the device: each is also an entry of the audit log. */
export function HistoryTab({ device }: { device: Device }) {
  const list = useList<Event>("/events", { subject: device.id, limit: 500 });
  const { data: types } = useQuery({ queryKey: ["event-types"], staleTime: Infinity, queryFn: () => get<List<EventType> | EventType[]>("/event-types").then(items) });
  const changes = new Set((types ?? []).filter((type) => type.change).map((type) => type.name));
  const rows = list.rows.filter((event) => changes.has(event.type));
  return (
    <section className="section">
      <SectionHead title="History" note={`${rows.length} changes, newest first, UTC`} />
      {list.pending || !types ? null : <DeviceEvents events={rows} whole />}
      {list.more ? <ListEnd shown={rows.length} total={undefined} more={list.more} loading={list.loading} /> : null}
    </section>
  );
}
