import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { send } from "@/api/client";
import type { Profile } from "@/api/frameworks";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import { ConsequenceDialog } from "@/ui/overlay/ConsequenceDialog";
import { Button } from "@/ui/parts/Button";
import { Go } from "@/ui/parts/Go";
import { SectionHead } from "@/ui/parts/Parts";

const alike: Profile = { id: "", name: "", summary: "", active: false, weights: [] };

/** Profiles lists how industries weigh the controls, each weight with its reason, and says which profile counts. */
export function Profiles({ profiles }: { profiles: readonly Profile[] }) {
  const may = useMay();
  const cache = useQueryClient();
  const [chosen, setChosen] = useState<Profile>();
  const choose = useMutation({
    mutationFn: ({ id, reason }: { id: string; reason: string }) => send("PUT", "/posture/profile", { id, reason }),
    onSuccess: async () => {
      await Promise.all([["profiles"], ["posture"], ["controls"], ["control"]].map((queryKey) => cache.invalidateQueries({ queryKey })));
      setChosen(undefined);
    },
  });
  const active = profiles.find((each) => each.active);
  return (
    <section className="section">
      <SectionHead title="Profiles" note="how much each control weighs" />
      <p className="small ink2 pad">A profile changes the weighted score only. What passes and what fails is the same under every profile{active ? <>; <b>{active.name}</b> counts now</> : null}.</p>
      <ul>
        {profiles.map((profile) => (
          <li key={profile.id} className="profile">
            <details>
              <summary><b>{profile.name}</b>{profile.active ? <span className="ink2">, counts now</span> : null} <span className="small ink3">{(profile.weights ?? []).length} tailored</span></summary>
              {profile.summary ? <p className="small ink2 pad">{profile.summary}</p> : null}
              <ul className="weights">{(profile.weights ?? []).map((each) => <li key={each.control}><Go href={`/controls/${each.control}`} className="mono">{each.control}</Go><span className="right">× {each.weight}</span><span className="ink2">{each.reason}</span></li>)}</ul>
              {!profile.active && may("framework:write") ? <Button onClick={() => setChosen(profile)} data-command={`Use the profile ${profile.name}`}>Use this profile…</Button> : null}
            </details>
          </li>
        ))}
      </ul>
      {active && may("framework:write") ? <div className="pad"><Button onClick={() => setChosen(alike)} data-command="Weigh every control alike">Weigh every control alike…</Button></div> : null}
      {chosen ? (
        <ConsequenceDialog title={chosen.id === "" ? "Weigh every control alike" : `Weigh the controls as ${chosen.name}`} act={chosen.id === "" ? "Use no profile" : "Use profile"} pending={choose.isPending} trouble={choose.error ? trouble(choose.error, "The profile was not changed") : undefined}
          effects={[{ when: "At once", what: chosen.id === "" ? "The weighted score becomes the score itself." : `The weighted score is computed with ${(chosen.weights ?? []).length} tailored weights.` }, { when: "Unchanged", what: "The score, every status and every finding." }]}
          onClose={() => setChosen(undefined)} onAct={({ note }) => choose.mutate({ id: chosen.id, reason: note })} />
      ) : null}
    </section>
  );
}
