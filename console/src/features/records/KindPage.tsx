import { NativeSelect, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams, useRouter } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";
import { part, send } from "@/api/client";
import { useList } from "@/api/list";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import { recordKind, type Duty, type FormField, type RecordKind, type RecordRow } from "@/api/records";
import { useAddress } from "@/ui/address";
import { Button } from "@/ui/parts/Button";
import { Go } from "@/ui/parts/Go";
import { Icon } from "@/ui/parts/Icon";
import { Page } from "@/ui/parts/Page";
import { DefinitionList, FactsLine, SectionHead } from "@/ui/parts/Parts";
import { CommandLine, ErrorState } from "@/ui/parts/States";
import type { Column } from "@/ui/table/columns";
import { DataTable } from "@/ui/table/DataTable";
import { ListEnd } from "@/ui/table/ListEnd";
import { Due } from "@/ui/time/Due";
import { DutyMark } from "./DutyMark";
import { bounds } from "./form/paths";
import { lifeText } from "./KindsPage";
import { dutyHref, plural, wordsOf } from "./say";
import "./records.css";

const columns: readonly Column<Duty>[] = [
  { id: "object", header: "About", phone: "title", cell: (d) => <Go href={dutyHref(d)} data-row>{d.object.name}</Go> },
  { id: "owner", header: "Owner", width: "20%", phone: "fact", cell: (d) => <span className="ink2">{d.owner || "nobody"}</span> },
  { id: "version", header: "Version", width: 80, align: "right", cell: (d) => <span className="ink2">{d.record?.version ?? "–"}</span> },
  { id: "ends", header: "Ends", width: 170, align: "right", phone: "fact", cell: (d) => <span className="ink2">{d.state === "not-owed" ? d.why : <Due at={d.record?.expires} none="–" past="since" />}</span> },
  { id: "state", header: "State", width: 190, phone: "status", cell: (d) => <DutyMark state={d.state} {...(d.state === "missing" && d.record?.state === "draft" ? { note: "draft begun" } : {})} /> },
];

const readers: Record<string, string> = { administrators: "every system administrator", "system-owner": "the owner of the system", named: "those whom the form names", everyone: "every active person" };

/** KindPage says what a kind of record proves and asks for, who owes one, and begins one. */
export default function KindPage() {
  const { kind: name = "" } = useParams({ strict: false });
  const query = useQuery(recordKind(name));
  if (query.error) return <Page title={wordsOf(name)} tab={wordsOf(name)}><ErrorState trouble={trouble(query.error, `${name} could not be read`)} again={() => void query.refetch()} /></Page>;
  return query.data ? <Shown kind={query.data} /> : null;
}

function Shown({ kind }: { kind: RecordKind }) {
  const may = useMay();
  const list = useList<Duty>("/duties", { kind: kind.name });
  return (
    <Page title={kind.title} tab={kind.title} note={kind.purpose}
      facts={<FactsLine facts={[
        { label: "About each", value: wordsOf(kind.about) }, { label: "Counts for", value: lifeText(kind.lifeDays) },
        { label: "Evidence", value: kind.files && kind.files.least > 0 ? `at least ${plural(kind.files.least, "file or link", "files or links")}` : "none needed" },
        { label: "Acknowledged by", value: kind.readers ? readers[kind.readers] ?? kind.readers : "nobody has to" },
      ]} />}
      actions={<a className="btn btn-plain" href={`/api/v1/records/export?kind=${part(kind.name)}`} download={`${kind.name}.json`}><Icon name="download" size={13} />Export</a>}
      rail={<Rail kind={kind} />}>
      {may("record:write") ? <Begin kind={kind} duties={list.rows} /> : null}
      <section className="section">
        <SectionHead title="Who owes one" note={list.pending ? undefined : plural(list.total ?? list.rows.length, "object")} />
        {list.error ? <ErrorState trouble={trouble(list.error, "The duties could not be read")} again={list.again} /> : null}
        {list.rows.length > 0 ? <DataTable label="Duties" rows={list.rows} columns={columns} keyOf={(duty) => duty.object.id} href={(duty) => (duty.record ? dutyHref(duty) : undefined)} /> : null}
        {!list.pending && list.rows.length === 0 ? <p className="ink2 pad">There is no {wordsOf(kind.about).toLowerCase()} yet{kind.about === "organisation" ? "" : <>: it is owed about each one that comes. <Go href="/records/register">Register</Go></>}.</p> : null}
        {list.rows.length > 0 ? <ListEnd shown={list.rows.length} total={list.total} more={list.more} loading={list.loading} /> : null}
      </section>
      <Outline form={kind.form ?? []} />
    </Page>
  );
}

