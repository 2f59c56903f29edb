import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import { get } from "@/api/client";
import { useList } from "@/api/list";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import { items } from "@/api/queries";
import type { Device, DeviceType, List, Site } from "@/api/types";
import { useAddress } from "@/ui/address";
import { Button } from "@/ui/parts/Button";
import { Icon } from "@/ui/parts/Icon";
import { Page } from "@/ui/parts/Page";
import { EmptyState, ErrorState } from "@/ui/parts/States";
import { readSort, writeSort } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { readFilter, type Field, type Filter } from "@/ui/table/filter";
import { FilterBar } from "@/ui/table/FilterBar";
import { useHeld } from "@/ui/table/held";
import { HeldRows } from "@/ui/table/HeldRows";
import { ListEnd } from "@/ui/table/ListEnd";
import { AddDevice } from "./AddDevice";
import { BulkBar } from "./BulkBar";
import { columns } from "./columns";
import { deviceHref } from "./words";

const keyOf = (device: Device) => device.name;

/** DevicesPage answers "which devices match this?" */
export default function DevicesPage() {
  const { params, change } = useAddress();
  const may = useMay();
  const fields = useFields();
  const filter = readFilter(params, fields);
  const asked = { ...filter.fields, q: filter.words, sort: params["sort"] === undefined ? undefined : serverSort(params["sort"]) };
  const list = useList<Device>("/devices", asked);
  const box = useRef<HTMLDivElement>(null);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [adding, setAdding] = useState(false);
  const held = useHeld(list.rows, keyOf, box, JSON.stringify([asked, list.rows.length > 100]), selected.size > 0);
  const narrow = (next: Filter) => change({ ...Object.fromEntries(fields.map((field) => [field.name, next.fields[field.name]])), q: next.words });
  const narrowed = Object.keys(filter.fields).length > 0 || filter.words !== "";
  const total = list.total ?? list.rows.length;
  return (
    <Page title={headline(total, filter, list.pending)} tab="Devices"
      actions={may("device:write") ? <Button kind="primary" icon={<Icon name="plus" size={13} />} onClick={() => setAdding(true)} data-command="Add device">Add device</Button> : null}>
      {selected.size > 0 ? <BulkBar names={[...selected]} clear={() => setSelected(new Set())} /> : (
        <FilterBar filter={filter} fields={fields} onChange={narrow} placeholder="name, serial, field:value"><HeldRows newer={held.newer} show={held.show} what="devices" /></FilterBar>
      )}
      {list.error ? <ErrorState trouble={trouble(list.error, "The devices could not be read")} again={list.again} /> : null}
      <div ref={box}>
        {held.rows.length > 0 ? (
          <DataTable label="Devices" rows={held.rows} columns={columns} keyOf={keyOf} href={deviceHref} dimmed={held.gone} sort={readSort(params["sort"])}
            onSort={(sort) => change({ sort: writeSort(sort) })} {...(may("device:quarantine") ? { selected, onSelect: setSelected } : {})} />
        ) : null}
      </div>
      {!list.pending && !list.error && list.rows.length === 0 ? <None narrowed={narrowed} clear={() => narrow({ fields: {}, words: "" })} /> : null}
      {list.rows.length > 0 ? <ListEnd shown={list.rows.length} total={list.total} more={list.more} loading={list.loading} /> : null}
      {adding ? <AddDevice onClose={() => setAdding(false)} /> : null}
    </Page>
  );
}

// The server sorts by what it stores; other columns are sorted among the rows that are loaded.
function serverSort(sort: string): string | undefined {
  return ["name", "-name", "changed", "-changed"].includes(sort) ? sort : undefined;
}

function headline(total: number, filter: Filter, pending: boolean): string {
  if (pending) return "Devices";
  const count = `${total.toLocaleString("en")} ${total === 1 ? "device" : "devices"}`;
  const said = Object.values(filter.fields).join(", ");
  if (said === "" && filter.words === "") return count;
  return `${count} ${total === 1 ? "matches" : "match"} ${[said, filter.words].filter(Boolean).join(", ")}`;
}

function useFields(): Field[] {
  const { data: types } = useQuery({ queryKey: ["types"], queryFn: () => get<List<DeviceType>>("/types", { limit: 1000 }).then(items) });
  const { data: sites } = useQuery({ queryKey: ["sites"], queryFn: () => get<List<Site>>("/sites", { limit: 1000 }).then(items) });
  return useMemo(() => [
    { name: "type", label: "Type", values: (types ?? []).map((type) => type.name) },
    { name: "site", label: "Site", values: (sites ?? []).map((site) => site.name) },
    { name: "system", label: "System" },
    { name: "state", label: "State", values: ["registered", "active", "quarantined", "suspended", "retired"] },
    { name: "connected", label: "Connected", values: ["true", "false"] },
    { name: "status", label: "Posture", values: ["fail", "unknown", "pass"] },
  ], [types, sites]);
}

function None({ narrowed, clear }: { narrowed: boolean; clear: () => void }) {
  if (narrowed) return <EmptyState title="No device matches" action={<Button onClick={clear}>Drop the filter</Button>}>Each condition narrows the list; drop one to see more.</EmptyState>;
  return <EmptyState title="No device is registered yet" command="thingward device add door-lock lock-1">Register a device, then give it a claim with which it enrols once.</EmptyState>;
}
