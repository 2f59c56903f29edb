import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import { whoami } from "@/api/queries";
import { risk as riskAt, riskScales, type Risk, type Scales } from "@/api/risks";
import { Page } from "@/ui/parts/Page";
import { DefinitionList, FactsLine, Notice, SectionHead } from "@/ui/parts/Parts";
import { ErrorState } from "@/ui/parts/States";
import { Act } from "@/ui/past/Act";
import { useAt } from "@/ui/past/past";
import { Timeline } from "@/ui/parts/Timeline";
import { Dot } from "@/ui/parts/Timeline";
import { Due } from "@/ui/time/Due";
import { dayText } from "@/ui/time/format";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { Grid } from "@/ui/charts/Grid";
import { LevelMark, Standing } from "./columns";
import { CloseRisk, DecideRisk } from "./DecideRisk";
import { Mitigations } from "./Mitigations";
import { RiskForm } from "./RiskForm";
import { RiskLinks } from "./RiskLinks";
import { decisionWords, levels, levelWord, mayNot } from "./say";
import "./risks.css";

/** RiskPage shows one risk: what may happen, how bad, what was decided, what is being done and what is left. */
export default function RiskPage() {
  const { id = "" } = useParams({ strict: false });
  const at = useAt();
  const query = useQuery(riskAt(id, at));
  const { data: scales } = useQuery(riskScales);
  if (query.error) return <Page title="Risk" tab="Risk"><ErrorState trouble={trouble(query.error, at === undefined ? "The risk could not be read" : "The risk could not be shown as of then")} again={() => void query.refetch()} /></Page>;
  return query.data && scales ? <Shown risk={query.data} scales={scales} /> : null;
}

function Shown({ risk, scales }: { risk: Risk; scales: Scales }) {
  const may = useMay();
  const { data: me } = useQuery(whoami);
  const [dialog, setDialog] = useState<"decide" | "close" | "change">();
  const open = risk.state === "open";
  const now = useAt() === undefined;
  const no = me ? mayNot(risk, me.principal) : undefined;
  const shut = () => setDialog(undefined);
  return (
    <Page title={risk.title} tab={risk.title}
      actions={open ? (
        <>
          {may("risk:write") ? <Act onClick={() => setDialog("change")} data-command="Change the risk">Change…</Act> : null}
          {may("risk:decide") ? <Act disabled={no !== undefined} title={no} onClick={() => setDialog("close")} data-command="Close the risk">Close…</Act> : null}
          {may("risk:decide") ? <Act kind="primary" disabled={no !== undefined} title={no} onClick={() => setDialog("decide")} data-command="Decide the risk">Decide…</Act> : null}
        </>
      ) : null}
      facts={<Facts risk={risk} />} rail={<Rail risk={risk} scales={scales} />}>
      {open && risk.lapsed ? <Notice tone="stale">The decision to {risk.decision?.decision} ended on {risk.decision?.ends ? dayText(Date.parse(risk.decision.ends)) : "its day"}. The risk is undecided again until somebody decides anew.</Notice> : null}
      {open && now && may("risk:decide") && no ? <p className="small ink2 pad">{no}</p> : null}
      <p className="lead">{risk.threat}</p>
      <DefinitionList facts={[
        ...(risk.vulnerability ? [{ label: "Makes use of", value: risk.vulnerability }] : []), ...(risk.source ? [{ label: "Source", value: risk.source }] : []),
        { label: "Scopes", value: (risk.scopes ?? []).map((name) => scales.scopes?.find((scope) => scope.name === name)?.title ?? name).join(", ") || <span className="ink3">none</span> },
      ]} />
      <Decided risk={risk} />
      <Mitigations risk={risk} />
      <RiskLinks risk={risk} />
      {dialog === "decide" ? <DecideRisk risk={risk} scales={scales} onClose={shut} /> : null}
      {dialog === "close" ? <CloseRisk risk={risk} onClose={shut} /> : null}
      {dialog === "change" ? <RiskForm risk={risk} scales={scales} onClose={shut} onDone={shut} /> : null}
    </Page>
  );
}

