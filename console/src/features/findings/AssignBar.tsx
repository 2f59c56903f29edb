import { TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { send } from "@/api/client";
import { trouble } from "@/api/problem";
import { PersonInput } from "@/features/people/PersonInput";
import { plural } from "@/features/records/say";
import { FormDialog } from "@/ui/overlay/FormDialog";
import { Button } from "@/ui/parts/Button";
import { dayFromNow } from "@/ui/time/format";

type Props = { ids: readonly string[]; total: number | undefined; filter: Record<string, string | undefined>; clear: () => void };

/** AssignBar gives the selected findings, or all that match the filter, an owner and a date. */
export function AssignBar({ ids, total, filter, clear }: Props) {
  const [open, setOpen] = useState<"selected" | "all">();
  return (
    <div className="bulk bleed">
      <b>{ids.length.toLocaleString("en")} selected</b>
      <Button onClick={() => setOpen("selected")} data-command="Assign the selected findings">Assign…</Button>
      {total !== undefined && total > ids.length ? <Button kind="quiet" onClick={() => setOpen("all")}>Assign all {total.toLocaleString("en")} that match…</Button> : null}
      <span className="grow" />
      <Button kind="quiet" onClick={clear}>Clear</Button>
      {open ? <Assign count={open === "all" ? (total ?? 0) : ids.length} target={open === "all" ? { filter: clean(filter) } : { ids }} onClose={() => setOpen(undefined)} onDone={() => { setOpen(undefined); clear(); }} /> : null}
    </div>
  );
}

// clean makes the body's filter of the list's: without order and moment, with truth instead of a word.
function clean(filter: Record<string, string | undefined>): Record<string, string | boolean> {
  return Object.fromEntries(Object.entries(filter).flatMap(([key, value]): [string, string | boolean][] => (value && key !== "sort" && key !== "at" ? [[key, key === "overdue" ? value === "true" : value]] : [])));
}

function Assign({ count, target, onClose, onDone }: { count: number; target: object; onClose: () => void; onDone: () => void }) {
  const cache = useQueryClient();
  const [owner, setOwner] = useState("");
  const [due, setDue] = useState("");
  const run = useMutation({
    mutationFn: () => send("POST", "/findings/assign", { ...target, owner: owner.trim(), ...(due ? { due: new Date(`${due}T23:59:59`).toISOString() } : {}) }),
    onSuccess: async () => {
      await Promise.all([["findings"], ["list", "/findings"]].map((queryKey) => cache.invalidateQueries({ queryKey })));
      onDone();
    },
  });
  return (
    <FormDialog title={`Assign ${plural(count, "finding")}`} act={`Assign ${count.toLocaleString("en")}`} ready={owner.trim() !== ""} pending={run.isPending} trouble={run.error ? trouble(run.error, "Nothing was assigned") : undefined}
      note="Each assignment is kept in the audit log." onClose={onClose} onAct={() => run.mutate()}>
      <PersonInput label="Owner" required data-autofocus value={owner} onChange={setOwner} description="Who sees to it that the check passes again." />
      <TextInput type="date" label="Due, optional" min={dayFromNow()} value={due} onChange={(event) => setDue(event.currentTarget.value)} description="Without a date, the one that the severity gives stays." />
    </FormDialog>
  );
}
