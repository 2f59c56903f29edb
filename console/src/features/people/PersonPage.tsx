import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { get, part, send } from "@/api/client";
import { useList } from "@/api/list";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import { policies } from "@/api/queries";
import type { Account, Event, SignInLink } from "@/api/types";
import { DeviceEvents } from "@/features/devices/DeviceEvents";
import { roleName } from "@/features/shell/roles";
import { ConsequenceDialog } from "@/ui/overlay/ConsequenceDialog";
import { Button } from "@/ui/parts/Button";
import { Go } from "@/ui/parts/Go";
import { IdChip } from "@/ui/parts/IdChip";
import { Page } from "@/ui/parts/Page";
import { FactsLine, Notice, SectionHead } from "@/ui/parts/Parts";
import { ErrorState } from "@/ui/parts/States";
import { RelativeTime } from "@/ui/time/RelativeTime";
import { linkAddress } from "./AddAccount";
import { AccountState } from "./columns";
import { Grants } from "./Grants";
import { roleNames } from "./PeoplePage";
import { RolePicker } from "./RolePicker";
import { ofOneSite, SitePicker } from "./SitePicker";
import "./people.css";

const account = (ref: string) => ({ queryKey: ["account", ref], queryFn: () => get<Account>(`/accounts/${part(ref)}`) });

/** PersonPage shows one account: what it may do, how it signs in, what it did. */
export default function PersonPage() {
  const { id = "" } = useParams({ strict: false });
  const query = useQuery(account(id));
  if (query.error) return <Page title={id} tab={id}><ErrorState trouble={trouble(query.error, `${id} could not be read`)} again={() => void query.refetch()} /></Page>;
  return query.data ? <Shown account={query.data} refresh={() => void query.refetch()} /> : null;
}

function Shown({ account: who, refresh }: { account: Account; refresh: () => void }) {
  const may = useMay();
  const cache = useQueryClient();
  const [disabling, setDisabling] = useState(false);
  const events = useList<Event>("/events", { subject: who.id }, { enabled: may("event:read") });
  const act = useMutation({
    mutationFn: ({ verb, body }: { verb: string; body?: object }) => send("POST", `/accounts/${part(who.id)}/${verb}`, body ?? {}),
    onSuccess: () => {
      setDisabling(false);
      refresh();
      void cache.invalidateQueries({ queryKey: ["list", "/accounts"] });
    },
  });
  const link = useMutation({ mutationFn: () => send<SignInLink>("POST", `/accounts/${part(who.id)}/link`) });
  const write = may("account:write");
  return (
    <Page title={who.name} tab={who.name} note={<IdChip id={who.id} label="account id" />}
      actions={write ? (
        <>
          {who.kind === "person" && who.state === "active" ? <Button disabled={link.isPending} onClick={() => link.mutate()} data-command="Make a sign-in link">Make a sign-in link</Button> : null}
          {who.state === "locked" ? <Button disabled={act.isPending} onClick={() => act.mutate({ verb: "unlock" })} data-command="Unlock">Unlock</Button> : null}
          {who.state === "disabled" ? <Button disabled={act.isPending} onClick={() => act.mutate({ verb: "enable" })} data-command="Enable">Enable</Button> : <Button kind="danger" onClick={() => setDisabling(true)} data-command="Disable">Disable…</Button>}
        </>
      ) : null}
      facts={<FactsLine facts={[
        { label: "State", value: <AccountState account={who} /> },
        { label: "Kind", value: who.kind === "person" ? "Person" : "Service" },
        ...(who.site ? [{ label: "Site", value: <Go href={`/devices?site=${encodeURIComponent(who.site)}`}>{who.site}</Go> }] : []),
        { label: "Second factor", value: who.mfa ? "Enrolled" : who.kind === "person" ? <span className="stale">None</span> : <span className="ink3">not for services</span> },
        { label: "Last sign-in", value: <RelativeTime at={who.lastLogin} /> },
        { label: "Password changed", value: <RelativeTime at={who.passwordChanged} /> },
        { label: "Created", value: <RelativeTime at={who.created} /> },
      ]} />}
      rail={<Roles who={who} write={write} refresh={refresh} />}>
      {act.error && !disabling ? <ErrorState trouble={trouble(act.error, "Nothing was changed")} /> : null}
      {link.error ? <ErrorState trouble={trouble(link.error, "No link was made")} /> : null}
      {link.data ? <Notice>Shown once, works once: <IdChip id={linkAddress(link.data.link)} label="sign-in link" full /></Notice> : null}
      {who.kind === "service" ? <Grants who={who} write={write} /> : null}
      <section className="section">
        <SectionHead title="What happened" note="newest first, UTC" />
        {events.pending ? null : <DeviceEvents events={events.rows} whole />}
      </section>
      {disabling ? (
        <ConsequenceDialog title={`Disable ${who.name}`} act="Disable" danger subtitle="The account can be enabled again." pending={act.isPending} trouble={act.error ? trouble(act.error, "Nothing was changed") : undefined}
          effects={[{ when: "Within 1 s", what: "Every session of the account ends, in the console, the API and the broker." }, { when: "Until enabled", what: "No password, link, token or certificate lets it in." }]}
          confirm={{ what: "the name", text: who.name }} onClose={() => setDisabling(false)} onAct={({ note }) => act.mutate({ verb: "disable", body: { reason: note } })} />
      ) : null}
    </Page>
  );
}

function Roles({ who, write, refresh }: { who: Account; write: boolean; refresh: () => void }) {
  const all = useQuery(policies);
  const [picked, setPicked] = useState<readonly string[]>(who.roles);
  const [site, setSite] = useState(who.site ?? "");
  const placed = ofOneSite(picked);
  const save = useMutation({ mutationFn: () => send("PUT", `/accounts/${part(who.id)}/roles`, { roles: picked, ...(placed ? { site } : {}) }), onSuccess: refresh });
  const changed = [...picked].toSorted().join() !== [...who.roles].toSorted().join() || (placed && site !== (who.site ?? ""));
  return (
    <section className="section">
      <SectionHead title="Roles" />
      {write ? (
        <div className="stack">
          <RolePicker roles={roleNames(all.data ?? [])} picked={picked} onChange={setPicked} />
          {placed ? <SitePicker site={site} onChange={setSite} /> : null}
          {save.error ? <ErrorState trouble={trouble(save.error, "The roles were not changed")} /> : null}
          <Button disabled={!changed || picked.length === 0 || (placed && site === "") || save.isPending} onClick={() => save.mutate()}>{save.isPending ? "Changing…" : "Change roles"}</Button>
        </div>
      ) : <ul className="pad">{who.roles.map((role) => <li key={role}>{roleName(role)}</li>)}</ul>}
    </section>
  );
}