/** Begin makes a draft about one object and opens it. */
function Begin({ kind, duties }: { kind: RecordKind; duties: readonly Duty[] }) {
  const { params } = useAddress();
  const router = useRouter();
  const cache = useQueryClient();
  const owed = duties.filter((duty) => duty.state !== "not-owed");
  const [object, setObject] = useState(params["object"] ?? "");
  const chosen = object || (owed.find((duty) => duty.state !== "current") ?? owed[0])?.object.id || "";
  const run = useMutation({
    mutationFn: () => send<RecordRow>("POST", "/records", { kind: kind.name, ...(kind.about === "organisation" ? {} : { object: chosen }), ...from(owed.find((duty) => duty.object.id === chosen)) }),
    onSuccess: async (made) => {
      await Promise.all([["duties"], ["list", "/duties"]].map((queryKey) => cache.invalidateQueries({ queryKey })));
      await router.navigate({ href: `/records/${kind.name}/${made.id}` });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    run.mutate();
  };
  return (
    <form className="begin" onSubmit={submit}>
      {kind.about === "organisation" ? null : owed.length > 0 && owed.length <= 200
        ? <NativeSelect label={`About which ${wordsOf(kind.about).toLowerCase()}`} value={chosen} onChange={(event) => setObject(event.currentTarget.value)} data={owed.map((duty) => ({ value: duty.object.id, label: `${duty.object.name}${duty.state === "current" ? ", in force" : ""}` }))} />
        : <TextInput label={`About which ${wordsOf(kind.about).toLowerCase()}`} value={object} onChange={(event) => setObject(event.currentTarget.value)} placeholder="Name or id" />}
      <Button type="submit" kind="primary" disabled={run.isPending || (kind.about !== "organisation" && chosen === "")} data-command={`Begin: ${kind.title}`}>{run.isPending ? "Beginning…" : "Begin a draft"}</Button>
      {run.error ? <ErrorState trouble={trouble(run.error, "No draft was begun")} /> : null}
    </form>
  );
}

// A new version begins with what the last one said.
function from(duty: Duty | undefined): { from?: string } {
  return duty?.record && duty.record.state === "approved" ? { from: duty.record.id } : {};
}

function Outline({ form }: { form: readonly FormField[] }) {
  return (
    <section className="section">
      <SectionHead title="What the form asks" note={plural(form.length, "field")} />
      <ul className="outline">
        {form.map((field) => (
          <li key={field.name}>
            <span>{field.title}{field.optional ? <span className="ink3">, optional</span> : null}</span>
            <span className="small ink3">{field.type === "rows" ? "table" : field.type}</span>
            <span className="small ink2">{[field.help?.replace(/\.$/, ""), bounds(field), (field.fields ?? []).map((each) => each.title).join(", "), (field.covers ?? []).length > 0 ? `must cover ${(field.covers ?? []).join(", ")}` : ""].filter(Boolean).join("; ")}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Rail({ kind }: { kind: RecordKind }) {
  return (
    <>
      <section className="section">
        <SectionHead title="Serves" note={plural(new Set((kind.serves ?? []).map((each) => each.control)).size, "control")} />
        <ul>{(kind.serves ?? []).map((each) => <li key={each.control + each.obligation + each.title} className="obligation"><Go href={`/controls/${each.control}`} className="mono">{each.control}</Go><span className="grow small">{each.title}</span></li>)}</ul>
      </section>
      {kind.files && kind.files.least > 0 ? <section className="section"><SectionHead title="Evidence" /><DefinitionList facts={[{ label: "Must show", value: kind.files.what }]} /></section> : null}
      <section className="section"><SectionHead title="By command" /><CommandLine command={`thingward record create --kind ${kind.name}${kind.about === "organisation" ? "" : " --object NAME"}`} /><p className="small ink3 pad">Its JSON Schema stands at <code>/api/v1/record-kinds/{kind.name}</code>.</p></section>
    </>
  );
}
