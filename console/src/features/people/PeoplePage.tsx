import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useList } from "@/api/list";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import { policies } from "@/api/queries";
import type { Account, Policy } from "@/api/types";
import { useAddress } from "@/ui/address";
import { Button } from "@/ui/parts/Button";
import { Icon } from "@/ui/parts/Icon";
import { Page } from "@/ui/parts/Page";
import { SectionHead } from "@/ui/parts/Parts";
import { EmptyState, ErrorState } from "@/ui/parts/States";
import { DataTable } from "@/ui/table/DataTable";
import { readFilter, type Field } from "@/ui/table/filter";
import { FilterBar } from "@/ui/table/FilterBar";
import { ListEnd } from "@/ui/table/ListEnd";
import { readSort, writeSort } from "@/ui/table/columns";
import { roleName } from "@/features/shell/roles";
import { AddAccount } from "./AddAccount";
import { columns } from "./columns";

const fields: readonly Field[] = [{ name: "kind", label: "Kind", values: ["person", "service"] }];

/** PeoplePage says who may come in, as what, and with how strong a proof of who they are. */
export default function PeoplePage() {
  const { params, change } = useAddress();
  const may = useMay();
  const [adding, setAdding] = useState(false);
  const filter = readFilter(params, fields);
  const list = useList<Account>("/accounts", { ...filter.fields, q: filter.words });
  const roles = useQuery(policies);
  const weak = list.rows.filter((account) => account.kind === "person" && account.state === "active" && !account.mfa).length;
  return (
    <Page title={list.pending ? "People and roles" : headline(list.total ?? list.rows.length, weak)} tab="People and roles"
      actions={may("account:write") ? <Button kind="primary" icon={<Icon name="plus" size={13} />} onClick={() => setAdding(true)} data-command="Add account">Add account</Button> : null}
      rail={roles.data ? <Roles policies={roles.data} /> : null}>
      <FilterBar filter={filter} fields={fields} placeholder="name, kind:service" onChange={(next) => change({ kind: next.fields["kind"], q: next.words })} />
      {list.error ? <ErrorState trouble={trouble(list.error, "The accounts could not be read")} again={list.again} /> : null}
      {list.rows.length > 0 ? <DataTable label="Accounts" rows={list.rows} columns={columns} keyOf={(row) => row.id} href={(row) => `/people/${encodeURIComponent(row.name)}`} sort={readSort(params["sort"])} onSort={(sort) => change({ sort: writeSort(sort) })} /> : null}
      {!list.pending && !list.error && list.rows.length === 0 ? <EmptyState title="No account matches">Drop a condition to see more.</EmptyState> : null}
      {list.rows.length > 0 ? <ListEnd shown={list.rows.length} total={list.total} more={list.more} loading={list.loading} /> : null}
      {adding ? <AddAccount roles={roleNames(roles.data ?? [])} onClose={() => setAdding(false)} /> : null}
    </Page>
  );
}

function headline(total: number, weak: number): string {
  const count = `${total.toLocaleString("en")} ${total === 1 ? "account" : "accounts"}`;
  if (weak === 0) return `${count}, every person with a second factor`;
  return `${count}, ${weak} ${weak === 1 ? "person" : "people"} without a second factor`;
}

/** roleNames are the roles that policies speak of, without that of devices, which no account has. */
export function roleNames(all: readonly Policy[]): string[] {
  return [...new Set(all.flatMap((policy) => policy.roles ?? []))].filter((role) => role !== "device").toSorted();
}

function Roles({ policies: all }: { policies: readonly Policy[] }) {
  return (
    <section className="section">
      <SectionHead title="What each role may" note={`${all.length} policies`} />
      <ul>
        {all.map((policy) => (
          <li key={policy.id} className="policy">
            <details>
              <summary><span className={policy.effect === "forbid" ? "fail" : ""}>{policy.effect === "forbid" ? "Forbids" : "Permits"}</span> {(policy.roles ?? []).map(roleName).join(", ") || "everyone"}</summary>
              <pre className="mono">{`// ${policy.id}\n${policy.text}`}</pre>
            </details>
          </li>
        ))}
      </ul>
    </section>
  );
}
