import type { Control } from "@/api/types";
import { provenanceShort } from "@/features/frameworks/say";
import { Go } from "@/ui/parts/Go";
import { DefinitionList, SectionHead, Tag } from "@/ui/parts/Parts";

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

type Row = { framework: string; name: string; item: string; title: string; provenance: string; relation: string; why: string };

// The server names every framework's mappings; before it did, only those of the Top 10.
function rowsOf(control: Control): Row[] {
  const all = control.mappings?.map((each) => ({ framework: each.framework, name: each.frameworkName ?? each.framework, item: each.item, title: each.name, provenance: each.provenance, relation: each.relation, why: each.why }));
  return all ?? (control.owasp ?? []).map((each) => ({ framework: "owasp-iot-2018", name: "OWASP IoT Top 10", item: each.item, title: each.name, provenance: each.provenance, relation: each.relation, why: each.why }));
}

function Mappings({ control }: { control: Control }) {
  const rows = rowsOf(control);
  const frameworks = [...new Set(rows.map((row) => row.framework))];
  return (
    <section className="section">
      <SectionHead title="Mappings" note="with whose mapping each is"><Go href="/frameworks">Frameworks</Go></SectionHead>
      {rows.length === 0 ? <p className="ink3 small pad">No public source maps it to another framework. Map it yourself under Frameworks.</p> : null}
      {frameworks.map((id) => (
        <ul key={id} aria-label={id}>
          {rows.filter((row) => row.framework === id).map((row) => (
            <li key={row.item + row.provenance} className="obligation mapping">
              <span className="ink2">{row.name}</span>
              <span><Go href={`/frameworks/${encodeURIComponent(id)}/${encodeURIComponent(row.item)}?provenance=${row.provenance}`}><Tag>{row.item}</Tag></Go></span>
              <span className="grow">{row.title}{row.why ? <span className="ink2">: {row.why}</span> : null}</span>
              <span className="small ink3 nowrap">{provenanceShort(row.provenance)}, {row.relation}</span>
            </li>
          ))}
        </ul>
      ))}
    </section>
  );
}
