import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { send } from "@/api/client";
import { trouble } from "@/api/problem";
import type { Login } from "@/api/types";
import { useAddress } from "@/ui/address";
import { Button } from "@/ui/parts/Button";
import { Go } from "@/ui/parts/Go";
import { ErrorState } from "@/ui/parts/States";
import { Gate } from "./Gate";
import { useEnter } from "./SignInPage";

/** LinkPage spends a one-time sign-in link. It asks for a press first: a mail scanner that opens the address must not spend it. */
export default function LinkPage() {
  const { params } = useAddress();
  const [token] = useState(params["token"] ?? "");
  const enter = useEnter(undefined);
  const login = useMutation({
    mutationFn: () => {
      // The token must not stay in the history of the browser.
      globalThis.history.replaceState(null, "", "/sign-in/link");
      return send<Login>("POST", "/login/link", { token }, { "X-Thingward-Client": "console" });
    },
    onSuccess: enter,
  });
  return (
    <Gate title="Sign in with a link">
      {token === "" ? (
        <p className="ink2">This address holds no link. Ask an administrator for a new one, or <Go href="/sign-in">sign in with your password</Go>.</p>
      ) : (
        <div className="gate-form">
          <p className="ink2">The link works once. It signs you in on this browser.</p>
          {login.error ? <ErrorState trouble={trouble(login.error, "The link did not work")} /> : null}
          <Button kind="primary" disabled={login.isPending} onClick={() => login.mutate()}>Sign in</Button>
          <Go href="/sign-in" className="small">Sign in with your password instead</Go>
        </div>
      )}
    </Gate>
  );
}
