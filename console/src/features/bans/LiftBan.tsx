import { useMutation, useQueryClient } from "@tanstack/react-query";
import { part, send } from "@/api/client";
import { trouble } from "@/api/problem";
import type { Ban } from "@/api/types";
import { ConsequenceDialog } from "@/ui/overlay/ConsequenceDialog";
import { targetText } from "./say";

/** LiftBan ends a ban before its time, with a reason. */
export function LiftBan({ ban, onClose }: { ban: Ban; onClose: () => void }) {
  const cache = useQueryClient();
  const lift = useMutation({
    mutationFn: (reason: string) => send<Ban>("POST", `/bans/${part(ban.id)}/lift`, { reason }),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: ["list", "/bans"] });
      onClose();
    },
  });
  return (
    <ConsequenceDialog title="Lift the ban" subtitle={<span className="mono">{targetText(ban)}</span>} act="Lift ban" pending={lift.isPending}
      effects={[{ when: "At once", what: "It may connect again, on every node, if its certificate and state allow it." }]}
      trouble={lift.error ? trouble(lift.error, "The ban was not lifted") : undefined} onClose={onClose} onAct={({ note }) => lift.mutate(note)} />
  );
}
