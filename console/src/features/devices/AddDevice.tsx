import { Modal, NativeSelect, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { get, send } from "@/api/client";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import { items } from "@/api/queries";
import type { Device, DeviceType, List } from "@/api/types";
import { Button } from "@/ui/parts/Button";
import { Go } from "@/ui/parts/Go";
import { IdChip } from "@/ui/parts/IdChip";
import { DefinitionList } from "@/ui/parts/Parts";
import { CommandLine, ErrorState } from "@/ui/parts/States";
import { whenText } from "@/ui/time/format";
import { deviceHref } from "./words";

interface Claim { claim: string; user: string; expires: string }

/** AddDevice registers a device and gives it a claim, which is shown once. */
export function AddDevice({ onClose }: { onClose: () => void }) {
  const cache = useQueryClient();
  const may = useMay();
  const { data: types } = useQuery({ queryKey: ["types"], queryFn: () => get<List<DeviceType>>("/types", { limit: 1000 }).then(items) });
  const [form, setForm] = useState({ type: "", name: "", site: "", serial: "" });
  const type = form.type || types?.[0]?.name || "";
  const add = useMutation({
    mutationFn: async () => {
      const filled = Object.fromEntries(Object.entries({ ...form, type }).filter(([, value]) => value !== ""));
      const device = await send<Device>("POST", "/devices", filled);
      const claim = may("claim:create") ? await send<Claim>("POST", "/claims", { device: device.name }) : undefined;
      return { device, claim };
    },
    onSuccess: () => cache.invalidateQueries({ queryKey: ["list", "/devices"] }),
  });
  const field = (name: keyof typeof form) => ({ value: form[name], onChange: (event: { currentTarget: { value: string } }) => setForm({ ...form, [name]: event.currentTarget.value }) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <Modal opened onClose={onClose} size={480} padding={0} aria-label="Add a device" closeOnClickOutside={false}>
      {add.data ? <Added {...add.data} onClose={onClose} /> : (
        <form onSubmit={submit}>
          <div className="dialog-part"><h2 className="dialog-title">Add a device</h2><p className="small ink2">It is registered at once; it may connect when it has enrolled.</p></div>
          <div className="dialog-part form">
            <NativeSelect label="Type" required data={(types ?? []).map((each) => ({ value: each.name, label: `${each.title} (${each.name})` }))} value={type} onChange={field("type").onChange} />
            <TextInput label="Name" description="Lower-case letters, digits, single hyphens; 3 to 63 characters" required data-autofocus {...field("name")} classNames={{ input: "mono" }} />
            <TextInput label="Site, optional" {...field("site")} />
            <TextInput label="Serial number, optional" {...field("serial")} />
            {add.error ? <ErrorState trouble={trouble(add.error, "The device was not added")} /> : null}
          </div>
          <div className="dialog-foot"><span className="grow" /><Button onClick={onClose}>Cancel</Button><Button type="submit" kind="primary" disabled={add.isPending || type === ""}>Add device</Button></div>
        </form>
      )}
    </Modal>
  );
}

function Added({ device, claim, onClose }: { device: Device; claim: Claim | undefined; onClose: () => void }) {
  return (
    <>
      <div className="dialog-part"><h2 className="dialog-title">{device.name} is registered</h2></div>
      <div className="dialog-part">
        {claim ? (
          <>
            <p>This claim is shown once. With it the device enrols one time, until {whenText(Date.parse(claim.expires))}.</p>
            <DefinitionList facts={[{ label: "Claim", value: <IdChip id={claim.claim} label="claim" full /> }, { label: "User", value: <IdChip id={claim.user} label="user" full /> }]} />
          </>
        ) : <CommandLine command={`thingward claim create ${device.name}`} />}
      </div>
      <div className="dialog-foot"><span className="grow" /><Button onClick={onClose}>Close</Button><Go href={deviceHref(device)} className="btn btn-primary">Open {device.name}</Go></div>
    </>
  );
}
