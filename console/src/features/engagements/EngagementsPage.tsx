import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import type { Engagement } from "@/api/engagements";
import { useList } from "@/api/list";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import { plural } from "@/features/records/say";
import { Button } from "@/ui/parts/Button";
import { Go } from "@/ui/parts/Go";
import { Icon } from "@/ui/parts/Icon";
import { Page } from "@/ui/parts/Page";
import { EmptyState, ErrorState } from "@/ui/parts/States";
import type { Column } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { ListEnd } from "@/ui/table/ListEnd";
import { Due } from "@/ui/time/Due";
import { dayText } from "@/ui/time/format";
import { EngagementForm } from "./EngagementForm";
import { EngagementState } from "./EngagementState";

const columns: readonly Column<Engagement>[] = [
  { id: "title", header: "Engagement", phone: "title", cell: (e) => <Go href={`/engagements/${e.id}`} data-row>{e.title}</Go> },
  { id: "period", header: "Period", width: 190, phone: "fact", cell: (e) => <span className="ink2">{dayText(Date.parse(e.from))} to {dayText(Date.parse(e.to))}</span> },
  { id: "auditors", header: "Auditors", width: "17%", phone: "fact", cell: (e) => <span className="ink2">{(e.auditors ?? []).map((each) => each.name).join(", ")}</span> },
  { id: "concluded", header: "Concluded", width: 96, align: "right", cell: (e) => <>{e.progress.concluded}<span className="ink3">/{e.progress.controls}</span></> },
  { id: "requests", header: "To answer", width: 120, align: "right", phone: "fact", cell: (e) => (e.progress.openRequests === 0 ? <span className="ink3">nothing</span> : <span className={e.progress.overdueRequests > 0 ? "fail" : ""}>{e.progress.openRequests}{e.progress.overdueRequests > 0 ? `, ${e.progress.overdueRequests} late` : ""}</span>) },
  { id: "ends", header: "Ends", width: 150, align: "right", cell: (e) => <span className="ink2"><Due at={e.ends} done={e.state === "signed"} past="since" /></span> },
  { id: "state", header: "State", width: 150, phone: "status", cell: (e) => <EngagementState engagement={e} /> },
];

/** EngagementsPage lists audits: their period, who audits, and what waits for an answer. */
export default function EngagementsPage() {
  const may = useMay();
  const router = useRouter();
  const list = useList<Engagement>("/engagements");
  const [adding, setAdding] = useState(false);
  const open = list.rows.filter((each) => each.state === "open");
  const waiting = open.reduce((sum, each) => sum + each.progress.openRequests, 0);
  return (
    <Page title={list.pending ? "Engagements" : open.length === 0 ? "No engagement is open" : `${plural(open.length, "engagement is", "engagements are")} open, ${waiting === 0 ? "nothing waits for an answer" : plural(waiting, "request waits for an answer", "requests wait for an answer")}`} tab="Engagements"
      actions={may("engagement:write") ? <Button kind="primary" icon={<Icon name="plus" size={13} />} onClick={() => setAdding(true)} data-command="Open an engagement">Open an engagement</Button> : null}>
      {list.error ? <ErrorState trouble={trouble(list.error, "The engagements could not be read")} again={list.again} /> : null}
      {list.rows.length > 0 ? <DataTable label="Engagements" rows={list.rows} columns={columns} keyOf={(each) => each.id} href={(each) => `/engagements/${each.id}`} /> : null}
      {!list.pending && !list.error && list.rows.length === 0 ? (
        <EmptyState title="There is no engagement yet" command="thingward account create --role auditor NAME && thingward account expire NAME 2027-01-31">An auditor opens an engagement with a period and a scope. An administrator makes the auditor’s account: it reads everything, changes nothing, and ends by itself.</EmptyState>
      ) : null}
      {list.rows.length > 0 ? <ListEnd shown={list.rows.length} total={list.total} more={list.more} loading={list.loading} /> : null}
      {adding ? <EngagementForm onClose={() => setAdding(false)} onDone={(made) => void router.navigate({ href: `/engagements/${made.id}` })} /> : null}
    </Page>
  );
}
