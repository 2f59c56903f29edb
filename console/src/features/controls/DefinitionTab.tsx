import { useQuery } from "@tanstack/react-query";
import { trouble } from "@/api/problem";
import { controlMappings } from "@/api/queries";
import type { Control } from "@/api/types";
import { provenanceShort } from "@/features/frameworks/say";
import { Go } from "@/ui/parts/Go";
import { DefinitionList, SectionHead, Tag } from "@/ui/parts/Parts";
import { ErrorState } from "@/ui/parts/States";

/** DefinitionTab says what the control asks for, what turns it red, and to what it maps, with where each mapping comes from. */
export function DefinitionTab({ control }: { control: Control }) {
  return (
    <>
      <p className="lead">{control.statement}</p>
      <section className="section">
        <SectionHead title="When" />
        <DefinitionList facts={[
          { label: "Fails when", value: control.failsWhen || <span className="ink3">see the checks</span> },
          { label: "Clears when", value: control.clearsWhen || control.clears },
          { label: "Mode", value: (control.modes ?? []).join(", ") },
          { label: "Layers", value: (control.layers ?? []).join(", ") },
        ]} />
      </section>
      <section className="section">
        <SectionHead title="Obligations" note={String((control.obligations ?? []).length)} />
        <ul>{(control.obligations ?? []).map((each) => <li key={each.key} className="obligation"><span className="mono ink3 obligation-status">{each.key}</span><span className="grow">{each.text}</span><span className="small ink3">{each.mode}</span></li>)}</ul>
      </section>
      <Mappings control={control} />
    </>
  );
}

function Mappings({ control }: { control: Control }) {
  const { data, error } = useQuery(controlMappings(control.id));
  const rows = data ?? [];
  const frameworks = [...new Set(rows.map((row) => row.framework))];
  return (
    <section className="section">
      <SectionHead title="Mappings" note="with whose mapping each is"><Go href="/frameworks">Frameworks</Go></SectionHead>
      {error ? <ErrorState trouble={trouble(error, "The mappings could not be read")} /> : null}
      {data && rows.length === 0 ? <p className="ink3 small pad">No public source maps it to another framework. Map it yourself under Frameworks.</p> : null}
      {frameworks.map((id) => (
        <ul key={id} aria-label={id}>
          {rows.filter((row) => row.framework === id).map((row) => (
            <li key={row.item + row.provenance} className="obligation mapping">
              <span className="ink2">{row.frameworkName}</span>
              <span><Go href={`/frameworks/${encodeURIComponent(id)}/${encodeURIComponent(row.item)}?provenance=${row.provenance}`}><Tag>{row.item}</Tag></Go></span>
              <span className="grow">{row.name}{row.why ? <span className="ink2">: {row.why}</span> : null}</span>
              <span className="small ink3 nowrap">{[provenanceShort(row.provenance), row.by, row.relation].filter(Boolean).join(", ")}</span>
            </li>
          ))}
        </ul>
      ))}
    </section>
  );
}
