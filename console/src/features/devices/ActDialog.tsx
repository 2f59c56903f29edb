import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { part, send } from "@/api/client";
import { trouble } from "@/api/problem";
import type { ActResult, Device } from "@/api/types";
import { ConsequenceDialog, type Effect } from "@/ui/overlay/ConsequenceDialog";
import type { Act } from "./acts";

/** ActDialog shows what the server says the act will do (a dry run of the same call) and does it when it is confirmed. */
export function ActDialog({ act, device, onClose }: { act: Act; device: Device; onClose: () => void }) {
  const cache = useQueryClient();
  const path = `/devices/${part(device.id)}/${act.name}`;
  const dry = useQuery({
    queryKey: ["dry", device.id, act.name, device.version], staleTime: 0, gcTime: 0,
    queryFn: () => send<ActResult>("POST", path, { reason: "dry run", dryRun: true }),
  });
  const run = useMutation({
    mutationFn: (reason: string) => send<ActResult>("POST", path, { reason }),
    onSuccess: async () => {
      await Promise.all([["device"], ["list", "/devices"], ["list", "/sessions"], ["list", "/certificates"], ["posture"]].map((queryKey) => cache.invalidateQueries({ queryKey })));
      onClose();
    },
  });
  const effects: Effect[] = dry.data?.effects?.map((effect) => ({ when: effect.at, what: effect.text })) ?? [{ when: "At once", what: act.text }];
  return (
    <ConsequenceDialog title={`${act.verb} ${device.name}`} subtitle={act.final ? "This cannot be undone." : "This can be undone."} effects={effects}
      {...(act.final ? { confirm: { what: "the device name", text: device.name }, danger: true } : {})}
      act={act.verb} pending={run.isPending} trouble={run.error ? trouble(run.error, "Nothing was changed") : dry.error ? trouble(dry.error, "The effects could not be computed") : undefined}
      onClose={onClose} onAct={({ note }) => run.mutate(note)} />
  );
}
