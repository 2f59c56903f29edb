import { Modal, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { part, send } from "@/api/client";
import { trouble } from "@/api/problem";
import type { Alert } from "@/api/types";
import { Button } from "@/ui/parts/Button";
import { ErrorState } from "@/ui/parts/States";
import { causes } from "./words";
import "@/ui/overlay/overlay.css";

/** CloseAlert asks for the cause and for what was done about it; both stay with the alert and in the log. */
export function CloseAlert({ alert, onClose }: { alert: Alert; onClose: () => void }) {
  const cache = useQueryClient();
  const [kind, setKind] = useState<string>(causes[0].value);
  const [cause, setCause] = useState("");
  const [remedy, setRemedy] = useState("");
  const run = useMutation({
    mutationFn: () => send<Alert>("POST", `/alerts/${part(alert.id)}/close`, { cause: `${causes.find((each) => each.value === kind)?.label ?? kind}: ${cause.trim()}`, remedy: remedy.trim() }),
    onSuccess: async () => {
      await Promise.all([["alert", alert.id], ["list", "/alerts"]].map((queryKey) => cache.invalidateQueries({ queryKey })));
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    run.mutate();
  };
  return (
    <Modal opened onClose={onClose} size={560} padding={0} aria-label="Close the alert" closeOnClickOutside={false}>
      <form onSubmit={submit}>
        <div className="dialog-part"><h2 className="dialog-title">Close “{alert.title}”</h2><p className="small ink2">If it happens again, a new alert is raised.</p></div>
        <div className="dialog-part">
          <h3 className="dialog-head">Cause</h3>
          <div className="choices" role="radiogroup" aria-label="Cause">
            {causes.map((each) => (
              <label key={each.value} className={each.value === kind ? "choice choice-on" : "choice"}>
                <input type="radio" name="cause" className="hidden" checked={each.value === kind} onChange={() => setKind(each.value)} />{each.label}
              </label>
            ))}
          </div>
          <Textarea aria-label="What was found" placeholder="What was found" required data-autofocus autosize minRows={2} value={cause} onChange={(event) => setCause(event.currentTarget.value)} />
          <h3 className="dialog-head">Remedy</h3>
          <Textarea aria-label="What was done about it" placeholder="What was done about it" required autosize minRows={2} value={remedy} onChange={(event) => setRemedy(event.currentTarget.value)} />
          {run.error ? <ErrorState trouble={trouble(run.error, "The alert was not closed")} /> : null}
        </div>
        <div className="dialog-foot">
          <span className="small ink2 grow">Kept with the alert and in the audit log.</span>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" disabled={run.isPending || cause.trim() === "" || remedy.trim() === ""}>Close the alert</Button>
        </div>
      </form>
    </Modal>
  );
}
