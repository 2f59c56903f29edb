import { TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { send } from "@/api/client";
import type { Review } from "@/api/engagements";
import { useList } from "@/api/list";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import { plural } from "@/features/records/say";
import { StatusGlyph } from "@/ui/marks/StatusMark";
import { FormDialog } from "@/ui/overlay/FormDialog";
import { Button } from "@/ui/parts/Button";
import { Go } from "@/ui/parts/Go";
import { Icon } from "@/ui/parts/Icon";
import { Page } from "@/ui/parts/Page";
import { EmptyState, ErrorState } from "@/ui/parts/States";
import type { Column } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { ListEnd } from "@/ui/table/ListEnd";
import { Due } from "@/ui/time/Due";
import { dayFromNow } from "@/ui/time/format";
import { RelativeTime } from "@/ui/time/RelativeTime";

/** ReviewState says whether a review still waits for decisions. */
export function ReviewState({ review }: { review: Review }) {
  if (review.state === "closed") return <span className="mark ink2"><StatusGlyph status="pass" /><span>Closed</span></span>;
  return <span className="mark"><StatusGlyph status={review.overdue ? "fail" : "not-assessed"} /><span className={review.overdue ? "fail" : "ink2"}>{review.overdue ? "Overdue" : "Open"}</span></span>;
}

const columns: readonly Column<Review>[] = [
  { id: "title", header: "Review", phone: "title", cell: (r) => <Go href={`/reviews/${r.id}`} data-row>{r.title}</Go> },
  { id: "opened", header: "Opened", width: "18%", phone: "fact", cell: (r) => <span className="ink2">{r.openedBy}, <RelativeTime at={r.opened} /></span> },
  { id: "decided", header: "Decided", width: 110, align: "right", phone: "fact", cell: (r) => <>{r.counts.accounts - r.counts.undecided}<span className="ink3">/{r.counts.accounts}</span></> },
  { id: "rejected", header: "Rejected", width: 100, align: "right", cell: (r) => <span className="ink2">{r.counts.rejected}</span> },
  { id: "due", header: "Due", width: 170, align: "right", cell: (r) => <Due at={r.due} done={r.state === "closed"} past="overdue by" /> },
  { id: "state", header: "State", width: 130, phone: "status", cell: (r) => <ReviewState review={r} /> },
];

/** ReviewsPage lists access reviews: whether every account was looked at by somebody, and what came of it. */
export default function ReviewsPage() {
  const may = useMay();
  const router = useRouter();
  const list = useList<Review>("/reviews");
  const [adding, setAdding] = useState(false);
  const open = list.rows.filter((each) => each.state === "open");
  const waiting = open.reduce((sum, each) => sum + each.counts.undecided, 0);
  return (
    <Page title={list.pending ? "Access reviews" : open.length === 0 ? "No access review is open" : `${plural(open.length, "access review is", "access reviews are")} open, ${waiting === 0 ? "everything is decided" : plural(waiting, "account or device is undecided", "accounts and devices are undecided")}`} tab="Access reviews"
      actions={may("review:write") ? <Button kind="primary" icon={<Icon name="plus" size={13} />} onClick={() => setAdding(true)} data-command="Open an access review">Open a review</Button> : null}>
      {list.error ? <ErrorState trouble={trouble(list.error, "The reviews could not be read")} again={list.again} /> : null}
      {list.rows.length > 0 ? <DataTable label="Access reviews" rows={list.rows} columns={columns} keyOf={(each) => each.id} href={(each) => `/reviews/${each.id}`} /> : null}
      {!list.pending && !list.error && list.rows.length === 0 ? <EmptyState title="No access was reviewed yet" command={'thingward review open "Autumn review" --due 2026-12-15'}>A review lists every person, service account and device, those made meanwhile too. Each is kept with a reason or rejected; whoever is rejected is out at once.</EmptyState> : null}
      {list.rows.length > 0 ? <ListEnd shown={list.rows.length} total={list.total} more={list.more} loading={list.loading} /> : null}
      {adding ? <Open onClose={() => setAdding(false)} onDone={(made) => void router.navigate({ href: `/reviews/${made.id}` })} /> : null}
    </Page>
  );
}

function Open({ onClose, onDone }: { onClose: () => void; onDone: (made: Review) => void }) {
  const cache = useQueryClient();
  const [title, setTitle] = useState("");
  const [due, setDue] = useState(dayFromNow(14));
  const run = useMutation({
    mutationFn: () => send<Review>("POST", "/reviews", { title: title.trim(), due: new Date(`${due}T23:59:59`).toISOString() }),
    onSuccess: async (made) => {
      await cache.invalidateQueries({ queryKey: ["list", "/reviews"] });
      onClose();
      onDone(made);
    },
  });
  return (
    <FormDialog title="Open an access review" act="Open review" ready={title.trim() !== "" && due !== ""} pending={run.isPending} trouble={run.error ? trouble(run.error, "No review was opened") : undefined} note="The platform makes the list." onClose={onClose} onAct={() => run.mutate()}>
      <TextInput label="Title" required data-autofocus value={title} onChange={(event) => setTitle(event.currentTarget.value)} />
      <TextInput type="date" label="Everything decided by" required min={dayFromNow(1)} value={due} onChange={(event) => setDue(event.currentTarget.value)} />
    </FormDialog>
  );
}
