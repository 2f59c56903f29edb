import { NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { part, send } from "@/api/client";
import { trouble } from "@/api/problem";
import type { Decision, Risk, Scales } from "@/api/risks";
import { ConsequenceDialog } from "@/ui/overlay/ConsequenceDialog";
import { FormDialog } from "@/ui/overlay/FormDialog";
import { dayFromNow } from "@/ui/time/format";
import { decisionWords, levelWord } from "./say";
import "@/ui/overlay/overlay.css";
import "@/ui/form/form.css";

/** useRiskAct sends one step of a risk's life and reads everything about risks anew. */
export function useRiskAct(risk: Risk, done: () => void) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ verb, body }: { verb: string; body: object }) => send<Risk>("POST", `/risks/${part(risk.id)}/${verb}`, body, { "If-Match": `"${risk.version}"` }),
    onSuccess: async () => {
      await Promise.all([["risks"], ["list", "/risks"], ["risk"]].map((queryKey) => cache.invalidateQueries({ queryKey })));
      done();
    },
  });
}

/** DecideRisk decides: mitigate, defer or accept, with the reason, the end, and what would remain. */
export function DecideRisk({ risk, scales, onClose }: { risk: Risk; scales: Scales; onClose: () => void }) {
  const run = useRiskAct(risk, onClose);
  const [decision, setDecision] = useState<Decision>(risk.decision?.decision ?? "mitigate");
  const [reason, setReason] = useState("");
  const [ends, setEnds] = useState("");
  const [likelihood, setLikelihood] = useState(risk.likelihood);
  const [impact, setImpact] = useState(risk.impact);
  const mitigates = decision === "mitigate";
  const body = { decision, reason: reason.trim(), ...(ends ? { ends: new Date(`${ends}T23:59:59`).toISOString() } : {}), ...(mitigates ? { residualLikelihood: likelihood, residualImpact: impact } : {}) };
  const steps = (now: number) => [1, 2, 3, 4, 5].filter((value) => value <= now).map((value) => ({ value: String(value), label: `${value} ${levelWord(scales.likelihood?.[value - 1]?.name ?? "")}` }));
  return (
    <FormDialog title={`Decide “${risk.title}”`} act="Decide" ready={reason.trim() !== "" && (mitigates || ends !== "")} pending={run.isPending} trouble={run.error ? trouble(run.error, "Nothing was decided") : undefined}
      note="Kept with the risk and in the audit log." onClose={onClose} onAct={() => run.mutate({ verb: "decide", body })}>
      <div className="choices" role="radiogroup" aria-label="Decision">
        {(["mitigate", "defer", "accept"] as const).map((each) => (
          <label key={each} className={each === decision ? "choice choice-on" : "choice"}><input type="radio" name="decision" className="hidden" checked={each === decision} onChange={() => setDecision(each)} />{decisionWords[each]}</label>
        ))}
      </div>
      <p className="small ink2">{scales.decisions?.find((each) => each.name === decision)?.text}</p>
      <Textarea label="Reason" required data-autofocus autosize minRows={2} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
      <TextInput type="date" label={mitigates ? "Ends, optional" : "Ends"} required={!mitigates} min={dayFromNow(1)} value={ends} onChange={(event) => setEnds(event.currentTarget.value)} description={mitigates ? "Until when the decision counts." : "Within a year. Then the risk is undecided again."} />
      {mitigates ? (
        <div className="two">
          <NativeSelect label="Likelihood that will remain" value={String(likelihood)} onChange={(event) => setLikelihood(Number(event.currentTarget.value))} data={steps(risk.likelihood)} />
          <NativeSelect label="Impact that will remain" value={String(impact)} onChange={(event) => setImpact(Number(event.currentTarget.value))} data={steps(risk.impact)} />
        </div>
      ) : null}
    </FormDialog>
  );
}

/** CloseRisk takes a risk out of the open ones for good. */
export function CloseRisk({ risk, onClose }: { risk: Risk; onClose: () => void }) {
  const run = useRiskAct(risk, onClose);
  return (
    <ConsequenceDialog title={`Close “${risk.title}”`} subtitle="This cannot be undone." act="Close risk" danger pending={run.isPending} trouble={run.error ? trouble(run.error, "The risk was not closed") : undefined}
      effects={[{ when: "At once", what: "It leaves the matrix and owes nothing any more. Its history stays." }, { when: "If it comes back", what: "A new risk is entered." }]} onClose={onClose} onAct={({ note }) => run.mutate({ verb: "close", body: { reason: note } })} />
  );
}
