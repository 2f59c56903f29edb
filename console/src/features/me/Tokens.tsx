import { TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { get, part, send } from "@/api/client";
import { trouble } from "@/api/problem";
import { items } from "@/api/queries";
import type { List, Token } from "@/api/types";
import { Button } from "@/ui/parts/Button";
import { IdChip } from "@/ui/parts/IdChip";
import { Notice } from "@/ui/parts/Parts";
import { ErrorState } from "@/ui/parts/States";
import { dayText } from "@/ui/time/format";

/** Tokens lists one's access tokens, makes new ones (shown once) and takes them back. */
export function Tokens() {
  const cache = useQueryClient();
  const { data } = useQuery({ queryKey: ["tokens"], queryFn: () => get<List<Token> | Token[]>("/me/tokens").then(items) });
  const [name, setName] = useState("");
  const again = () => cache.invalidateQueries({ queryKey: ["tokens"] });
  const make = useMutation({ mutationFn: () => send<Token>("POST", "/me/tokens", { name: name.trim(), days: 90 }), onSuccess: () => { setName(""); return again(); } });
  const drop = useMutation({ mutationFn: (id: string) => send("DELETE", `/me/tokens/${part(id)}`), onSuccess: again });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  const error = make.error ?? drop.error;
  return (
    <>
      <form className="stack" onSubmit={submit}>
        <TextInput label="Name of a new token" description="It ends after 90 days" value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Button type="submit" disabled={name.trim() === "" || make.isPending}>Make a token</Button>
        {make.data?.token ? <Notice>Copy it now, it is not shown again: <IdChip id={make.data.token} label="token" full /></Notice> : null}
        {error ? <ErrorState trouble={trouble(error, "The tokens were not changed")} /> : null}
      </form>
      <ul>
        {(data ?? []).map((token) => (
          <li key={token.id} className="obligation row">
            <span className="grow">{token.name}</span>
            <span className="small ink3">ends {dayText(Date.parse(token.expires))}</span>
            <Button kind="danger" disabled={drop.isPending} onClick={() => drop.mutate(token.id)} aria-label={`Take back ${token.name}`}>Take back</Button>
          </li>
        ))}
      </ul>
    </>
  );
}
