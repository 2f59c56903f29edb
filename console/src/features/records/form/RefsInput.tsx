import { useQuery } from "@tanstack/react-query";
import { useId, useState, type KeyboardEvent } from "react";
import { get } from "@/api/client";
import { items } from "@/api/queries";
import type { FormField } from "@/api/records";
import { Button } from "@/ui/parts/Button";
import { Icon } from "@/ui/parts/Icon";
import { wordsOf } from "../say";

const places: Record<string, string> = { system: "/systems", site: "/sites", type: "/types", device: "/devices", account: "/accounts" };

/** useObjects offers the names of what records can be about or refer to, of one kind. */
export function useObjects(kind: string | undefined): string[] {
  const path = kind === undefined || kind === "organisation" ? undefined : places[kind];
  const { data } = useQuery({
    queryKey: ["objects", kind], enabled: kind !== undefined && kind !== "organisation", staleTime: 60_000, retry: false,
    queryFn: () => get<{ items: { name: string }[] } | { name: string }[]>(path ?? "/register", path ? { limit: 1000 } : { kind, limit: 1000 }).then((answer) => items(answer).map((each) => each.name)),
  });
  return data ?? [];
}

interface Props { field: FormField; id: string; value: readonly string[]; error: string | undefined; help: string; bare: boolean; onChange: (value: unknown) => void }

/** RefsInput names objects, one after the other; those that there are get offered. */
export function RefsInput({ field, id, value, error, help, bare, onChange }: Props) {
  const list = useId();
  const known = useObjects(field.of);
  const [text, setText] = useState("");
  const add = () => {
    const next = text.trim();
    if (next && !value.includes(next)) onChange([...value, next]);
    setText("");
  };
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    add();
  };
  return (
    <div>
      {bare ? null : <><label htmlFor={id} className="fieldlabel">{field.title}{field.optional ? ", optional" : ""}</label>{help ? <p className="caption">{help}</p> : null}</>}
      <div className="row">
        <input id={id} className="plaininput grow" list={list} value={text} aria-label={bare ? field.title : undefined} placeholder={field.of ? `Name of a ${wordsOf(field.of).toLowerCase()}` : "Name"} onChange={(event) => setText(event.currentTarget.value)} onKeyDown={press} autoComplete="off" spellCheck={false} />
        <Button onClick={add} disabled={text.trim() === ""}>Add</Button>
        {known.some((each) => !value.includes(each)) ? <Button kind="quiet" onClick={() => onChange([...new Set([...value, ...known])])}>All {known.length}</Button> : null}
      </div>
      <datalist id={list}>{known.filter((each) => !value.includes(each)).map((each) => <option key={each} value={each} />)}</datalist>
      <div className="chips">
        {value.map((each) => <span key={each} className="chip">{each}<button type="button" aria-label={`Remove ${each}`} onClick={() => onChange(value.filter((other) => other !== each))}><Icon name="close" size={12} /></button></span>)}
      </div>
      {error ? <p className="fail small">{error}</p> : null}
    </div>
  );
}
