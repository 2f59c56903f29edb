import { NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import type { Engagement, Request, Turn } from "@/api/engagements";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import { StatusGlyph } from "@/ui/marks/StatusMark";
import type { Status } from "@/ui/marks/status";
import { FormDialog } from "@/ui/overlay/FormDialog";
import { Button } from "@/ui/parts/Button";
import { Go } from "@/ui/parts/Go";
import { Icon } from "@/ui/parts/Icon";
import { SectionHead } from "@/ui/parts/Parts";
import { EmptyState } from "@/ui/parts/States";
import { Due } from "@/ui/time/Due";
import { dayFromNow } from "@/ui/time/format";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { useAct } from "./act";
import { requestWords } from "./say";

const glyphs: Record<Request["state"], Status> = { asked: "not-assessed", answered: "unknown", returned: "stale", accepted: "pass" };
const order: readonly Request["state"][] = ["returned", "asked", "answered", "accepted"];

/** Requests lists what the auditors asked for, whose turn it is, and everything said so far. */
export function Requests({ engagement: e, auditor }: { engagement: Engagement; auditor: boolean }) {
  const may = useMay();
  const [asking, setAsking] = useState(false);
  const [answering, setAnswering] = useState<Request>();
  const [judging, setJudging] = useState<Request>();
  const list = (e.requests ?? []).toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.due.localeCompare(b.due));
  return (
    <section className="section">
      <SectionHead title="Requests" note={list.length === 0 ? undefined : `${list.filter((each) => each.state === "accepted").length} of ${list.length} accepted`}>
        {auditor ? <Button icon={<Icon name="plus" size={12} />} onClick={() => setAsking(true)} data-command="Ask for something">Ask…</Button> : null}
      </SectionHead>
      {list.length === 0 ? <EmptyState title="Nothing is asked">Auditors ask here; whoever may answer does so with text, records and export packs.</EmptyState> : null}
      <ol className="requests">
        {list.map((each) => (
          <li key={each.n}>
            <div className="row wrap">
              <span className="mark"><StatusGlyph status={glyphs[each.state]} /><span className={each.overdue ? "fail" : "ink2"}>{requestWords[each.state]}</span></span>
              {each.control ? <Go href={`/controls/${each.control}`} className="mono">{each.control}</Go> : null}
              <span className="grow" />
              <span className="small">{each.state === "accepted" ? null : <Due at={each.due} past="overdue by" />}</span>
              {may("engagement:answer") && (each.state === "asked" || each.state === "returned") && e.state === "open" ? <Button kind="primary" onClick={() => setAnswering(each)} data-command={`Answer request ${each.n}`}>Answer…</Button> : null}
              {auditor && each.state === "answered" ? <Button kind="primary" onClick={() => setJudging(each)} data-command={`Judge the answer to request ${each.n}`}>Judge…</Button> : null}
            </div>
            <p className="request-text"><span className="ink3">{each.n}. </span>{each.text}</p>
            <p className="small ink3">{each.by}, <RelativeTime at={each.asked} /></p>
            {(each.turns ?? []).length > 0 ? <ol className="turns">{(each.turns ?? []).map((turn) => <TurnLine key={turn.at} turn={turn} />)}</ol> : null}
          </li>
        ))}
      </ol>
      {asking ? <Ask engagement={e} onClose={() => setAsking(false)} /> : null}
      {answering ? <AnswerForm engagement={e} request={answering} onClose={() => setAnswering(undefined)} /> : null}
      {judging ? <Judge engagement={e} request={judging} onClose={() => setJudging(undefined)} /> : null}
    </section>
  );
}

function TurnLine({ turn }: { turn: Turn }) {
  return (
    <li>
      <p>{turn.verdict ? <b>{turn.verdict === "accepted" ? "Accepted. " : "Sent back. "}</b> : null}{turn.text}</p>
      {(turn.records ?? []).length > 0 ? <p className="small">Records: {(turn.records ?? []).map((id, i) => <span key={id} className="mono">{i > 0 ? ", " : ""}{id}</span>)}</p> : null}
      {turn.export ? <p className="small"><Go href={`/exports/${turn.export}`}>Export pack</Go></p> : null}
      <p className="small ink3">{turn.by}, <RelativeTime at={turn.at} /></p>
    </li>
  );
}

