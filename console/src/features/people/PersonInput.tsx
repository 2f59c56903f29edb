import { TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useId, type ComponentProps } from "react";
import { get } from "@/api/client";
import { useMay } from "@/api/may";
import { items } from "@/api/queries";
import type { Account, List } from "@/api/types";

const people = { queryKey: ["list", "/accounts", "people"], staleTime: 60_000, queryFn: () => get<List<Account>>("/accounts", { kind: "person", limit: 1000 }).then(items) };

type Props = Omit<ComponentProps<typeof TextInput>, "onChange" | "value"> & { value: string; onChange: (name: string) => void; kind?: "person" | "any" };

/** PersonInput takes the name of an account and offers those that there are; the server says when there is none of that name. */
export function PersonInput({ value, onChange, ...rest }: Props) {
  const id = useId();
  const may = useMay();
  const { data } = useQuery({ ...people, enabled: may("account:read") });
  return (
    <>
      <TextInput {...rest} list={id} value={value} onChange={(event) => onChange(event.currentTarget.value)} autoComplete="off" spellCheck={false} />
      <datalist id={id}>{(data ?? []).filter((account) => account.state === "active").map((account) => <option key={account.id} value={account.name} />)}</datalist>
    </>
  );
}
