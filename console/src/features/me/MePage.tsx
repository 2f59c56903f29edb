import { PasswordInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { send } from "@/api/client";
import { trouble } from "@/api/problem";
import { whoami } from "@/api/queries";
import { roleName } from "@/features/shell/roles";
import { Button } from "@/ui/parts/Button";
import { Page } from "@/ui/parts/Page";
import { FactsLine, Notice, SectionHead } from "@/ui/parts/Parts";
import { ErrorState } from "@/ui/parts/States";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { SecondFactor } from "./SecondFactor";
import { Tokens } from "./Tokens";
import "@mantine/core/styles/PasswordInput.css";
import "@mantine/core/styles/ActionIcon.css";
import "@/features/people/people.css";

/** MePage is one's own account: password, second factor, tokens. */
export default function MePage() {
  const { data: me, refetch } = useQuery(whoami);
  if (!me) return null;
  const { principal } = me;
  return (
    <Page title={principal.name} tab="Your account" note="your account"
      facts={<FactsLine facts={[
        { label: "Roles", value: principal.roles.map(roleName).join(", ") },
        { label: "Signed in", value: <RelativeTime at={principal.since} /> },
        { label: "By", value: principal.method },
        { label: "Second factor", value: me.mfaEnrolled ? "Enrolled" : <span className="stale">None</span> },
        { label: "Password", value: me.passwordAge === 0 ? "new, or none" : `${me.passwordAge} ${me.passwordAge === 1 ? "day" : "days"} old` },
      ]} />}>
      {me.mustChange ? <Notice tone="stale">Set a password of your own first; until then nothing else is open to you.</Notice> : null}
      <section className="section"><SectionHead title="Second factor" note="a code from an authenticator, at every sign-in" /><SecondFactor enrolled={me.mfaEnrolled} changed={() => void refetch()} /></section>
      <section className="section"><SectionHead title="Password" note="all your other sessions end when it changes" /><Password changed={() => void refetch()} /></section>
      <section className="section"><SectionHead title="Tokens" note="for scripts; each may what you may" /><Tokens /></section>
    </Page>
  );
}

function Password({ changed }: { changed: () => void }) {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const save = useMutation({
    mutationFn: () => send("POST", "/me/password", { current, new: next }),
    onSuccess: () => { setCurrent(""); setNext(""); changed(); },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form className="stack" onSubmit={submit}>
      <PasswordInput label="Current password" description="Leave it empty if you have none yet" value={current} onChange={(event) => setCurrent(event.currentTarget.value)} autoComplete="current-password" visibilityToggleButtonProps={{ "aria-label": "Show the current password" }} />
      <PasswordInput label="New password" required value={next} onChange={(event) => setNext(event.currentTarget.value)} autoComplete="new-password" visibilityToggleButtonProps={{ "aria-label": "Show the new password" }} />
      {save.error ? <ErrorState trouble={trouble(save.error, "The password was not changed")} /> : null}
      {save.isSuccess ? <Notice>The password was changed. It holds from now on.</Notice> : null}
      <Button type="submit" disabled={save.isPending || next === ""}>Change password</Button>
    </form>
  );
}