function Ask({ engagement: e, onClose }: { engagement: Engagement; onClose: () => void }) {
  const run = useAct(e.id, onClose);
  const [control, setControl] = useState("");
  const [text, setText] = useState("");
  const [due, setDue] = useState(dayFromNow(7));
  return (
    <FormDialog title="Ask for something" act="Ask" ready={text.trim() !== "" && due !== ""} pending={run.isPending} trouble={run.error ? trouble(run.error, "Nothing was asked") : undefined} onClose={onClose}
      onAct={() => run.mutate({ path: "requests", body: { text: text.trim(), due: new Date(`${due}T23:59:59`).toISOString(), ...(control ? { control } : {}) } })}>
      <Textarea label="What is wanted" required data-autofocus autosize minRows={3} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      <div className="two">
        <NativeSelect label="About a control, optional" value={control} onChange={(event) => setControl(event.currentTarget.value)} data={[{ value: "", label: "No single one" }, ...(e.controls ?? [])]} />
        <TextInput type="date" label="Wanted by" required value={due} onChange={(event) => setDue(event.currentTarget.value)} />
      </div>
    </FormDialog>
  );
}

function AnswerForm({ engagement: e, request, onClose }: { engagement: Engagement; request: Request; onClose: () => void }) {
  const run = useAct(e.id, onClose);
  const [text, setText] = useState("");
  const [records, setRecords] = useState("");
  const [pack, setPack] = useState("");
  const ids = records.split(/[\s,]+/).filter(Boolean);
  return (
    <FormDialog title={`Answer request ${request.n}`} subtitle={request.text} act="Answer" ready={text.trim() !== ""} pending={run.isPending} trouble={run.error ? trouble(run.error, "Nothing was answered") : undefined} note="An auditor accepts it or sends it back." onClose={onClose}
      onAct={() => run.mutate({ path: `requests/${request.n}/answer`, body: { text: text.trim(), ...(ids.length ? { records: ids } : {}), ...(pack.trim() ? { export: pack.trim() } : {}) } })}>
      <Textarea label="Answer" required data-autofocus autosize minRows={3} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      <TextInput label="Ids of records, optional" description="From the address of each record, with a comma between." value={records} onChange={(event) => setRecords(event.currentTarget.value)} />
      <TextInput label="Id of an export pack, optional" value={pack} onChange={(event) => setPack(event.currentTarget.value)} />
    </FormDialog>
  );
}

function Judge({ engagement: e, request, onClose }: { engagement: Engagement; request: Request; onClose: () => void }) {
  const run = useAct(e.id, onClose);
  const [verdict, setVerdict] = useState<"accepted" | "returned">("accepted");
  const [text, setText] = useState("");
  const last = (request.turns ?? []).at(-1);
  return (
    <FormDialog title={`Judge the answer to request ${request.n}`} subtitle={last?.text} act={verdict === "accepted" ? "Accept answer" : "Send back"} ready={verdict === "accepted" || text.trim() !== ""} pending={run.isPending} trouble={run.error ? trouble(run.error, "Nothing was judged") : undefined} onClose={onClose}
      onAct={() => run.mutate({ path: `requests/${request.n}/judge`, body: { verdict, ...(text.trim() ? { text: text.trim() } : {}) } })}>
      <div className="choices" role="radiogroup" aria-label="Verdict">
        {([["accepted", "Accept"], ["returned", "Send back"]] as const).map(([key, label]) => <label key={key} className={key === verdict ? "choice choice-on" : "choice"}><input type="radio" name="verdict" className="hidden" checked={key === verdict} onChange={() => setVerdict(key)} />{label}</label>)}
      </div>
      <Textarea label={verdict === "accepted" ? "Remark, optional" : "What is still wanted"} autosize minRows={2} value={text} onChange={(event) => setText(event.currentTarget.value)} />
    </FormDialog>
  );
}
