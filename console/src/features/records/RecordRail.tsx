import { useState } from "react";
import { useMay } from "@/api/may";
import type { RecordKind, RecordWhole } from "@/api/records";
import { StatusGlyph } from "@/ui/marks/StatusMark";
import { Go } from "@/ui/parts/Go";
import { SectionHead } from "@/ui/parts/Parts";
import { Button } from "@/ui/parts/Button";
import { Due } from "@/ui/time/Due";
import { parse } from "@/ui/time/format";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { recordWord } from "./DutyMark";
import { EvidenceList } from "./EvidenceList";
import { FinishItem } from "./FinishItem";
import type { Item } from "@/api/records";

/** RecordRail shows what belongs to a record: evidence, acknowledgements, items, what it serves, and its other versions. */
export function RecordRail({ record, kind }: { record: RecordWhole; kind: RecordKind }) {
  const acks = record.acks ?? [];
  const owing = acks.filter((ack) => parse(ack.at) === undefined).length;
  const versions = record.versions ?? [];
  return (
    <>
      <EvidenceList record={record} kind={kind} />
      {acks.length > 0 ? (
        <section className="section">
          <SectionHead title="Acknowledged" note={owing === 0 ? `by all ${acks.length}` : `${acks.length - owing} of ${acks.length}`} />
          <ul className="acks">{acks.map((ack) => <li key={ack.account}><StatusGlyph status={parse(ack.at) === undefined ? "not-assessed" : "pass"} size={12} /><span className="grow">{ack.account}</span><span className="small ink3">{parse(ack.at) === undefined ? "still owed" : <RelativeTime at={ack.at} />}</span></li>)}</ul>
        </section>
      ) : null}
      <Items record={record} />
      <section className="section">
        <SectionHead title="Serves" />
        <ul>{(kind.serves ?? []).map((each) => <li key={each.control + each.obligation + each.title} className="obligation"><Go href={`/controls/${each.control}`} className="mono">{each.control}</Go><span className="grow small">{each.title}</span></li>)}</ul>
      </section>
      <section className="section">
        <SectionHead title="Versions" note={String(versions.length)}><Go href={`/records/${record.kind}`}>About the kind</Go></SectionHead>
        <ul className="versions">
          {versions.map((version) => (
            <li key={version.id}>
              {version.id === record.id ? <b>Version {version.version}</b> : <Go href={`/records/${record.kind}/${version.id}`}>Version {version.version}</Go>}
              <span className="grow small ink2">{recordWord(version.state)}</span><span className="small ink3"><RelativeTime at={version.changed} /></span>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

function Items({ record }: { record: RecordWhole }) {
  const may = useMay();
  const [finishing, setFinishing] = useState<Item>();
  const items = record.items ?? [];
  if (items.length === 0) return null;
  const open = items.filter((item) => parse(item.closed) === undefined);
  return (
    <section className="section">
      <SectionHead title="Items" note={`${open.length} open of ${items.length}`}><Go href={`/records/items?kind=${record.kind}`}>All items</Go></SectionHead>
      <ul>
        {items.map((item) => {
          const closed = parse(item.closed) !== undefined;
          return (
            <li key={item.id} className="obligation">
              <StatusGlyph status={closed ? "pass" : "not-assessed"} size={12} label={closed ? "Done" : "Open"} />
              <span className="grow">{item.title}<span className="small ink3"> {item.owner}</span></span>
              <span className="small">{closed ? <span className="ink3">done</span> : <Due at={item.due} day={false} past="late by" />}</span>
              {!closed && may("record:write") ? <Button kind="quiet" onClick={() => setFinishing(item)}>Close…</Button> : null}
            </li>
          );
        })}
      </ul>
      {finishing ? <FinishItem item={finishing} onClose={() => setFinishing(undefined)} /> : null}
    </section>
  );
}
