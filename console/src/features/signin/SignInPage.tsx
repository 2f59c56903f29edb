import { PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";
import { send } from "@/api/client";
import { Problem, trouble } from "@/api/problem";
import type { Login } from "@/api/types";
import { useAddress } from "@/ui/address";
import { Button } from "@/ui/parts/Button";
import { ErrorState } from "@/ui/parts/States";
import { Gate } from "./Gate";

/** SignInPage takes name and password, and the one-time code when the account has a second factor. */
export default function SignInPage() {
  const { params } = useAddress();
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [asksCode, setAsksCode] = useState(false);
  const enter = useEnter(params["then"]);
  const login = useMutation({
    mutationFn: () => send<Login>("POST", "/login", { user, password, ...(code === "" ? {} : { code }) }, { "X-Thingward-Client": "console" }),
    onSuccess: enter,
    onError: (error) => { if (error instanceof Problem && error.asksFor("code")) setAsksCode(true); },
  });
  const firstAsk = asksCode && code === "" && login.error instanceof Problem && login.error.asksFor("code");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    login.mutate();
  };
  return (
    <Gate title="Sign in">
      <form onSubmit={submit} className="gate-form">
        <TextInput label="Name" value={user} onChange={(event) => setUser(event.currentTarget.value)} autoComplete="username" autoFocus required />
        <PasswordInput label="Password" value={password} onChange={(event) => setPassword(event.currentTarget.value)} autoComplete="current-password" required
          visibilityToggleButtonProps={{ "aria-label": "Show the password" }} />
        {asksCode ? <CodeInput code={code} setCode={setCode} /> : null}
        {login.error && !firstAsk ? <ErrorState trouble={trouble(login.error, "Not signed in")} /> : null}
        <Button type="submit" kind="primary" disabled={login.isPending}>Sign in</Button>
      </form>
    </Gate>
  );
}

function CodeInput({ code, setCode }: { code: string; setCode: (code: string) => void }) {
  return (
    <TextInput label="Code" description="Six digits from your authenticator" value={code} onChange={(event) => setCode(event.currentTarget.value)} inputMode="numeric"
      autoComplete="one-time-code" autoFocus required pattern="[0-9 ]{6,8}" classNames={{ input: "mono" }} />
  );
}

/** useEnter opens the page one wanted, after signing in. Only addresses of this console are followed. */
export function useEnter(then: string | undefined): () => Promise<void> {
  const router = useRouter();
  const cache = useQueryClient();
  return async () => {
    cache.clear();
    const inside = then !== undefined && then.startsWith("/") && !then.startsWith("//") && !then.startsWith("/\\");
    await router.navigate({ href: inside ? then : "/", replace: true });
  };
}
