import { NativeSelect, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { part, send } from "@/api/client";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import type { Risk, RiskLink } from "@/api/risks";
import { subjectHref } from "@/features/alerts/words";
import { FormDialog } from "@/ui/overlay/FormDialog";
import { Button } from "@/ui/parts/Button";
import { Go } from "@/ui/parts/Go";
import { Icon } from "@/ui/parts/Icon";
import { useAt } from "@/ui/past/past";
import { SectionHead } from "@/ui/parts/Parts";
import { ErrorState } from "@/ui/parts/States";
import { useRiskAct } from "./DecideRisk";

/** RiskLinks ties a risk to the findings, records, controls and devices that it is about. */
export function RiskLinks({ risk }: { risk: Risk }) {
  const may = useMay();
  const cache = useQueryClient();
  const [adding, setAdding] = useState(false);
  const now = useAt() === undefined;
  const writes = may("risk:write") && risk.state === "open" && now;
  const drop = useMutation({
    mutationFn: (link: RiskLink) => send("DELETE", `/risks/${part(risk.id)}/links/${part(link.kind)}/${part(link.id)}`, {}, { "If-Match": `"${risk.version}"` }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ["risk"] }),
  });
  const links = risk.links ?? [];
  return (
    <section className="section">
      <SectionHead title="Linked" note={links.length === 0 ? "nothing yet" : String(links.length)}>{writes ? <Button kind="quiet" onClick={() => setAdding(true)} data-command="Link the risk">Link…</Button> : null}</SectionHead>
      {drop.error ? <ErrorState trouble={trouble(drop.error, "The link was not removed")} /> : null}
      <ul>
        {links.map((link) => {
          const href = link.kind === "record" ? undefined : subjectHref(link);
          return (
            <li key={link.kind + link.id} className="obligation">
              <span className="obligation-status ink2">{link.kind.charAt(0).toUpperCase() + link.kind.slice(1)}</span>
              <span className="grow">{href ? <Go href={href}>{link.name || link.id}</Go> : link.name || <span className="mono">{link.id}</span>}</span>
              {writes ? <Button kind="quiet" aria-label={`Remove the link to ${link.name || link.id}`} icon={<Icon name="close" size={12} />} disabled={drop.isPending} onClick={() => drop.mutate(link)} /> : null}
            </li>
          );
        })}
      </ul>
      {adding ? <Add risk={risk} onClose={() => setAdding(false)} /> : null}
    </section>
  );
}

function Add({ risk, onClose }: { risk: Risk; onClose: () => void }) {
  const run = useRiskAct(risk, onClose);
  const [kind, setKind] = useState("control");
  const [id, setId] = useState("");
  return (
    <FormDialog title="Link the risk" act="Link" ready={id.trim() !== ""} pending={run.isPending} trouble={run.error ? trouble(run.error, "Nothing was linked") : undefined} onClose={onClose} onAct={() => run.mutate({ verb: "links", body: { kind, id: id.trim() } })}>
      <NativeSelect label="To a" value={kind} onChange={(event) => setKind(event.currentTarget.value)} data={["control", "device", "finding", "record"]} />
      <TextInput label={kind === "control" ? "Id, such as TSP-02" : kind === "device" ? "Name or id" : "Id"} required data-autofocus value={id} onChange={(event) => setId(event.currentTarget.value)} autoComplete="off" spellCheck={false} />
    </FormDialog>
  );
}
