import { useQuery } from "@tanstack/react-query";
import { get } from "@/api/client";
import { trouble } from "@/api/problem";
import { items } from "@/api/queries";
import { dutySummary, type DueDay } from "@/api/records";
import type { List } from "@/api/types";
import { useAddress } from "@/ui/address";
import { Calendar, monthDays, stepMonth } from "@/ui/charts/Calendar";
import { Button } from "@/ui/parts/Button";
import { Go } from "@/ui/parts/Go";
import { Icon } from "@/ui/parts/Icon";
import { Page } from "@/ui/parts/Page";
import { EmptyState, ErrorState } from "@/ui/parts/States";
import { dayFromNow, localDay } from "@/ui/time/format";
import { RecordTabs } from "./RecordTabs";
import { plural } from "./say";

const name = (month: string) => new Date(`${month}-15T12:00:00`).toLocaleDateString("en-GB", { month: "long", year: "numeric" });

/** CalendarPage shows on which day which record ends and which item is due. */
export default function CalendarPage() {
  const { params, change } = useAddress();
  const { data: summary } = useQuery(dutySummary);
  const now = dayFromNow().slice(0, 7);
  const month = /^\d{4}-(0[1-9]|1[0-2])$/.test(params["month"] ?? "") ? (params["month"] as string) : now;
  const days = monthDays(month);
  const from = (days[0] as Date).toISOString();
  const to = new Date((days.at(-1) as Date).getTime() + 86_400_000).toISOString();
  const query = useQuery({ queryKey: ["calendar", month], queryFn: () => get<List<DueDay> | DueDay[]>("/duties/calendar", { from, to, limit: 1000 }).then(items), placeholderData: (old) => old });
  const all = query.data ?? [];
  const inside = all.filter((each) => localDay(Date.parse(each.at)).startsWith(month));
  const records = inside.filter((each) => each.what === "record").length;
  return (
    <Page title={query.data ? `${name(month)}: ${plural(records, "record ends", "records end")}, ${plural(inside.length - records, "item is due", "items are due")}` : "Due calendar"} tab="Due calendar" tabs={<RecordTabs active="calendar" summary={summary} />}
      actions={<>
        <Button icon={<Icon name="back" size={13} />} aria-label="Month before" data-trail="previous" onClick={() => change({ month: stepMonth(month, -1) })} />
        {month === now ? null : <Button onClick={() => change({ month: undefined })}>This month</Button>}
        <Button icon={<Icon name="right" size={13} />} aria-label="Month after" data-trail="next" onClick={() => change({ month: stepMonth(month, 1) })} />
      </>}>
      {query.error ? <ErrorState trouble={trouble(query.error, "The calendar could not be read")} again={() => void query.refetch()} /> : null}
      <Calendar month={month} label={`What is due in ${name(month)}`} entries={all.map((each) => ({ key: each.what + each.id, at: Date.parse(each.at), content: <Entry due={each} /> }))} />
      {query.data && inside.length === 0 ? <EmptyState title="Nothing ends and nothing is due this month">Records in force appear on the day they end, items of records on the day they are due.</EmptyState> : null}
    </Page>
  );
}

function Entry({ due }: { due: DueDay }) {
  const late = due.state === "expired" || due.state === "overdue";
  const about = due.object.kind === "organisation" ? "" : `, ${due.object.name}`;
  const said = `${due.title}${about}${due.owner ? `, ${due.owner}` : ""}${late ? (due.what === "record" ? ", ended" : ", overdue") : ""}`;
  return <Go href={due.what === "record" ? `/records/${due.kind}/${due.id}` : `/records/items?kind=${due.kind}`} className={late ? "fail" : "plain"} title={said} data-row>{due.what === "item" ? "○ " : ""}{about ? `${due.object.name}: ` : ""}{due.title}</Go>;
}
