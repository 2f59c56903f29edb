import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { part, send } from "@/api/client";
import type { Exception } from "@/api/findings";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import { whoami } from "@/api/queries";
import { ConsequenceDialog, type Effect } from "@/ui/overlay/ConsequenceDialog";
import { Act } from "@/ui/past/Act";
import { dayText } from "@/ui/time/format";
import { scopeText } from "./say";

type Verb = "approve" | "refuse" | "withdraw";
const titles: Record<Verb, string> = { approve: "Approve the exception", refuse: "Refuse the exception", withdraw: "Withdraw the exception" };

/** ExceptionActs decides about an exception; whoever asked for it cannot approve it, and is told so. */
export function ExceptionActs({ exception: ex }: { exception: Exception }) {
  const may = useMay();
  const cache = useQueryClient();
  const { data: me } = useQuery(whoami);
  const [verb, setVerb] = useState<Verb>();
  const own = me?.principal.name === ex.requester;
  const run = useMutation({
    mutationFn: ({ act, reason }: { act: Verb; reason: string }) => send("POST", `/exceptions/${part(ex.id)}/${act}`, { reason }),
    onSuccess: async () => {
      await Promise.all([["exceptions"], ["list", "/exceptions"], ["control"], ["posture"], ["findings"], ["list", "/findings"]].map((queryKey) => cache.invalidateQueries({ queryKey })));
      setVerb(undefined);
    },
  });
  const decides = may("exception:decide") && ex.state === "requested";
  const withdraws = may("exception:request") && (ex.state === "requested" || ex.state === "approved");
  if (!decides && !withdraws) return null;
  return (
    <div className="row wrap pad">
      {decides ? <Act kind="primary" disabled={own} title={own ? "You asked for it: another person has to approve it." : undefined} onClick={() => setVerb("approve")} data-command="Approve the exception">Approve…</Act> : null}
      {decides ? <Act onClick={() => setVerb("refuse")} data-command="Refuse the exception">Refuse…</Act> : null}
      {withdraws ? <Act kind="quiet" onClick={() => setVerb("withdraw")} data-command="Withdraw the exception">Withdraw…</Act> : null}
      {decides && own ? <span className="small ink2">You asked for it: another person decides.</span> : null}
      {verb ? (
        <ConsequenceDialog title={titles[verb]} subtitle={<>{ex.control}, {scopeText(ex)}</>} act={titles[verb]} danger={verb === "withdraw" && ex.state === "approved"} effects={effects(verb, ex)} pending={run.isPending}
          trouble={run.error ? trouble(run.error, "Nothing was changed") : undefined} onClose={() => { run.reset(); setVerb(undefined); }} onAct={({ note }) => run.mutate({ act: verb, reason: note })} />
      ) : null}
    </div>
  );
}

// What a step does follows from the contract: nothing about an exception changes what is measured.
function effects(verb: Verb, ex: Exception): Effect[] {
  const n = ex.covers.toLocaleString("en");
  if (verb === "approve") {
    return [
      { when: "At once", what: `${n} failing ${ex.covers === 1 ? "object counts" : "objects count"} as excepted. The score stays; only the second number, with exceptions, rises.` },
      { when: "Meanwhile", what: "The test goes on measuring and says what would fail." },
      { when: dayText(Date.parse(ex.ends)), what: "It ends by itself, and what still fails counts as failing again." },
    ];
  }
  if (verb === "refuse") return [{ when: "At once", what: `What fails keeps failing. ${ex.requester} sees your reason.` }];
  return [{ when: "At once", what: ex.state === "approved" ? `${ex.stillFailing.toLocaleString("en")} objects that still fail count as failing again.` : "Nobody has to decide any more; nothing else changes." }];
}
