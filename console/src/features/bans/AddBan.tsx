import { NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { send } from "@/api/client";
import { trouble } from "@/api/problem";
import type { Ban } from "@/api/types";
import { FormDialog } from "@/ui/overlay/FormDialog";

const kinds = [{ value: "device", label: "A device" }, { value: "account", label: "A service account" }, { value: "address", label: "An address or prefix" }];
const lengths = [{ value: "1", label: "1 hour" }, { value: "24", label: "1 day" }, { value: "168", label: "7 days" }, { value: "0", label: "Until it is lifted" }];

/** AddBan asks whom to ban, why and for how long. */
export function AddBan({ onClose }: { onClose: () => void }) {
  const cache = useQueryClient();
  const [form, setForm] = useState({ kind: "device", target: "", reason: "", hours: "24" });
  const add = useMutation({
    mutationFn: () => send<Ban>("POST", "/bans", { [form.kind]: form.target.trim(), reason: form.reason.trim(), ...(form.hours === "0" ? {} : { hours: Number(form.hours) }) }),
    onSuccess: async () => {
      await Promise.all([["list", "/bans"], ["list", "/sessions"]].map((queryKey) => cache.invalidateQueries({ queryKey })));
      onClose();
    },
  });
  const field = (name: keyof typeof form) => ({ value: form[name], onChange: (event: { currentTarget: { value: string } }) => setForm({ ...form, [name]: event.currentTarget.value }) });
  return (
    <FormDialog title="Ban from device protocols" subtitle="Live sessions are cut at once, new ones refused. API and console stay open to everybody." act="Ban" ready={form.target.trim() !== "" && form.reason.trim() !== ""}
      pending={add.isPending} trouble={add.error ? trouble(add.error, "The ban was not placed") : undefined} onClose={onClose} onAct={() => add.mutate()}>
      <NativeSelect label="Who" data={kinds} {...field("kind")} />
      <TextInput label={form.kind === "address" ? "Address or prefix" : "Name or id"} description={form.kind === "address" ? "Such as 192.0.2.7 or 2001:db8::/48" : undefined} required data-autofocus classNames={{ input: "mono" }} {...field("target")} />
      <NativeSelect label="For" data={lengths} {...field("hours")} />
      <Textarea label="Why" description="Shown to operators, not to who is banned" required autosize minRows={2} maxRows={5} maxLength={500} {...field("reason")} />
    </FormDialog>
  );
}
