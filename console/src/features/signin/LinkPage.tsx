import { TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { send } from "@/api/client";
import { Problem, trouble } from "@/api/problem";
import type { Login } from "@/api/types";
import { Button } from "@/ui/parts/Button";
import { Go } from "@/ui/parts/Go";
import { ErrorState } from "@/ui/parts/States";
import { Gate } from "./Gate";
import { useEnter } from "./SignInPage";

// The secret stands behind "#", which browsers send to no server; "?token=" is read as well.
function secretInAddress(): string {
  const { hash, search } = globalThis.location;
  return decodeURIComponent(hash.slice(1)) || (new URLSearchParams(search).get("token") ?? "");
}

/** LinkPage spends a one-time sign-in link. It asks for a press first: a mail scanner that opens the address must not spend it. */
export default function LinkPage() {
  const [token] = useState(secretInAddress);
  const [code, setCode] = useState("");
  const [asksCode, setAsksCode] = useState(false);
  const enter = useEnter(undefined);
  const login = useMutation({
    mutationFn: () => {
      // The token must not stay in the history of the browser.
      globalThis.history.replaceState(null, "", "/sign-in/link");
      return send<Login>("POST", "/login/link", { token, ...(code === "" ? {} : { code }) }, { "X-Thingward-Client": "console" });
    },
    onSuccess: enter,
    onError: (error) => { if (error instanceof Problem && error.asksFor("code")) setAsksCode(true); },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    login.mutate();
  };
  return (
    <Gate title="Sign in with a link">
      {token === "" ? (
        <p className="ink2">This address holds no link. Ask an administrator for a new one, or <Go href="/sign-in">sign in with your password</Go>.</p>
      ) : (
        <form className="gate-form" onSubmit={submit}>
          <p className="ink2">The link works once. It signs you in on this browser.</p>
          {asksCode ? <TextInput label="Code" description="Six digits from your authenticator" value={code} onChange={(event) => setCode(event.currentTarget.value)} inputMode="numeric" autoComplete="one-time-code" autoFocus required /> : null}
          {login.error && !(asksCode && code === "") ? <ErrorState trouble={trouble(login.error, "The link did not work")} /> : null}
          <Button type="submit" kind="primary" disabled={login.isPending}>Sign in</Button>
          <Go href="/sign-in" className="small">Sign in with your password instead</Go>
        </form>
      )}
    </Gate>
  );
}
