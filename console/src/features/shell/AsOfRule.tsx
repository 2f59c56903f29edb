import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { useMay } from "@/api/may";
import { postureAt } from "@/api/queries";
import { Button } from "@/ui/parts/Button";
import type { Past } from "@/ui/past/past";
import { dayText, clockTime, utcFull } from "@/ui/time/format";

const AsOfProof = lazy(() => import("@/features/audit/AsOfProof"));

/** AsOfRule stands under the top bar while the address asks for the past: which time is shown, and what proves it. */
export function AsOfRule({ past, back }: { past: Past; back: () => void }) {
  const may = useMay();
  const [proving, setProving] = useState(false);
  const { data } = useQuery({ ...postureAt(past.at), enabled: past.holds && may("control:read") });
  const at = Date.parse(past.at);
  const said = `${dayText(at)} ${clockTime(at)}`;
  const size = data?.asOf?.checkpoint?.size;
  const altered = data?.asOf?.altered ?? false;
  return (
    <div className="asofrule" role="region" aria-label="As of">
      {past.holds ? (
        <>
          <span><b title={utcFull(at, false)}>As of {said}</b>{size === undefined ? "" : <>, proven by checkpoint <span className="mono">{size.toLocaleString("en")}</span></>}</span>
          {altered ? <span className="fail"><b>The database is not what the log says</b>: {(data?.asOf?.differences ?? []).slice(0, 3).map((each) => `${each.control} ${each.what}`).join("; ")}. The log is shown.</span> : null}
          <span className="small ink2">The past cannot be changed: what writes is switched off here.</span>
        </>
      ) : <span><b>This page shows now.</b> <span className="ink2">As of {said} holds for the overview, controls, findings, frameworks and risks.</span></span>}
      <span className="grow" />
      {past.holds && size !== undefined ? <Button onClick={() => setProving(true)} data-command="Check the proof">Check the proof</Button> : null}
      <Button onClick={back} data-command="Back to now">Back to now</Button>
      <Suspense fallback={null}>{proving ? <AsOfProof at={past.at} onClose={() => setProving(false)} /> : null}</Suspense>
    </div>
  );
}
