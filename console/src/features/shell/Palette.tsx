import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useDebouncedValue } from "@mantine/hooks";
import { useCallback, useMemo, useState } from "react";
import { get } from "@/api/client";
import { frameworks } from "@/api/frameworks";
import { controls } from "@/api/queries";
import { recordKinds } from "@/api/records";
import { useMay } from "@/api/may";
import type { Device, List } from "@/api/types";
import { CommandPalette, rank, type Command } from "@/ui/overlay/CommandPalette";
import { readSearch } from "@/ui/address";
import { carry } from "@/ui/past/past";
import type { NavGroup } from "@/ui/frame/Frame";

/** Palette goes to pages and controls, finds devices by name, serial or address, and presses the acts of the page one is on. */
export default function Palette({ groups, onClose }: { groups: readonly NavGroup[]; onClose: () => void }) {
  const router = useRouter();
  const may = useMay();
  const [text, setText] = useState("");
  const [settled] = useDebouncedValue(text.trim(), 150);
  const { data: all } = useQuery({ ...controls, enabled: may("control:read") });
  const { data: kinds } = useQuery({ ...recordKinds, enabled: may("record:read") && settled.length > 1 });
  const { data: known } = useQuery({ ...frameworks, enabled: may("control:read") && settled.length > 1 });
  const { data: devices } = useQuery({
    queryKey: ["search", settled], enabled: settled.length > 1 && may("device:read"),
    queryFn: () => get<List<Device>>("/devices", { q: settled, limit: 6 }),
  });
  const go = useCallback((href: string) => () => void router.navigate({ href: carry(href, readSearch(router.state.location.searchStr)["at"]) }), [router]);
  const commands = useMemo(() => [...acts(), ...groups.flatMap((group) => group.entries).map((entry): Command => ({
    id: entry.href, title: entry.label, icon: entry.icon, run: go(entry.href), ...(entry.keys ? { keys: `g ${entry.keys}` } : {}),
  }))], [groups, go]);
  const found = useMemo(() => {
    if (settled === "") return [];
    const byId = (all ?? []).map((control): Command => ({ id: control.id, title: `${control.id} ${control.title}`, icon: "controls", hint: "control", run: go(`/controls/${control.id}`) }));
    const entry = /^\d+$/.test(settled) ? [{ id: `entry-${settled}`, title: `Log entry ${Number(settled).toLocaleString("en")}`, icon: "log" as const, run: go(`/audit/${settled}`) }] : [];
    const near = (devices?.items ?? []).map((device): Command => ({ id: device.id, title: device.name, hint: device.type, icon: "device", run: go(`/devices/${device.name}`) }));
    const records = (kinds ?? []).map((kind): Command => ({ id: `kind-${kind.name}`, title: kind.title, hint: "record", icon: "records", run: go(`/records/${kind.name}`) }));
    const outside = (known ?? []).map((each): Command => ({ id: `framework-${each.id}`, title: each.name, hint: "framework", icon: "framework", run: go(`/frameworks/${each.id}`) }));
    return [...near, ...entry, ...rank(byId, settled).slice(0, 6), ...rank([...records, ...outside], settled).slice(0, 5)];
  }, [all, kinds, known, devices, settled, go]);
  return <CommandPalette commands={commands} found={found} onText={setText} onClose={onClose} />;
}

// acts are the buttons of the page beneath that name themselves as commands.
function acts(): Command[] {
  return [...document.querySelectorAll<HTMLButtonElement>("#page button[data-command]")].filter((button) => !button.disabled && button.offsetParent !== null).map((button) => ({
    id: button.dataset["command"] ?? "", title: button.dataset["command"] ?? "", hint: document.querySelector("h1")?.textContent ?? "", icon: "play",
    run: () => button.click(), ...(button.dataset["key"] ? { keys: button.dataset["key"] } : {}),
  }));
}
