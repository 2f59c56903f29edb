import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams, useRouter } from "@tanstack/react-router";
import { useMemo, useRef } from "react";
import { get, send } from "@/api/client";
import { useList } from "@/api/list";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import * as q from "@/api/queries";
import type { EventType, List, LogEntry, Verification } from "@/api/types";
import { useAddress, writeSearch } from "@/ui/address";
import { Button } from "@/ui/parts/Button";
import { Icon } from "@/ui/parts/Icon";
import { Page } from "@/ui/parts/Page";
import { EmptyState, ErrorState } from "@/ui/parts/States";
import { DataTable } from "@/ui/table/DataTable";
import { readFilter, type Field } from "@/ui/table/filter";
import { FilterBar } from "@/ui/table/FilterBar";
import { useHeld } from "@/ui/table/held";
import { HeldRows } from "@/ui/table/HeldRows";
import { ListEnd } from "@/ui/table/ListEnd";
import { EntryPanel } from "./EntryPanel";
import { columns } from "./columns";
import { headline, LogFacts } from "./LogFacts";
import { proveCheckpoint } from "./proofs";
import { Steps } from "./Steps";
import "./audit.css";

/** AuditPage answers "was anything altered, and who did what?" Its headline is the verdict. */
export default function AuditPage() {
  const { entry } = useParams({ strict: false });
  const cache = useQueryClient();
  const may = useMay();
  const log = useQuery(q.checkpoint);
  const last = useQuery(q.verification);
  const here = useQuery({
    queryKey: ["proven", "checkpoint", log.data?.size, log.data?.root], enabled: log.data !== undefined, retry: false, staleTime: Infinity, placeholderData: (old) => old,
    queryFn: () => (log.data ? proveCheckpoint(log.data) : Promise.reject(new Error("there is no checkpoint yet"))),
  });
  const verify = useMutation({
    mutationFn: () => send<Verification>("POST", "/audit/verify"),
    onSuccess: (result) => cache.setQueryData(["verification"], result),
  });
  const said = headline(log.data, last.data, here.data, here.error !== null);
  const body = (
    <Page title={<span className={said.broken ? "fail" : ""}>{said.title}</span>} note={said.note} tab="Audit log" facts={<LogFacts log={log.data} last={last.data} here={here.data} />}
      actions={<>
        {may("audit:read") ? <a className="btn btn-plain" href="/api/v1/audit/export" download="audit.ndjson"><Icon name="download" size={13} />Export with proofs</a> : null}
        <Button kind="primary" icon={<Icon name="shield" size={13} />} disabled={verify.isPending} onClick={() => verify.mutate()} data-command="Verify all">{verify.isPending ? "Verifying…" : "Verify all"}</Button>
      </>}>
      {log.error ? <ErrorState trouble={trouble(log.error, "The log could not be read")} again={() => void log.refetch()} /> : null}
      {here.error ? <ErrorState trouble={trouble(here.error, "The checkpoint could not be verified here")} again={() => void here.refetch()} /> : null}
      {verify.error ? <ErrorState trouble={trouble(verify.error, "The log was not verified")} /> : null}
      {here.data && here.data.verdict !== "good" ? <Steps proven={here.data} /> : null}
      {may("audit:read") ? <Entries open={entry} /> : (
        <EmptyState title="Only auditors read entries">Everyone signed in may verify: the verdict above was checked in your browser, and “Verify all” has the server read every entry again.</EmptyState>
      )}
    </Page>
  );
  return <WithPanel entry={entry}>{body}</WithPanel>;
}

function useStep(): { href: (index: number) => string; close: () => void } {
  const { params } = useAddress();
  const router = useRouter();
  const search = writeSearch(params);
  return { href: (index) => `/audit/${index}${search}`, close: () => void router.navigate({ href: `/audit${search}` }) };
}

function WithPanel({ entry, children }: { entry: string | undefined; children: React.ReactNode }) {
  const { href, close } = useStep();
  const { data: log } = useQuery(q.checkpoint);
  const index = entry !== undefined && /^\d+$/.test(entry) ? Number(entry) : undefined;
  const step = (by: number) => {
    const next = (index ?? 0) - by;
    return next < 0 || next >= (log?.size ?? 0) ? undefined : href(next);
  };
  return (
    <div className="withpanel">
      <div className="withpanel-list">{children}</div>
      {index === undefined ? null : <EntryPanel key={index} index={index} close={close} step={step} />}
    </div>
  );
}

const keyOf = (entry: LogEntry) => `${entry.index}-${entry.event?.id ?? entry.leafHash}`;

function Entries({ open }: { open: string | undefined }) {
  const { params, change } = useAddress();
  const { href } = useStep();
  const { data: types } = useQuery({ queryKey: ["event-types"], staleTime: Infinity, queryFn: () => get<List<EventType> | EventType[]>("/event-types").then(q.items) });
  const fields = useMemo((): Field[] => [
    { name: "type", label: "Action", values: (types ?? []).map((type) => type.name) }, { name: "actor", label: "Actor" }, { name: "object", label: "Object" }, { name: "from", label: "From" }, { name: "to", label: "To" },
  ], [types]);
  const filter = readFilter(params, fields);
  const list = useList<LogEntry>("/audit", filter.fields);
  const box = useRef<HTMLDivElement>(null);
  const held = useHeld(list.rows, keyOf, box, JSON.stringify([filter.fields, Math.floor(list.rows.length / 100)]), open !== undefined);
  return (
    <>
      <FilterBar filter={filter} fields={fields} placeholder="actor:, type:, object:" onChange={(next) => change(Object.fromEntries(fields.map((f) => [f.name, next.fields[f.name]])))}><HeldRows newer={held.newer} show={held.show} /></FilterBar>
      {list.error ? <ErrorState trouble={trouble(list.error, "The entries could not be read")} again={list.again} /> : null}
      <div ref={box}>
        {held.rows.length > 0 ? <DataTable label="Entries of the log" rows={held.rows} columns={columns(href)} keyOf={keyOf} href={(row) => (row.sealed ? href(row.index) : undefined)} dimmed={new Set()} tint={(row) => (String(row.index) === open ? "current" : undefined)} /> : null}
      </div>
      {!list.pending && !list.error && held.rows.length === 0 ? <EmptyState title="No entry matches">Drop a condition to see more.</EmptyState> : null}
      {list.rows.length > 0 ? <ListEnd shown={list.rows.length} total={list.total} more={list.more} loading={list.loading} /> : null}
    </>
  );
}
