import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { part, send } from "@/api/client";
import { useList } from "@/api/list";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import * as q from "@/api/queries";
import type { Alert, Event } from "@/api/types";
import { asSeverity, SeverityMark } from "@/ui/marks/SeverityMark";
import { Button } from "@/ui/parts/Button";
import { Go } from "@/ui/parts/Go";
import { IdChip } from "@/ui/parts/IdChip";
import { Page } from "@/ui/parts/Page";
import { DefinitionList, FactsLine, SectionHead } from "@/ui/parts/Parts";
import { ErrorState } from "@/ui/parts/States";
import { parse, span, utcFull } from "@/ui/time/format";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { DeviceEvents } from "@/features/devices/DeviceEvents";
import { CloseAlert } from "./CloseAlert";
import { alertState, subjectHref } from "./words";

/** AlertPage says what was seen, who has it, and closes it with cause and remedy. */
export default function AlertPage() {
  const { id = "" } = useParams({ strict: false });
  const query = useQuery(q.alert(id));
  if (query.error) return <Page title="Alert" tab="Alert"><ErrorState trouble={trouble(query.error, "The alert could not be read")} again={() => void query.refetch()} /></Page>;
  return query.data ? <Shown alert={query.data} /> : null;
}

function Shown({ alert }: { alert: Alert }) {
  const may = useMay();
  const cache = useQueryClient();
  const [closing, setClosing] = useState(false);
  const ack = useMutation({
    mutationFn: () => send<Alert>("POST", `/alerts/${part(alert.id)}/ack`),
    onSuccess: () => Promise.all([["alert", alert.id], ["list", "/alerts"]].map((queryKey) => cache.invalidateQueries({ queryKey }))),
  });
  const open = alert.state !== "closed";
  return (
    <Page title={alert.title} tab={alert.title} note={<IdChip id={alert.id} label="alert id" />}
      actions={open && may("alert:write") ? (
        <>
          {alert.state === "open" ? <Button disabled={ack.isPending} onClick={() => ack.mutate()} data-command="Acknowledge" data-key="a">{ack.isPending ? "Acknowledging…" : "Acknowledge"}</Button> : null}
          <Button kind="primary" onClick={() => setClosing(true)} data-command="Close the alert">Close…</Button>
        </>
      ) : null}
      facts={<Facts alert={alert} />} rail={<Rail alert={alert} />}>
      {ack.error ? <ErrorState trouble={trouble(ack.error, "The alert was not acknowledged")} /> : null}
      <p className="lead">{alert.text}</p>
      <Evidence alert={alert} />
      {closing ? <CloseAlert alert={alert} onClose={() => setClosing(false)} /> : null}
    </Page>
  );
}

function Facts({ alert }: { alert: Alert }) {
  const href = subjectHref(alert.subject);
  const name = alert.subject.name ?? alert.subject.id;
  return (
    <FactsLine facts={[
      { label: "Severity", value: <SeverityMark severity={asSeverity(alert.severity)} word /> },
      { label: "State", value: alertState(alert) },
      { label: "Object", value: href ? <Go href={href} className="mono">{name}</Go> : <span className="mono">{name}</span> },
      { label: "Control", value: <Go href={`/controls/${alert.control}`} className="mono">{alert.control}</Go> },
      { label: "Times", value: alert.count.toLocaleString("en") },
      { label: "First seen", value: <RelativeTime at={alert.first} /> },
      { label: "Last seen", value: <RelativeTime at={alert.last} /> },
    ]} />
  );
}

function Rail({ alert }: { alert: Alert }) {
  const [raised, notified, acked, closed] = [parse(alert.raised), parse(alert.notified), parse(alert.acknowledged), parse(alert.closed)];
  const after = (from: number | undefined, to: number | undefined) => (from !== undefined && to !== undefined ? <span className="ink3"> after {span(to - from)}</span> : null);
  return (
    <>
      <section className="section">
        <SectionHead title="What was done" />
        <DefinitionList facts={[
          { label: "Raised", value: raised ? utcFull(raised) : "" },
          { label: "Notified", value: notified ? <>{utcFull(notified)}{after(raised, notified)}</> : <span className="ink3">nobody was notified: no route takes this severity</span> },
          { label: "Acknowledged", value: acked ? <>{utcFull(acked)}{after(raised, acked)}</> : <span className="ink3">not yet</span> },
          { label: "Closed", value: closed ? <>{utcFull(closed)}{after(raised, closed)}</> : <span className="ink3">not yet</span> },
          ...(alert.owner ? [{ label: "With", value: alert.owner }] : []),
        ]} />
      </section>
      <Deliveries alert={alert} />
      {alert.cause || alert.remedy ? (
        <section className="section">
          <SectionHead title="Cause and remedy" />
          <DefinitionList facts={[{ label: "Cause", value: alert.cause ?? "" }, { label: "Remedy", value: alert.remedy ?? "" }]} />
        </section>
      ) : null}
      <section className="section"><SectionHead title="Rule" /><DefinitionList facts={[{ label: "Rule", value: <span className="mono">{alert.rule}</span> }]} /></section>
    </>
  );
}

function Deliveries({ alert }: { alert: Alert }) {
  const rows = alert.deliveries ?? [];
  if (rows.length === 0) return null;
  return (
    <section className="section">
      <SectionHead title="Told to" note={`${rows.length} ${rows.length === 1 ? "route" : "routes"}`} />
      <DefinitionList facts={rows.map((row) => ({
        label: row.route,
        value: <span className={row.state === "failed" || row.state === "dropped" ? "fail" : ""}>{row.state}{row.tries > 1 ? `, ${row.tries} tries` : ""}{row.error ? `: ${row.error}` : ""}</span>,
      }))} />
    </section>
  );
}

function Evidence({ alert }: { alert: Alert }) {
  const may = useMay();
  const list = useList<Event>("/events", { subject: alert.subject.id }, { enabled: may("event:read") });
  const ids = new Set(alert.events ?? []);
  const cited = list.rows.filter((event) => ids.has(event.id));
  const shown = cited.length > 0 ? cited : list.rows.slice(0, 20);
  return (
    <section className="section">
      <SectionHead title="Events" note={cited.length > 0 ? `${cited.length} of ${ids.size} that raised it, UTC` : "the newest of this object, UTC"} />
      {list.pending ? null : <DeviceEvents events={shown} />}
    </section>
  );
}
