import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { part, send } from "@/api/client";
import { trouble } from "@/api/problem";
import type { ActResult } from "@/api/types";
import { ConsequenceDialog } from "@/ui/overlay/ConsequenceDialog";
import { Button } from "@/ui/parts/Button";

interface Refused { name: string; error: unknown }

/** BulkBar acts on the selected devices, one call each, and says which of them the server refused. */
export function BulkBar({ names, clear }: { names: readonly string[]; clear: () => void }) {
  const cache = useQueryClient();
  const [open, setOpen] = useState(false);
  const run = useMutation({
    mutationFn: async (reason: string) => {
      const refused: Refused[] = [];
      for (const name of names) await send<ActResult>("POST", `/devices/${part(name)}/quarantine`, { reason }).catch((error: unknown) => refused.push({ name, error }));
      await cache.invalidateQueries({ queryKey: ["list", "/devices"] });
      return refused;
    },
    onSuccess: (refused) => { if (refused.length === 0) { setOpen(false); clear(); } },
  });
  const count = names.length.toLocaleString("en");
  const failed = run.data?.length ? { ...trouble(run.data[0]?.error), title: `${run.data.length} of ${count} were not quarantined: ${run.data.map((each) => each.name).join(", ")}` } : undefined;
  return (
    <div className="bulk bleed">
      <b>{count} selected</b>
      <Button onClick={() => setOpen(true)} data-command="Quarantine the selected devices">Quarantine…</Button>
      <span className="grow" />
      <Button kind="quiet" onClick={clear}>Clear</Button>
      {open ? (
        <ConsequenceDialog title={`Quarantine ${count} devices`} subtitle="Each can be released again." act={`Quarantine ${count}`} pending={run.isPending} trouble={failed}
          effects={[{ when: "Within 1 s", what: "Every live session of these devices is cut, on every protocol." }, { when: "Until released", what: "They keep their certificates and may come back for their twins only." }]}
          confirm={{ what: "the number of devices", text: String(names.length) }} onClose={() => setOpen(false)} onAct={({ note }) => run.mutate(note)} />
      ) : null}
    </div>
  );
}
