import type { Control } from "@/api/types";
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
      <section className="section">
        <SectionHead title="Mappings" note="with where each comes from" />
        <ul>
          {(control.owasp ?? []).map((each) => (
            <li key={each.item + each.provenance} className="obligation">
              <span className="obligation-status"><Go href={`/frameworks/owasp-iot-2018/${each.item}?provenance=${each.provenance}`}><Tag>{each.item}</Tag></Go> <span className="small ink3">{each.provenance}</span></span>
              <span className="grow">{each.name}{each.why ? <span className="ink2">: {each.why}</span> : null}</span>
              <span className="small ink3">{each.relation}</span>
            </li>
          ))}
          {(control.owasp ?? []).length === 0 ? <li className="ink3 small pad">It maps to no OWASP risk.</li> : null}
        </ul>
      </section>
    </>
  );
}
