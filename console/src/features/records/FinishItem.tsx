import { Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { part, send } from "@/api/client";
import { trouble } from "@/api/problem";
import type { Item } from "@/api/records";
import { PersonInput } from "@/features/people/PersonInput";
import { FormDialog } from "@/ui/overlay/FormDialog";
import { localDay } from "@/ui/time/format";

function useItemAct(done: () => void) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ method, path, body }: { method: "PUT" | "POST"; path: string; body: object }) => send(method, path, body),
    onSuccess: async () => {
      await Promise.all([["record"], ["duties"], ["list", "/items"], ["list", "/duties"], ["calendar"]].map((queryKey) => cache.invalidateQueries({ queryKey })));
      done();
    },
  });
}

/** FinishItem closes an item with what was done. */
export function FinishItem({ item, onClose }: { item: Item; onClose: () => void }) {
  const run = useItemAct(onClose);
  const [outcome, setOutcome] = useState("");
  return (
    <FormDialog title={`Close “${item.title}”`} act="Close item" ready={outcome.trim() !== ""} pending={run.isPending} trouble={run.error ? trouble(run.error, "The item was not closed") : undefined} note="Kept with the item and in the audit log."
      onClose={onClose} onAct={() => run.mutate({ method: "POST", path: `/items/${part(item.id)}/close`, body: { outcome: outcome.trim() } })}>
      <Textarea label="What was done" required data-autofocus autosize minRows={2} value={outcome} onChange={(event) => setOutcome(event.currentTarget.value)} />
    </FormDialog>
  );
}

/** MoveItem gives an item another owner or date. */
export function MoveItem({ item, onClose }: { item: Item; onClose: () => void }) {
  const run = useItemAct(onClose);
  const [owner, setOwner] = useState(item.owner);
  const [due, setDue] = useState(localDay(Date.parse(item.due)));
  const body = { owner: owner.trim(), ...(due === localDay(Date.parse(item.due)) ? {} : { due: new Date(`${due}T23:59:59`).toISOString() }) };
  return (
    <FormDialog title={`Change “${item.title}”`} act="Change item" ready={owner.trim() !== "" && due !== ""} pending={run.isPending} trouble={run.error ? trouble(run.error, "The item was not changed") : undefined} onClose={onClose}
      onAct={() => run.mutate({ method: "PUT", path: `/items/${part(item.id)}`, body })}>
      <PersonInput label="Owner" required data-autofocus value={owner} onChange={setOwner} />
      <TextInput type="date" label="Due" required value={due} onChange={(event) => setDue(event.currentTarget.value)} />
    </FormDialog>
  );
}
