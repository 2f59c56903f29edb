import { useQuery } from "@tanstack/react-query";
import { framework, frameworks } from "@/api/frameworks";
import type { FrameworkItem } from "@/api/frameworks";
import { provenancesOf, provenanceShort } from "@/features/frameworks/say";
import { useAddress } from "@/ui/address";
import { StackBar } from "@/ui/charts/StackBar";
import { StatusGlyph } from "@/ui/marks/StatusMark";
import { asStatus, wordColour } from "@/ui/marks/status";
import { Go } from "@/ui/parts/Go";
import { SectionHead } from "@/ui/parts/Parts";
import { useAt } from "@/ui/past/past";
import { words } from "@/words";

const usual = "owasp-iot-2018";
const most = 12;

/** OwaspList shows how the items of a framework stand, the OWASP Top 10 unless another is picked; it names whose mapping it is. */
export function OwaspList() {
  const { params, change } = useAddress();
  const at = useAt();
  const id = params["framework"] ?? usual;
  const { data: all } = useQuery(frameworks);
  const about = all?.find((each) => each.id === id);
  const names = provenancesOf(about);
  const provenance = params["mapping"] ?? names[0] ?? "product";
  const { data } = useQuery(framework(id, provenance, at));
  const items = data?.items ?? [];
  // A long framework shows what fails first, and says how much it leaves out.
  const shown = items.length <= most ? items : items.toSorted((a, b) => (b.counts.fail ?? 0) - (a.counts.fail ?? 0)).slice(0, most);
  return (
    <section className="section">
      <SectionHead title={<>
        <label className="hidden" htmlFor="ov-framework">Framework</label>
        <select id="ov-framework" className="headpick" value={id} onChange={(event) => change({ framework: event.target.value === usual ? undefined : event.target.value, mapping: undefined })}>
          {all?.some((each) => each.id === id) ? null : <option value={id}>OWASP IoT Top 10</option>}
          {(all ?? []).map((each) => <option key={each.id} value={each.id}>{each.name}</option>)}
        </select>
      </>}>
        <label className="hidden" htmlFor="ov-mapping">Mapping</label>
        <select id="ov-mapping" className="headpick headpick-quiet" value={provenance} onChange={(event) => change({ mapping: event.target.value === names[0] ? undefined : event.target.value })}>
          {names.map((each) => <option key={each} value={each}>{provenanceShort(each)}</option>)}
        </select>
        <Go href={`/frameworks/${encodeURIComponent(id)}${provenance === names[0] ? "" : `?provenance=${provenance}`}`}>{items.length > most ? `All ${items.length}` : "Open"}</Go>
      </SectionHead>
      <ul className="owasprows">{shown.map((item) => <Row key={item.id} item={item} href={`/frameworks/${encodeURIComponent(id)}/${encodeURIComponent(item.id)}${provenance === names[0] ? "" : `?provenance=${provenance}`}`} short={id === usual} />)}</ul>
    </section>
  );
}

function Row({ item, href, short }: { item: FrameworkItem; href: string; short: boolean }) {
  const status = item.worst ? asStatus(item.worst) : "not-applicable";
  const n = item.counts[status] ?? 0;
  return (
    <li>
      <Go href={href} className={short ? "owasprow plain" : "owasprow owasprow-long plain"} data-row>
        <span className="mono ink3 trunc">{item.id}</span>
        <span className="trunc" title={item.name}>{(short ? words.owasp[item.id] : undefined) ?? item.name}</span>
        <span className="owaspbar"><StackBar counts={item.counts} height={6} /></span>
        <span className="right">{item.passing}<span className="ink3">/{item.applicable}</span></span>
        <span className="trunc right" style={{ color: wordColour(status) }}>{status === "pass" || n === 0 ? "" : status === "fail" ? `${n} fail` : <span title={words.status[status]}><StatusGlyph status={status} size={11} label={words.status[status]} /> {n}</span>}</span>
      </Go>
    </li>
  );
}
