import { useQuery } from "@tanstack/react-query";
import { useParams, useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { framework, frameworks, type FrameworkWhole } from "@/api/frameworks";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import type { FrameworkItem } from "@/api/frameworks";
import { useAddress, writeSearch } from "@/ui/address";
import { StackBar } from "@/ui/charts/StackBar";
import { asStatus } from "@/ui/marks/status";
import { StatusMark } from "@/ui/marks/StatusMark";
import { Go } from "@/ui/parts/Go";
import { Page, Tabs } from "@/ui/parts/Page";
import { EmptyState } from "@/ui/parts/States";
import { Wait } from "@/ui/parts/Wait";
import { Act } from "@/ui/past/Act";
import { useAt } from "@/ui/past/past";
import { ItemBody } from "./ItemBody";
import { RemoveFramework } from "./RemoveFramework";
import { provenanceName, provenancesOf } from "./say";
import "./frameworks.css";

/** FrameworkPage shows how the items of one framework stand under a mapping whose source is named, and which controls decide each. */
export default function FrameworkPage() {
  const { id = "", item = "" } = useParams({ strict: false });
  const { params } = useAddress();
  const at = useAt();
  const may = useMay();
  const router = useRouter();
  const [removing, setRemoving] = useState(false);
  const { data: all } = useQuery(frameworks);
  const about = all?.find((each) => each.id === id);
  const names = provenancesOf(about);
  const provenance = params["provenance"] ?? names[0] ?? "product";
  const query = useQuery(framework(id, provenance, at));
  const base = `/frameworks/${id}`;
  const keep = (next: string) => writeSearch({ provenance: next === names[0] ? undefined : next });
  const name = about?.name ?? query.data?.name ?? id;
  return (
    <Page title={query.data ? headline(name, query.data.items ?? []) : name} note={about ? [about.source, about.date].filter(Boolean).join(", ") : undefined} tab={name}
      actions={about?.imported && may("framework:write") ? <Act kind="danger" onClick={() => setRemoving(true)} data-command="Remove the framework">Remove…</Act> : null}
      tabs={<Tabs label="Mapping" tabs={names.map((each) => ({ label: provenanceName(each), href: `${base}${item ? `/${item}` : ""}${keep(each)}`, active: each === provenance }))} />}>
      {about?.summary ? <p className="lead">{about.summary}</p> : null}
      <Wait query={query} say={(error) => trouble(error, "The framework could not be read")}>
        {(whole: FrameworkWhole) => (
          <>
            {id === "owasp-iot-2018" && provenance === "source" ? <p className="small ink2 pad">The framework maps whole domains and leaves I2 and I9 out; where it names nothing, nothing is shown.</p> : null}
            {(whole.items ?? []).length === 0 ? <EmptyState title="This framework has no item">Import it again with its controls, as an OSCAL catalogue or a sheet with id, title and text.</EmptyState> : null}
            <ul className="fwitems">{(whole.items ?? []).map((each) => <Item key={each.id} item={each} framework={id} open={each.id === item} base={base} rest={keep(provenance)} />)}</ul>
          </>
        )}
      </Wait>
      {removing && about ? <RemoveFramework framework={about} onClose={() => setRemoving(false)} onDone={() => void router.navigate({ href: "/frameworks" })} /> : null}
    </Page>
  );
}

function headline(name: string, items: readonly FrameworkItem[]): string {
  const bad = items.filter((each) => each.worst === "fail").length;
  const mapped = items.filter((each) => each.applicable > 0).length;
  if (mapped === 0) return `${name}: nothing is mapped yet`;
  return bad === 0 ? `${name}: no item has a failing control` : `${name}: ${bad} of ${items.length} items have a failing control`;
}

function Item({ item, framework: id, open, base, rest }: { item: FrameworkItem; framework: string; open: boolean; base: string; rest: string }) {
  const status = item.worst ? asStatus(item.worst) : "not-applicable";
  return (
    <li className={open ? "fwitem fwitem-open" : "fwitem"}>
      <Go href={open ? `${base}${rest}` : `${base}/${encodeURIComponent(item.id)}${rest}`} className="fwitem-head plain" data-row aria-expanded={open}>
        <span className="mono ink3">{item.id}</span>
        <span className="grow"><b>{item.name}</b>{item.description ? <span className="small ink2 fwitem-text">{item.description}</span> : null}</span>
        <span className="fwitem-bar"><StackBar counts={item.counts} height={8} /></span>
        <span className="fwitem-count right">{item.passing}<span className="ink3">/{item.applicable}</span></span>
        <span className="fwitem-worst">{item.applicable === 0 ? <span className="ink3">not mapped</span> : <StatusMark status={status} count={item.counts[status] ?? 0} />}</span>
      </Go>
      {open ? <ItemBody framework={id} item={item} /> : null}
    </li>
  );
}
