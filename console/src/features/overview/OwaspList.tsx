import { useQuery } from "@tanstack/react-query";
import { owasp } from "@/api/queries";
import type { FrameworkItem } from "@/api/types";
import { StackBar } from "@/ui/charts/StackBar";
import { StatusGlyph } from "@/ui/marks/StatusMark";
import { asStatus, wordColour, type Counts } from "@/ui/marks/status";
import { Go } from "@/ui/parts/Go";
import { SectionHead } from "@/ui/parts/Parts";
import { words } from "@/words";

/** countsOf gives the statuses of an item's controls. */
export function countsOf(item: FrameworkItem): Counts {
  return item.counts;
}

/** OwaspList shows how the ten risks stand under the product's own mapping. */
export function OwaspList() {
  const { data } = useQuery(owasp("product"));
  if (!data) return null;
  return (
    <section className="section">
      <SectionHead title="OWASP IoT Top 10" note="2018, our mapping"><Go href="/frameworks/owasp-iot-2018">Mapping</Go></SectionHead>
      <ul className="owasprows">{data.map((item) => <Row key={item.id} item={item} />)}</ul>
    </section>
  );
}

function Row({ item }: { item: FrameworkItem }) {
  const counts = countsOf(item);
  const status = item.worst ? asStatus(item.worst) : "not-applicable";
  const n = counts[status] ?? 0;
  return (
    <li>
      <Go href={`/frameworks/owasp-iot-2018/${item.id}`} className="owasprow plain" data-row>
        <span className="mono ink3">{item.id}</span>
        <span className="trunc" title={item.name}>{words.owasp[item.id] ?? item.name}</span>
        <span className="owaspbar"><StackBar counts={counts} height={6} /></span>
        <span className="right">{item.passing}<span className="ink3">/{item.applicable}</span></span>
        <span className="trunc right" style={{ color: wordColour(status) }}>{status === "pass" || n === 0 ? "" : status === "fail" ? `${n} fail` : <span title={words.status[status]}><StatusGlyph status={status} size={11} label={words.status[status]} /> {n}</span>}</span>
      </Go>
    </li>
  );
}
