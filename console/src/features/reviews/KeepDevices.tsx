import { useMutation } from "@tanstack/react-query";
import { part, send } from "@/api/client";
import type { ReviewLine } from "@/api/engagements";
import { useList } from "@/api/list";
import { trouble } from "@/api/problem";
import { ConsequenceDialog } from "@/ui/overlay/ConsequenceDialog";

type Props = { review: string; type: string | undefined; site: string | undefined; onClose: () => void; onDone: () => Promise<void> };

/** KeepDevices keeps every undecided device of a review that the page's type and site choose, with one reason. */
export function KeepDevices({ review, type, site, onClose, onDone }: Props) {
  const lines = `/reviews/${part(review)}/lines`;
  const owed = useList<ReviewLine>(lines, { kind: "device", decided: "none", type, site }, { limit: 1 });
  const keep = useMutation({
    mutationFn: (reason: string) => send("POST", `/reviews/${part(review)}/decide`, { filter: { kind: "device", ...(type ? { type } : {}), ...(site ? { site } : {}) }, decision: "keep", reason }),
    onSuccess: onDone,
  });
  const which = [type ? `of type ${type}` : "", site ? `at ${site}` : ""].filter(Boolean).join(" ");
  const many = owed.total === undefined ? "Every undecided device" : `${owed.total.toLocaleString("en")} undecided ${owed.total === 1 ? "device" : "devices"}`;
  return (
    <ConsequenceDialog title="Keep devices" subtitle={which || "Of every type, at every site: filter the list by type or site first to keep fewer."} act="Keep devices" pending={keep.isPending || owed.pending}
      trouble={keep.error ? trouble(keep.error, "Nothing was decided") : undefined} onClose={onClose} onAct={({ note }) => keep.mutate(note)}
      effects={[{ when: "At once", what: `${many} ${which} ${owed.total === 1 ? "stays as it is" : "stay as they are"}. What is decided already stays so.` }, { when: "Afterwards", what: "The log keeps who decided, the type and site, how many there were, and why." }]} />
  );
}
