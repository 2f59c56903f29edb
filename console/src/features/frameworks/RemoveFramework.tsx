import { useMutation, useQueryClient } from "@tanstack/react-query";
import { part, send } from "@/api/client";
import type { Framework } from "@/api/frameworks";
import { trouble } from "@/api/problem";
import { ConsequenceDialog } from "@/ui/overlay/ConsequenceDialog";

/** RemoveFramework takes an imported framework out again, with every mapping of it. */
export function RemoveFramework({ framework, onClose, onDone }: { framework: Framework; onClose: () => void; onDone: () => void }) {
  const cache = useQueryClient();
  const run = useMutation({
    mutationFn: () => send("DELETE", `/frameworks/${part(framework.id)}`),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: ["frameworks"] });
      onDone();
    },
  });
  return (
    <ConsequenceDialog title={`Remove ${framework.name}`} act="Remove framework" danger pending={run.isPending} trouble={run.error ? trouble(run.error, "The framework was not removed") : undefined}
      subtitle="Controls and their statuses stay as they are." onClose={onClose} onAct={() => run.mutate()} confirm={{ what: "the framework's id", text: framework.id }}
      effects={[{ when: "At once", what: `${framework.items.toLocaleString("en")} items and your mappings to them are gone from every page and export.` }, { when: "Afterwards", what: "It can be imported again; the mappings have to be made again." }]} />
  );
}
