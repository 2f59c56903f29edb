import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { get, part, send } from "@/api/client";
import type { Review, ReviewLine } from "@/api/engagements";
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
import { Due } from "@/ui/time/Due";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { ReviewState } from "./ReviewsPage";

const fields: readonly Field[] = [{ name: "decision", label: "Decision", values: ["none", "keep", "reject", "disabled"] }, { name: "kind", label: "Kind", values: ["person", "service"] }];

/** ReviewPage lists every account of a review and has each kept or rejected. */
export default function ReviewPage() {
  const { id = "" } = useParams({ strict: false });
  const query = useQuery({ queryKey: ["review", id], queryFn: () => get<Review>(`/reviews/${part(id)}`) });
  if (query.error) return <Page title="Access review" tab="Access review"><ErrorState trouble={trouble(query.error, "The review could not be read")} again={() => void query.refetch()} /></Page>;
  return query.data ? <Shown review={query.data} /> : null;
}

function Decided({ line }: { line: ReviewLine }) {
  if (line.decision === "reject") return <RefusedMark text="Rejected" />;
  if (line.decision === "disabled") return <span className="mark ink2"><StatusGlyph status="not-applicable" /><span>Disabled before</span></span>;
  if (line.decision === "keep") return <span className="mark ink2"><StatusGlyph status="pass" /><span>Kept</span></span>;
  return <span className="mark ink3"><StatusGlyph status="not-assessed" /><span>Undecided</span></span>;
}

function Shown({ review }: { review: Review }) {
  const may = useMay();
  const cache = useQueryClient();
  const { params, change } = useAddress();
  const { data: me } = useQuery(whoami);
  const [act, setAct] = useState<{ line: ReviewLine; decision: "keep" | "reject" }>();
  const filter = readFilter(params, fields);
  const again = () => Promise.all([["review", review.id], ["list", "/reviews"], ["list", "/accounts"]].map((queryKey) => cache.invalidateQueries({ queryKey })));
  const decide = useMutation({
    mutationFn: ({ account, decision, reason }: { account: string; decision: string; reason: string }) => send("POST", `/reviews/${part(review.id)}/decide`, { account, decision, reason }),
    onSuccess: async () => { await again(); setAct(undefined); },
  });
  const close = useMutation({ mutationFn: () => send("POST", `/reviews/${part(review.id)}/close`), onSuccess: again });
  const writes = may("review:write") && review.state === "open";
  const rows = (review.lines ?? []).filter((line) => (!filter.fields["decision"] || (line.decision || "none") === filter.fields["decision"]) && (!filter.fields["kind"] || line.kind === filter.fields["kind"]) && line.name.toLowerCase().includes(filter.words.toLowerCase()));
  const { counts } = review;
  const columns: readonly Column<ReviewLine>[] = [
    { id: "name", header: "Account", width: "17%", phone: "title", cell: (l) => <Go href={`/people/${encodeURIComponent(l.name)}`} data-row>{l.name}</Go> },
    { id: "kind", header: "Kind", width: 76, phone: "fact", cell: (l) => <span className="ink2">{l.kind === "person" ? "Person" : "Service"}</span> },
    { id: "roles", header: "Roles", phone: "fact", cell: (l) => <span className="ink2">{(l.roles ?? []).map(roleName).join(", ")}</span> },
    { id: "login", header: "Last sign-in", width: 96, align: "right", cell: (l) => <span className="ink2"><RelativeTime at={l.lastLogin} /></span> },
    { id: "reviewed", header: "Kept before", width: 96, align: "right", cell: (l) => <span className="ink2"><RelativeTime at={l.reviewed} /></span> },
    { id: "reason", header: "Because", width: "18%", cell: (l) => <span className="ink2" title={l.reason}>{l.reason ? `${l.reason}, ${l.by ?? ""}` : ""}</span> },
    { id: "decision", header: "Decision", width: 130, phone: "status", cell: (l) => <Decided line={l} /> },
    ...(writes ? [{ id: "act", header: "", width: 168, align: "right" as const, phone: "fact" as const, cell: (l: ReviewLine) => (l.account === me?.principal.id ? <span className="small ink3">your own</span> : l.decision === "disabled" || l.decision === "reject" ? null : <><Button kind="quiet" onClick={() => setAct({ line: l, decision: "keep" })}>Keep…</Button><Button kind="quiet" onClick={() => setAct({ line: l, decision: "reject" })}>Reject…</Button></>) }] : []),
  ];
  return (
    <Page title={review.title} tab={review.title} note={counts.undecided === 0 ? "Every account is decided" : `${plural(counts.undecided, "account is", "accounts are")} undecided`}
      actions={writes ? <Button kind="primary" disabled={counts.undecided > 0 || close.isPending} title={counts.undecided > 0 ? "Every account has to be decided first." : undefined} onClick={() => close.mutate()} data-command="Close the review">Close the review</Button> : null}
      facts={<FactsLine facts={[
        { label: "State", value: <ReviewState review={review} /> }, { label: "Due", value: <Due at={review.due} done={review.state === "closed"} past="overdue by" /> }, { label: "Accounts", value: counts.accounts }, { label: "Kept", value: counts.kept },
        { label: "Rejected", value: counts.rejected }, { label: "Undecided", value: counts.undecided }, { label: "Opened by", value: <>{review.openedBy}, <RelativeTime at={review.opened} /></> }, ...(review.closed ? [{ label: "Closed by", value: <>{review.closedBy}, <RelativeTime at={review.closed} /></> }] : []),
      ]} />}>
      {close.error ? <ErrorState trouble={trouble(close.error, "The review was not closed")} /> : null}
      <FilterBar filter={filter} fields={fields} placeholder="name, decision:none" onChange={(next) => change({ decision: next.fields["decision"], kind: next.fields["kind"], q: next.words })} />
      {rows.length > 0 ? <DataTable label="Accounts under review" rows={rows} columns={columns} keyOf={(line) => line.account} /> : <EmptyState title="No account matches">Drop a condition to see more.</EmptyState>}
      {act ? (
        <ConsequenceDialog title={`${act.decision === "keep" ? "Keep" : "Reject"} ${act.line.name}`} subtitle={(act.line.roles ?? []).map(roleName).join(", ")} act={act.decision === "keep" ? "Keep account" : "Reject account"} danger={act.decision === "reject"} pending={decide.isPending}
          trouble={decide.error ? trouble(decide.error, "Nothing was decided") : undefined} onClose={() => { decide.reset(); setAct(undefined); }} onAct={({ note }) => decide.mutate({ account: act.line.account, decision: act.decision, reason: note })}
          effects={act.decision === "keep" ? [{ when: "At once", what: "The account stays as it is. The log keeps who looked at it, and why it is still needed." }] : [{ when: "Within 1 s", what: "The account is disabled: its sessions, tokens and certificates end." }, { when: "Afterwards", what: "An administrator can enable it again." }]}
          {...(act.decision === "reject" ? { confirm: { what: "the name", text: act.line.name } } : {})} />
      ) : null}
    </Page>
  );
}
