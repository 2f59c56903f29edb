import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { get, part, send } from "@/api/client";
import type { Review, ReviewLine } from "@/api/engagements";
import { useList } from "@/api/list";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import { whoami } from "@/api/queries";
import { plural } from "@/features/records/say";
import { roleName } from "@/features/shell/roles";
import { useAddress } from "@/ui/address";
import { RefusedMark } from "@/ui/marks/Marks";
import { StatusGlyph } from "@/ui/marks/StatusMark";
import { ConsequenceDialog } from "@/ui/overlay/ConsequenceDialog";
import { Button } from "@/ui/parts/Button";
import { Go } from "@/ui/parts/Go";
import { Page } from "@/ui/parts/Page";
import { FactsLine } from "@/ui/parts/Parts";
import { EmptyState, ErrorState } from "@/ui/parts/States";
import type { Column } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { readFilter, type Field } from "@/ui/table/filter";
import { FilterBar } from "@/ui/table/FilterBar";
import { ListEnd } from "@/ui/table/ListEnd";
import { Due } from "@/ui/time/Due";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { KeepDevices } from "./KeepDevices";
import { ReviewState } from "./ReviewsPage";

const fields: readonly Field[] = [{ name: "decision", label: "Decision", values: ["none", "keep", "reject", "disabled"] }, { name: "kind", label: "Kind", values: ["person", "service", "device"] }, { name: "type", label: "Type" }, { name: "site", label: "Site" }];

const kinds: Record<string, string> = { person: "Person", service: "Service", device: "Device" };

/** what says what a line is: the roles of an account, the type and place of a device. */
function what(line: ReviewLine): string {
  return line.kind === "device" ? [line.type, line.site].filter(Boolean).join(", ") : (line.roles ?? []).map(roleName).join(", ");
}

/** ReviewPage lists every account and device of a review and has each kept or rejected. */
export default function ReviewPage() {
  const { id = "" } = useParams({ strict: false });
  const query = useQuery({ queryKey: ["review", id], queryFn: () => get<Review>(`/reviews/${part(id)}`) });
  if (query.error) return <Page title="Access review" tab="Access review"><ErrorState trouble={trouble(query.error, "The review could not be read")} again={() => void query.refetch()} /></Page>;
  return query.data ? <Shown review={query.data} /> : null;
}

function effectsOf(line: ReviewLine, decision: "keep" | "reject") {
  const device = line.kind === "device";
  if (decision === "keep") return [{ when: "At once", what: `The ${device ? "device" : "account"} stays as it is. The log keeps who looked at it, and why it is still needed.` }];
  if (device) return [{ when: "At once", what: "The device is suspended: its sessions end, and it cannot connect." }, { when: "Afterwards", what: "An operator can resume it, or retire it for good." }];
  return [{ when: "Within 1 s", what: "The account is disabled: its sessions, tokens and certificates end." }, { when: "Afterwards", what: "An administrator can enable it again." }];
}

function Decided({ line }: { line: ReviewLine }) {
  if (line.decision === "reject") return <RefusedMark text="Rejected" />;
  if (line.decision === "disabled") return <span className="mark ink2"><StatusGlyph status="not-applicable" /><span>{line.kind === "device" ? "Retired before" : "Disabled before"}</span></span>;
  if (line.decision === "keep") return <span className="mark ink2"><StatusGlyph status="pass" /><span>Kept</span></span>;
  return <span className="mark ink3"><StatusGlyph status="not-assessed" /><span>Undecided</span></span>;
}

