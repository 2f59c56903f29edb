import { Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import type { Mitigation, Risk } from "@/api/risks";
import { PersonInput } from "@/features/people/PersonInput";
import { FormDialog } from "@/ui/overlay/FormDialog";
import { StatusGlyph } from "@/ui/marks/StatusMark";
import { Button } from "@/ui/parts/Button";
import { SectionHead } from "@/ui/parts/Parts";
import { useAt } from "@/ui/past/past";
import { Due } from "@/ui/time/Due";
import { dayFromNow, parse } from "@/ui/time/format";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { useRiskAct } from "./DecideRisk";

/** Mitigations lists what is being done about a risk, by whom and by when; finishing one asks what came of it. */
export function Mitigations({ risk }: { risk: Risk }) {
  const may = useMay();
  const [adding, setAdding] = useState(false);
  const [finishing, setFinishing] = useState<Mitigation>();
  const all = risk.mitigations ?? [];
  const done = all.filter((each) => parse(each.finished) !== undefined).length;
  const now = useAt() === undefined;
  const writes = may("risk:write") && risk.state === "open" && now;
  return (
    <section className="section">
      <SectionHead title="Mitigations" note={all.length === 0 ? "none yet" : `${done} of ${all.length} finished`}>{writes ? <Button kind="quiet" onClick={() => setAdding(true)} data-command="Add a mitigation">Add…</Button> : null}</SectionHead>
      {all.length === 0 ? <p className="ink2 pad">What lowers the risk is listed here, with an owner and a date. The level that remains counts once each is finished.</p> : null}
      <ul>
        {all.map((each) => {
          const finished = parse(each.finished) !== undefined;
          return (
            <li key={each.number} className="mitigation">
              <span className="grow"><StatusGlyph status={finished ? "pass" : "not-assessed"} size={12} label={finished ? "Finished" : "Open"} /> {each.title}</span>
              <span className="ink2">{each.owner}</span>
              {finished ? <span className="small ink3">finished <RelativeTime at={each.finished} /></span> : <Due at={each.due} past="late by" />}
              {writes && !finished ? <Button onClick={() => setFinishing(each)}>Finish…</Button> : null}
              {each.outcome ? <span className="small ink2" style={{ flexBasis: "100%" }}>{each.outcome}</span> : null}
              {(each.moved ?? []).map((move) => <span key={move.at} className="small ink3" style={{ flexBasis: "100%" }}>moved by {move.by.name}: {move.reason}</span>)}
            </li>
          );
        })}
      </ul>
      {adding ? <Add risk={risk} onClose={() => setAdding(false)} /> : null}
      {finishing ? <Finish risk={risk} mitigation={finishing} onClose={() => setFinishing(undefined)} /> : null}
    </section>
  );
}

function Add({ risk, onClose }: { risk: Risk; onClose: () => void }) {
  const run = useRiskAct(risk, onClose);
  const [title, setTitle] = useState("");
  const [owner, setOwner] = useState(risk.owner);
  const [due, setDue] = useState("");
  return (
    <FormDialog title="Add a mitigation" act="Add mitigation" ready={title.trim() !== "" && owner.trim() !== "" && due !== ""} pending={run.isPending} trouble={run.error ? trouble(run.error, "Nothing was added") : undefined}
      onClose={onClose} onAct={() => run.mutate({ verb: "mitigations", body: { title: title.trim(), owner: owner.trim(), due: new Date(`${due}T23:59:59`).toISOString() } })}>
      <TextInput label="What is to be done" required data-autofocus value={title} onChange={(event) => setTitle(event.currentTarget.value)} />
      <PersonInput label="By whom" required value={owner} onChange={setOwner} />
      <TextInput type="date" label="By when" required min={dayFromNow(1)} value={due} onChange={(event) => setDue(event.currentTarget.value)} />
    </FormDialog>
  );
}

function Finish({ risk, mitigation, onClose }: { risk: Risk; mitigation: Mitigation; onClose: () => void }) {
  const run = useRiskAct(risk, onClose);
  const [outcome, setOutcome] = useState("");
  return (
    <FormDialog title={`Finish “${mitigation.title}”`} act="Finish mitigation" ready={outcome.trim() !== ""} pending={run.isPending} trouble={run.error ? trouble(run.error, "It was not finished") : undefined} note="Kept with the risk and in the audit log."
      onClose={onClose} onAct={() => run.mutate({ verb: `mitigations/${mitigation.number}/finish`, body: { outcome: outcome.trim() } })}>
      <Textarea label="What was done and what it changed" required data-autofocus autosize minRows={3} value={outcome} onChange={(event) => setOutcome(event.currentTarget.value)} />
    </FormDialog>
  );
}
