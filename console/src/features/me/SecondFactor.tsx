import { TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { send } from "@/api/client";
import { trouble } from "@/api/problem";
import type { Totp } from "@/api/types";
import { Button } from "@/ui/parts/Button";
import { IdChip } from "@/ui/parts/IdChip";
import { DefinitionList } from "@/ui/parts/Parts";
import { ErrorState } from "@/ui/parts/States";

/** SecondFactor enrols an authenticator: the secret is shown once, and a code from it proves that it was taken over. */
export function SecondFactor({ enrolled, changed }: { enrolled: boolean; changed: () => void }) {
  const [code, setCode] = useState("");
  const begin = useMutation({ mutationFn: () => send<Totp>("POST", "/me/totp") });
  const finish = useMutation({
    mutationFn: (method: "PUT" | "DELETE") => send(method, "/me/totp", { code: code.replaceAll(" ", "") }),
    onSuccess: () => { setCode(""); begin.reset(); changed(); },
  });
  const pending = begin.data;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    finish.mutate(enrolled ? "DELETE" : "PUT");
  };
  if (!enrolled && !pending) {
    return (
      <div className="stack">
        <p className="ink2">Without it, a stolen password is enough to come in as you.</p>
        {begin.error ? <ErrorState trouble={trouble(begin.error, "The second factor could not be set up")} /> : null}
        <Button kind="primary" disabled={begin.isPending} onClick={() => begin.mutate()}>Set up an authenticator</Button>
      </div>
    );
  }
  return (
    <form className="stack" onSubmit={submit}>
      {pending ? (
        <>
          <p>Add this secret to your authenticator, then type the code that it shows.</p>
          <DefinitionList facts={[{ label: "Secret", value: <IdChip id={pending.secret} label="secret" full /> }, { label: "Address", value: <a href={pending.uri}>open in an authenticator on this machine</a> }]} />
        </>
      ) : <p className="ink2">To remove it, type a code from your authenticator.</p>}
      <TextInput label="Code" required value={code} onChange={(event) => setCode(event.currentTarget.value)} inputMode="numeric" autoComplete="one-time-code" pattern="[0-9 ]{6,8}" classNames={{ input: "mono" }} />
      {finish.error ? <ErrorState trouble={trouble(finish.error, enrolled ? "The second factor was not removed" : "The code was not accepted")} /> : null}
      <Button type="submit" kind={enrolled ? "danger" : "primary"} disabled={finish.isPending || code === ""}>{enrolled ? "Remove second factor" : "Enrol"}</Button>
    </form>
  );
}
