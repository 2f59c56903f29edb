import { Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { trouble } from "@/api/problem";
import { checkpoint, postureAt, postureProof } from "@/api/queries";
import { Button } from "@/ui/parts/Button";
import { SectionHead } from "@/ui/parts/Parts";
import { CommandLine, ErrorState } from "@/ui/parts/States";
import { utcFull } from "@/ui/time/format";
import { provePosture } from "./posture";
import { Steps, VerdictWord } from "./Steps";
import "@/ui/overlay/overlay.css";
import "./audit.css";

/** AsOfProof checks in this browser that what a page shows of the past is what the log says: signature, history, every status. */
export default function AsOfProof({ at, onClose }: { at: string; onClose: () => void }) {
  const log = useQuery(checkpoint);
  const stand = useQuery(postureAt(at));
  const proof = useQuery(postureProof(at));
  const proven = useQuery({
    queryKey: ["proven", "posture", at], enabled: log.data !== undefined && stand.data !== undefined && proof.data !== undefined, retry: false, staleTime: Infinity,
    queryFn: () => (log.data && stand.data && proof.data ? provePosture(proof.data, stand.data, log.data) : Promise.reject(new Error("nothing to prove yet"))),
  });
  const error = log.error ?? stand.error ?? proof.error ?? proven.error;
  return (
    <Modal opened onClose={onClose} size={600} padding={0} aria-label="Proof of the past">
      <div className="dialog-part"><h2 className="dialog-title">Posture as of {utcFull(Date.parse(at), false)}</h2><p className="small ink2">Checked in your browser. Each status shown comes from an entry of the log that a signed checkpoint holds.</p></div>
      <div className="dialog-part">
        <SectionHead title="Proof">{proven.data ? <VerdictWord proven={proven.data} /> : null}</SectionHead>
        {error ? <ErrorState trouble={trouble(error, "The proof could not be checked")} /> : null}
        {proven.data ? <Steps proven={proven.data} /> : null}
        <CommandLine command="thingward audit verify" />
      </div>
      <div className="dialog-foot"><span className="grow" /><Button onClick={onClose}>Close</Button></div>
    </Modal>
  );
}
