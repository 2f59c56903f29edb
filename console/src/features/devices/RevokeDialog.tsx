import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { part, send } from "@/api/client";
import { trouble } from "@/api/problem";
import type { Certificate, RevokeResult } from "@/api/types";
import { ConsequenceDialog, type Effect } from "@/ui/overlay/ConsequenceDialog";
import { shorten } from "@/ui/parts/IdChip";
import { dayText } from "@/ui/time/format";

const reasons = [
  { value: "key-compromise", label: "Key compromise" }, { value: "superseded", label: "Superseded" },
  { value: "cessation-of-operation", label: "Ceased operation" }, { value: "unspecified", label: "Other" },
];

/** RevokeDialog revokes one certificate: the effects are the server's own dry run, the name has to be typed. */
export function RevokeDialog({ certificate, name, onClose }: { certificate: Certificate; name: string; onClose: () => void }) {
  const cache = useQueryClient();
  const path = `/certificates/${part(certificate.serial)}/revoke`;
  const dry = useQuery({
    queryKey: ["dry", certificate.serial], staleTime: 0, gcTime: 0,
    queryFn: () => send<RevokeResult>("POST", path, { reason: "unspecified", dryRun: true }),
  });
  const run = useMutation({
    mutationFn: (reason: string) => send<RevokeResult>("POST", path, { reason }),
    onSuccess: async () => {
      await Promise.all([["device"], ["identity"], ["list"], ["posture"]].map((queryKey) => cache.invalidateQueries({ queryKey })));
      onClose();
    },
  });
  const effects: Effect[] = dry.data?.effects?.map((effect) => ({ when: effect.at, what: effect.text })) ?? [];
  const problem = run.error ? trouble(run.error, "The certificate was not revoked") : dry.error ? trouble(dry.error, "The effects could not be computed") : undefined;
  return (
    <ConsequenceDialog title={`Revoke the certificate of ${name}`} danger act="Revoke certificate" pending={run.isPending || dry.isPending}
      subtitle={<>Serial <code>{shorten(certificate.serial)}</code>, issued {dayText(Date.parse(certificate.notBefore))}. This cannot be undone.</>}
      effects={effects} choices={reasons} confirm={{ what: certificate.subjectKind === "device" ? "the device name" : "the name", text: name }} trouble={problem}
      onClose={onClose} onAct={({ choice, note }) => run.mutate(choice === "unspecified" ? note : `${choice}: ${note}`)} />
  );
}
