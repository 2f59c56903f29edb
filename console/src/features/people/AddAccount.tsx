import { Modal, NativeSelect, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { send } from "@/api/client";
import { trouble } from "@/api/problem";
import type { NewAccount } from "@/api/types";
import { Button } from "@/ui/parts/Button";
import { IdChip } from "@/ui/parts/IdChip";
import { DefinitionList } from "@/ui/parts/Parts";
import { ErrorState } from "@/ui/parts/States";
import { RolePicker } from "./RolePicker";
import { ofOneSite, SitePicker } from "./SitePicker";
import "@mantine/core/styles/PasswordInput.css";
import "@mantine/core/styles/ActionIcon.css";
import "@/ui/overlay/overlay.css";

/** Made shows the secret of a new account, this once: a person's sign-in link, or a service's claim. */
function Made({ account }: { account: NewAccount }) {
  if (account.link !== undefined) return <><p>This link is shown once and works once, within a day. Hand it over on a way that nobody else reads.</p><IdChip id={linkAddress(account.link)} label="sign-in link" full /></>;
  return (
    <>
      <p>This claim is shown once. With it the service enrols one time and gets its certificate.</p>
      <DefinitionList facts={[{ label: "User", value: <IdChip id={account.id} label="user" full /> }, { label: "Claim", value: <IdChip id={account.claim ?? ""} label="claim" full /> }]} />
    </>
  );
}

/** linkAddress is the address that spends a sign-in link. */
export function linkAddress(secret: string): string {
  return `${globalThis.location.origin}/sign-in/link#${encodeURIComponent(secret)}`;
}

// Roles that one kind of account cannot hold are not offered; the server has the last word.
const closed = { person: ["application", "gateway"], service: ["system-administrator", "key-manager", "risk-manager", "local-user"] };
const holds = (kind: "person" | "service", role: string) => !closed[kind].includes(role);

/** AddAccount makes an account for a person, with a link or a first password, or for a service, with a claim; secrets are shown once. */
export function AddAccount({ roles, onClose }: { roles: readonly string[]; onClose: () => void }) {
  const cache = useQueryClient();
  const [name, setName] = useState("");
  const [kind, setKind] = useState<"person" | "service">("person");
  const [password, setPassword] = useState("");
  const [picked, setPicked] = useState<readonly string[]>([]);
  const [site, setSite] = useState("");
  const [ends, setEnds] = useState("");
  const ending = picked.includes("auditor");
  const placed = ofOneSite(picked);
  const add = useMutation({
    mutationFn: () => send<NewAccount>("POST", "/accounts", { name: name.trim(), kind, roles: picked, ...(placed ? { site } : {}), ...(ending ? { expires: `${ends}T23:59:59Z` } : {}), ...(kind === "person" && password !== "" ? { password, mustChange: true } : {}) }),
    onSuccess: (account) => {
      void cache.invalidateQueries({ queryKey: ["list", "/accounts"] });
      if (account.claim === undefined && account.link === undefined) onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  const made = add.data?.claim !== undefined || add.data?.link !== undefined ? add.data : undefined;
  return (
    <Modal opened onClose={onClose} size={480} padding={0} aria-label="Add an account" closeOnClickOutside={false}>
      <form onSubmit={submit}>
        <div className="dialog-part"><h2 className="dialog-title">{made ? `${made.name} is ready` : "Add an account"}</h2></div>
        <div className="dialog-part form">
          {made ? <Made account={made} /> : (
            <>
              <TextInput label="Name" required data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} autoComplete="off" />
              <NativeSelect label="Kind" value={kind} onChange={(event) => { setKind(event.currentTarget.value as "person" | "service"); setPicked([]); }} data={[{ value: "person", label: "Person" }, { value: "service", label: "Service" }]} />
              {kind === "person" ? <PasswordInput label="First password, optional" description="Without one, a sign-in link is made that works once. With one, it has to be changed at the first sign-in." value={password} onChange={(event) => setPassword(event.currentTarget.value)} autoComplete="new-password" visibilityToggleButtonProps={{ "aria-label": "Show the password" }} /> : null}
              <RolePicker roles={roles.filter((role) => holds(kind, role))} picked={picked} onChange={setPicked} />
              {placed ? <SitePicker site={site} onChange={setSite} /> : null}
              {ending ? <TextInput type="date" label="Ends on" description="The account of an auditor ends by itself, at most 366 days ahead." required value={ends} onChange={(event) => setEnds(event.currentTarget.value)} /> : null}
              {add.error ? <ErrorState trouble={trouble(add.error, "The account was not added")} /> : null}
            </>
          )}
        </div>
        <div className="dialog-foot">
          <span className="grow" />
          <Button onClick={onClose}>{made ? "Close" : "Cancel"}</Button>
          {made ? null : <Button type="submit" kind="primary" disabled={add.isPending || picked.length === 0 || (placed && site === "") || (ending && ends === "")}>Add account</Button>}
        </div>
      </form>
    </Modal>
  );
}
