import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { part, send } from "@/api/client";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import * as q from "@/api/queries";
import type { Control } from "@/api/types";
import { asStatus } from "@/ui/marks/status";
import { StatusMark } from "@/ui/marks/StatusMark";
import { Go } from "@/ui/parts/Go";
import { Icon } from "@/ui/parts/Icon";
import { Page, Tabs } from "@/ui/parts/Page";
import { FactsLine, Tag, type Fact } from "@/ui/parts/Parts";
import { ErrorState } from "@/ui/parts/States";
import { Act } from "@/ui/past/Act";
import { useAt } from "@/ui/past/past";
import { RequestException } from "@/features/exceptions/RequestException";
import { exceptionsOf } from "@/api/findings";
import { parse, span } from "@/ui/time/format";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { useStillNow } from "@/ui/time/clock";
import { ControlRail } from "./ControlRail";
import { DefinitionTab } from "./DefinitionTab";
import { EvidenceTab } from "./EvidenceTab";
import { ExceptionsTab } from "./ExceptionsTab";
import { ObjectsTab } from "./ObjectsTab";
import { HistoryTab } from "./HistoryTab";
import { WhyTab } from "./WhyTab";
import "./controls.css";

const tabs = [["", "Why"], ["objects", "Objects"], ["evidence", "Evidence"], ["exceptions", "Exceptions"], ["history", "History"], ["definition", "Definition"]] as const;

/** ControlPage answers "why does it stand where it stands?" */
export default function ControlPage() {
  const { id = "", tab = "" } = useParams({ strict: false });
  const at = useAt();
  const query = useQuery(q.control(id, at));
  if (query.error) return <Page title={id} tab={id}><ErrorState trouble={trouble(query.error, `${id} could not be read`)} again={() => void query.refetch()} /></Page>;
  return query.data ? <Shown control={query.data} tab={tab} /> : null;
}

function Shown({ control, tab }: { control: Control; tab: string }) {
  const may = useMay();
  const cache = useQueryClient();
  const run = useMutation({
    mutationFn: () => send("POST", `/controls/${part(control.id)}/run`),
    onSuccess: () => Promise.all([["control", control.id], ["posture"], ["controls"]].map((queryKey) => cache.invalidateQueries({ queryKey }))),
  });
  const href = `/controls/${control.id}`;
  const [asking, setAsking] = useState(false);
  const { data: exceptions } = useQuery(exceptionsOf(control.id));
  const inForce = (exceptions ?? []).filter((each) => each.state === "approved" || each.state === "requested").length;
  const counts: Record<string, number> = inForce > 0 ? { exceptions: inForce } : {};
  return (
    <Page title={<><span className="ink3 idlead">{control.id}</span>{control.title}</>} tab={control.id} facts={<Facts control={control} />} rail={<ControlRail control={control} />}
      actions={<>
        {may("control:write") ? <Act icon={<Icon name="play" size={13} />} disabled={run.isPending} onClick={() => run.mutate()} data-command="Run checks now">{run.isPending ? "Running…" : "Run checks now"}</Act> : null}
        {may("exception:request") ? <Act onClick={() => setAsking(true)} data-command="Request exception">Request exception…</Act> : null}
      </>}
      tabs={<Tabs label="Control" tabs={tabs.map(([key, label]) => ({ label, href: key === "" ? href : `${href}/${key}`, active: key === tab, count: counts[key] }))} />}>
      {run.error ? <ErrorState trouble={trouble(run.error, "The checks did not run")} /> : null}
      <Body control={control} tab={tab} ask={() => setAsking(true)} />
      {asking ? <RequestException control={control.id} checks={control.checks ?? []} onClose={() => setAsking(false)} /> : null}
    </Page>
  );
}

function Body({ control, tab, ask }: { control: Control; tab: string; ask: () => void }) {
  switch (tab) {
    case "objects": return <ObjectsTab control={control} />;
    case "evidence": return <EvidenceTab control={control} />;
    case "exceptions": return <ExceptionsTab control={control} ask={ask} />;
    case "history": return <HistoryTab control={control} />;
    case "definition": return <DefinitionTab control={control} />;
    default: return <WhyTab control={control} />;
  }
}

function Facts({ control }: { control: Control }) {
  const now = useStillNow();
  const since = parse(control.since);
  const checks = control.checks ?? [];
  const sum = (pick: (c: (typeof checks)[number]["counts"]) => number) => checks.reduce((total, check) => total + pick(check.counts), 0);
  const excepted = sum((c) => c.excepted ?? 0);
  const all = sum((c) => c.pass + c.fail + c.unknown + c.stale); // those excepted are among those that fail
  const marks = (provenance: string) => (control.owasp ?? []).filter((each) => each.provenance === provenance);
  const facts: Fact[] = [
    { label: "Status", value: <StatusMark status={asStatus(control.status)} {...(since ? { note: `for ${span(now - since)}` } : {})} /> },
    { label: "Mode", value: `${(control.modes ?? []).join(", ") || "none"}, ${checks.length} ${checks.length === 1 ? "check" : "checks"}` },
    { label: "Judgements", value: all === 0 ? <span className="ink3">none yet</span> : `${sum((c) => c.pass).toLocaleString("en")} of ${all.toLocaleString("en")} pass${excepted > 0 ? `, ${excepted.toLocaleString("en")} excepted` : ""}` },
    ...(control.weight !== undefined && control.weight !== 1 ? [{ label: "Weight", value: `× ${control.weight}` }] : []),
    { label: "Newest observation", value: <RelativeTime at={control.observed} /> },
    { label: "Layers", value: (control.layers ?? []).join(", ") || <span className="ink3">none</span> },
  ];
  for (const [provenance, label] of [["product", "OWASP, product mapping"], ["source", "OWASP, source"]] as const) {
    const found = marks(provenance);
    if (found.length > 0) facts.push({ label, value: <span className="row">{found.map((each) => <Go key={each.item} href={`/frameworks/owasp-iot-2018/${each.item}?provenance=${provenance}`} title={each.name}><Tag>{each.item}</Tag></Go>)}</span> });
  }
  return <FactsLine facts={facts} />;
}
