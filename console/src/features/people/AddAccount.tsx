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
import "@mantine/core/styles/PasswordInput.css";
import "@mantine/core/styles/ActionIcon.css";
import "@/ui/overlay/overlay.css";

/** AddAccount makes an account for a person, with a first password, or for a service, with a claim shown once. */
export function AddAccount({ roles, onClose }: { roles: readonly string[]; onClose: () => void }) {
  const cache = useQueryClient();
  const [name, setName] = useState("");
  const [kind, setKind] = useState<"person" | "service">("person");
  const [password, setPassword] = useState("");
  const [picked, setPicked] = useState<readonly string[]>([]);
  const add = useMutation({
    mutationFn: () => send<NewAccount>("POST", "/accounts", { name: name.trim(), kind, roles: picked, ...(kind === "person" ? { password } : {}) }),
    onSuccess: (account) => {
      void cache.invalidateQueries({ queryKey: ["list", "/accounts"] });
      if (account.claim === undefined) onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  const claimed = add.data?.claim === undefined ? undefined : add.data;
  return (
    <Modal opened onClose={onClose} size={480} padding={0} aria-label="Add an account" closeOnClickOutside={false}>
      <form onSubmit={submit}>
        <div className="dialog-part"><h2 className="dialog-title">{claimed ? `${claimed.name} is ready` : "Add an account"}</h2></div>
        <div className="dialog-part form">
          {claimed ? (
            <>
              <p>This claim is shown once. With it the service enrols one time and gets its certificate.</p>
              <DefinitionList facts={[{ label: "User", value: <IdChip id={claimed.id} label="user" full /> }, { label: "Claim", value: <IdChip id={claimed.claim ?? ""} label="claim" full /> }]} />
            </>
          ) : (
            <>
              <TextInput label="Name" required data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} autoComplete="off" />
              <NativeSelect label="Kind" value={kind} onChange={(event) => setKind(event.currentTarget.value as "person" | "service")} data={[{ value: "person", label: "Person" }, { value: "service", label: "Service" }]} />
              {kind === "person" ? <PasswordInput label="First password" description="It has to be changed at the first sign-in" required value={password} onChange={(event) => setPassword(event.currentTarget.value)} autoComplete="new-password" visibilityToggleButtonProps={{ "aria-label": "Show the password" }} /> : null}
              <RolePicker roles={roles} picked={picked} onChange={setPicked} />
              {add.error ? <ErrorState trouble={trouble(add.error, "The account was not added")} /> : null}
            </>
          )}
        </div>
        <div className="dialog-foot">
          <span className="grow" />
          <Button onClick={onClose}>{claimed ? "Close" : "Cancel"}</Button>
          {claimed ? null : <Button type="submit" kind="primary" disabled={add.isPending || picked.length === 0}>Add account</Button>}
        </div>
      </form>
    </Modal>
  );
}