function Facts({ risk }: { risk: Risk }) {
  return (
    <FactsLine facts={[
      { label: "As rated", value: <LevelMark level={risk.level} name={risk.levelName} /> },
      { label: useAt() === undefined ? "Remains now" : "Remained", value: <LevelMark level={risk.remaining.level} name={risk.remaining.levelName} /> },
      { label: "Decision", value: <Standing risk={risk} /> },
      { label: "Asset", value: risk.asset },
      { label: "System", value: risk.system ?? "the whole organisation" },
      ...(risk.site ? [{ label: "Site", value: risk.site }] : []),
      { label: "Owner", value: risk.owner },
      { label: "Next due", value: <Due at={risk.due} none="nothing" done={risk.state === "closed"} past="late by" /> },
      ...(risk.safety ? [{ label: "Safety", value: <span className="fail">people or surroundings may come to harm</span> }] : []),
    ]} />
  );
}

function Decided({ risk }: { risk: Risk }) {
  const { decision, closing } = risk;
  return (
    <section className="section">
      <SectionHead title="Decision" note={decision ? undefined : "nobody decided yet"} />
      {decision ? (
        <DefinitionList facts={[
          { label: "Decided to", value: <b>{decisionWords[decision.decision]}</b> }, { label: "Because", value: decision.reason },
          { label: "By", value: <>{decision.decider.name}, <RelativeTime at={decision.decided} /></> }, { label: "Until", value: <Due at={decision.ends} none="it has no end" past="ended since" /> },
          { label: "Would remain", value: <LevelMark level={decision.residualLevel} name={levels[decision.residualLevel - 1] ?? ""} quiet /> },
        ]} />
      ) : <p className="ink2 pad">Mitigate, defer or accept: somebody who neither entered, rated nor owns it decides, with a reason, and to defer or accept only for a time.</p>}
      {closing ? <DefinitionList facts={[{ label: "Closed", value: <>{closing.by.name}, <RelativeTime at={closing.at} /></> }, { label: "Because", value: closing.reason }]} /> : null}
    </section>
  );
}

function Rail({ risk, scales }: { risk: Risk; scales: Scales }) {
  const steps = [1, 2, 3, 4, 5].map((value) => ({ value, name: "" }));
  const cells = steps.flatMap((row) => steps.map((column) => {
    const rated = row.value === risk.likelihood && column.value === risk.impact;
    const now = row.value === risk.remaining.likelihood && column.value === risk.remaining.impact;
    const level = scales.matrix?.[row.value - 1]?.[column.value - 1] ?? 1;
    return { row: row.value, column: column.value, tone: Math.min(4, Math.max(0, level - 1)) as 0 | 1 | 2 | 3 | 4, here: now, content: rated && now ? "●" : rated ? "○" : now ? "●" : "", label: rated || now ? `${rated ? "rated here" : ""}${rated && now ? ", " : ""}${now ? "remains here" : ""}` : "" };
  }));
  return (
    <>
      <section className="section placein">
        <SectionHead title="Place" note="○ as rated, ● what remains" />
        <div className="pad"><Grid label="Place of the risk" rows={{ name: "Likelihood", steps }} columns={{ name: "Impact", steps }} cells={cells} /></div>
        <DefinitionList facts={[
          { label: "Likelihood", value: `${risk.likelihood} ${levelWord(levels[risk.likelihood - 1] ?? "")}` }, { label: "Impact", value: `${risk.impact} ${levelWord(levels[risk.impact - 1] ?? "")}` },
          { label: "Entered by", value: <>{risk.entered.name}, <RelativeTime at={risk.created} /></> }, { label: "Rated by", value: risk.rated.name },
        ]} />
      </section>
      <section className="section">
        <SectionHead title="History" note={`${(risk.history ?? []).length}, newest first`} />
        <Timeline label="History" moments={(risk.history ?? []).map((each) => ({ key: String(each.version), at: Date.parse(each.at), time: dayText(Date.parse(each.at)), mark: <Dot />, text: <span title={each.what}>{each.what}</span>, note: each.who }))} />
      </section>
    </>
  );
}