function Shown({ review }: { review: Review }) {
  const may = useMay();
  const cache = useQueryClient();
  const { params, change } = useAddress();
  const { data: me } = useQuery(whoami);
  const [act, setAct] = useState<{ line: ReviewLine; decision: "keep" | "reject" }>();
  const [many, setMany] = useState(false);
  const filter = readFilter(params, fields);
  const again = () => Promise.all([["review", review.id], ["list", "/reviews"], ["list", `/reviews/${part(review.id)}/lines`], ["list", "/accounts"], ["list", "/devices"]].map((queryKey) => cache.invalidateQueries({ queryKey })));
  const decide = useMutation({
    mutationFn: ({ account, decision, reason }: { account: string; decision: string; reason: string }) => send("POST", `/reviews/${part(review.id)}/decide`, { account, decision, reason }),
    onSuccess: async () => { await again(); setAct(undefined); },
  });
  const close = useMutation({ mutationFn: () => send("POST", `/reviews/${part(review.id)}/close`), onSuccess: again });
  const writes = may("review:write") && review.state === "open";
  const { kind, decision, type, site } = filter.fields;
  const list = useList<ReviewLine>(`/reviews/${part(review.id)}/lines`, { kind, decided: decision, type, site, q: filter.words });
  const { counts } = review;
  const columns: readonly Column<ReviewLine>[] = [
    { id: "name", header: "Account or device", width: "17%", phone: "title", cell: (l) => <Go href={l.kind === "device" ? `/devices/${encodeURIComponent(l.account)}` : `/people/${encodeURIComponent(l.name)}`} data-row>{l.name}</Go> },
    { id: "kind", header: "Kind", width: 76, phone: "fact", cell: (l) => <span className="ink2">{kinds[l.kind] ?? l.kind}</span> },
    { id: "roles", header: "Roles, or type and site", phone: "fact", cell: (l) => <span className="ink2">{what(l)}</span> },
    { id: "login", header: "Last sign-in", width: 96, align: "right", cell: (l) => <span className="ink2"><RelativeTime at={l.lastLogin} /></span> },
    { id: "reviewed", header: "Kept before", width: 96, align: "right", cell: (l) => <span className="ink2"><RelativeTime at={l.reviewed} /></span> },
    { id: "reason", header: "Because", width: "18%", cell: (l) => <span className="ink2" title={l.reason}>{l.reason ? `${l.reason}, ${l.by ?? ""}` : ""}</span> },
    { id: "decision", header: "Decision", width: 130, phone: "status", cell: (l) => <Decided line={l} /> },
    ...(writes ? [{ id: "act", header: "", width: 168, align: "right" as const, phone: "fact" as const, cell: (l: ReviewLine) => (l.account === me?.principal.id ? <span className="small ink3">your own</span> : l.decision === "disabled" || l.decision === "reject" ? null : <>{l.state === "disabled" ? <span className="small ink3">disabled</span> : <Button kind="quiet" onClick={() => setAct({ line: l, decision: "keep" })}>Keep…</Button>}<Button kind="quiet" onClick={() => setAct({ line: l, decision: "reject" })}>Reject…</Button></>) }] : []),
  ];
  return (
    <Page title={review.title} tab={review.title} note={counts.undecided === 0 ? "Everything is decided" : `${plural(counts.undecided, "account or device is", "accounts and devices are")} undecided`}
      actions={writes ? <>{counts.devices > 0 ? <Button onClick={() => setMany(true)} data-command="Keep devices">Keep devices…</Button> : null}<Button kind="primary" disabled={counts.undecided > 0 || close.isPending} title={counts.undecided > 0 ? "Every account and device has to be decided first." : undefined} onClick={() => close.mutate()} data-command="Close the review">Close the review</Button></> : null}
      facts={<FactsLine facts={[
        { label: "State", value: <ReviewState review={review} /> }, { label: "Due", value: <Due at={review.due} done={review.state === "closed"} past="overdue by" /> }, { label: "Accounts", value: counts.accounts - counts.devices }, { label: "Devices", value: counts.devices.toLocaleString("en") }, { label: "Kept", value: counts.kept },
        { label: "Rejected", value: counts.rejected }, { label: "Undecided", value: counts.undecided }, { label: "Opened by", value: <>{review.openedBy}, <RelativeTime at={review.opened} /></> }, ...(review.closed ? [{ label: "Closed by", value: <>{review.closedBy}, <RelativeTime at={review.closed} /></> }] : []),
      ]} />}>
      {close.error ? <ErrorState trouble={trouble(close.error, "The review was not closed")} /> : null}
      {list.error ? <ErrorState trouble={trouble(list.error, "The lines could not be read")} again={list.again} /> : null}
      <FilterBar filter={filter} fields={fields} placeholder="name, decision:none" onChange={(next) => change({ decision: next.fields["decision"], kind: next.fields["kind"], type: next.fields["type"], site: next.fields["site"], q: next.words })} />
      {list.rows.length > 0 ? <DataTable label="Accounts under review" rows={list.rows} columns={columns} keyOf={(line) => line.account} /> : null}
      {list.rows.length > 0 ? <ListEnd shown={list.rows.length} total={list.total} more={list.more} loading={list.loading} /> : null}
      {!list.pending && !list.error && list.rows.length === 0 ? <EmptyState title="Nothing matches">Drop a condition to see more.</EmptyState> : null}
      {many ? <KeepDevices review={review.id} type={type} site={site} onClose={() => setMany(false)} onDone={async () => { await again(); setMany(false); }} /> : null}
      {act ? (
        <ConsequenceDialog title={`${act.decision === "keep" ? "Keep" : "Reject"} ${act.line.name}`} subtitle={what(act.line)} act={`${act.decision === "keep" ? "Keep" : "Reject"} ${act.line.kind === "device" ? "device" : "account"}`} danger={act.decision === "reject"} pending={decide.isPending}
          trouble={decide.error ? trouble(decide.error, "Nothing was decided") : undefined} onClose={() => { decide.reset(); setAct(undefined); }} onAct={({ note }) => decide.mutate({ account: act.line.account, decision: act.decision, reason: note })}
          effects={effectsOf(act.line, act.decision)}
          {...(act.decision === "reject" ? { confirm: { what: "the name", text: act.line.name } } : {})} />
      ) : null}
    </Page>
  );
}
