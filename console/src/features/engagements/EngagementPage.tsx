import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { get, part } from "@/api/client";
import type { Engagement } from "@/api/engagements";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import { whoami } from "@/api/queries";
import { Button } from "@/ui/parts/Button";
import { Go } from "@/ui/parts/Go";
import { Page, Tabs } from "@/ui/parts/Page";
import { FactsLine, Notice } from "@/ui/parts/Parts";
import { ErrorState } from "@/ui/parts/States";
import { Due } from "@/ui/time/Due";
import { dayText } from "@/ui/time/format";
import { Conclusions } from "./Conclusions";
import { EngagementForm } from "./EngagementForm";
import { EngagementState } from "./EngagementState";
import { Requests } from "./Requests";
import { Samples } from "./Samples";
import { headline, scopeText } from "./say";
import { Sign, Signature } from "./Sign";
import "./engagements.css";

const tabs = [["", "Requests"], ["conclusions", "Conclusions"], ["samples", "Samples"], ["sign-off", "Sign-off"]] as const;

/** EngagementPage answers "what does the auditor need, is it answered?" */
export default function EngagementPage() {
  const { id = "", tab = "" } = useParams({ strict: false });
  const query = useQuery({ queryKey: ["engagement", id], queryFn: () => get<Engagement>(`/engagements/${part(id)}`) });
  if (query.error) return <Page title="Engagement" tab="Engagement"><ErrorState trouble={trouble(query.error, "The engagement could not be read")} again={() => void query.refetch()} /></Page>;
  return query.data ? <Shown engagement={query.data} tab={tab} /> : null;
}

function Shown({ engagement: e, tab }: { engagement: Engagement; tab: string }) {
  const may = useMay();
  const { data: me } = useQuery(whoami);
  const [dialog, setDialog] = useState<"change" | "sign">();
  const auditor = may("engagement:write") && e.state === "open" && (e.auditors ?? []).some((each) => each.id === me?.principal.id);
  const href = `/engagements/${e.id}`;
  const count: Record<string, number> = { "": e.progress.requests, conclusions: e.progress.concluded, samples: e.progress.samples };
  return (
    <Page title={e.title} tab={e.title} note={headline(e)} facts={<Facts engagement={e} />}
      tabs={<Tabs label="Engagement" tabs={tabs.map(([key, label]) => ({ label, href: key === "" ? href : `${href}/${key}`, active: key === tab, count: count[key] }))} />}
      actions={<>
        {may("export:create") ? <Go href={`/exports?engagement=${e.id}`} className="btn btn-plain">Export pack…</Go> : null}
        {auditor ? <Button onClick={() => setDialog("change")} data-command="Change the engagement">Change…</Button> : null}
        {auditor ? <Button kind="primary" onClick={() => setDialog("sign")} data-command="Sign the engagement off">Sign off…</Button> : null}
      </>}>
      {e.state === "over" ? <Notice tone="stale">The auditors’ time ended without a sign-off. Open another engagement to go on.</Notice> : null}
      {may("engagement:write") && e.state === "open" && !auditor ? <Notice>You are no auditor of this engagement: you may read it. One of its auditors adds another.</Notice> : null}
      {tab === "conclusions" ? <Conclusions engagement={e} auditor={auditor} /> : tab === "samples" ? <Samples engagement={e} auditor={auditor} /> : tab === "sign-off" ? <Signature engagement={e} /> : <Requests engagement={e} auditor={auditor} />}
      {dialog === "change" ? <EngagementForm engagement={e} onClose={() => setDialog(undefined)} onDone={() => setDialog(undefined)} /> : null}
      {dialog === "sign" ? <Sign engagement={e} onClose={() => setDialog(undefined)} /> : null}
    </Page>
  );
}

function Facts({ engagement: e }: { engagement: Engagement }) {
  return (
    <FactsLine facts={[
      { label: "State", value: <EngagementState engagement={e} /> }, { label: "Period", value: `${dayText(Date.parse(e.from))} to ${dayText(Date.parse(e.to))}` },
      { label: "Scope", value: scopeText(e.scope, (e.controls ?? []).length) }, ...(e.system ? [{ label: "System", value: e.system }] : []),
      { label: "Auditors", value: (e.auditors ?? []).map((each, i) => <span key={each.id}>{i > 0 ? ", " : ""}<span className={each.active ? "" : "ink3"}>{each.name}{!each.active ? ", account ended" : each.expires ? "" : ", account has no end"}</span></span>) },
      { label: "Auditors work until", value: <Due at={e.ends} done={e.state === "signed"} past="since" /> },
    ]} />
  );
}
