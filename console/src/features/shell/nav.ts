import type { NavEntry, NavGroup } from "@/ui/frame/Frame";

interface Ways {
  may: (permission: string) => boolean; devices?: number | undefined; alerts?: number | undefined;
  overdue?: number | undefined; due?: number | undefined; undecided?: number | undefined;
}

type Entry = NavEntry & { need: string };

const count = (n: number | undefined) => (n === undefined || n === 0 ? {} : { count: n.toLocaleString("en") });

/** groups builds the side navigation: only what the signed-in role can read, counts only where somebody must act. */
export function groups({ may, devices, alerts, overdue, due, undecided }: Ways): NavGroup[] {
  const all: { label?: string; entries: Entry[] }[] = [
    { entries: [{ label: "Overview", href: "/", icon: "overview", keys: "o", need: "control:read" }] },
    { label: "Fleet", entries: [
      { label: "Devices", href: "/devices", icon: "device", keys: "d", need: "device:read", ...count(devices) },
      { label: "Device types", href: "/types", icon: "layers", keys: "t", need: "type:read" },
    ] },
    { label: "Watch", entries: [
      { label: "Alerts", href: "/alerts", icon: "bell", keys: "a", need: "alert:read", urgent: true, ...count(alerts) },
      { label: "Events", href: "/events", icon: "pulse", keys: "e", need: "event:read" },
      { label: "Bans", href: "/bans", icon: "shield", keys: "b", need: "system:read" },
    ] },
    { label: "Posture", entries: [
      { label: "Controls", href: "/controls", icon: "controls", keys: "c", need: "control:read" },
      { label: "Findings", href: "/findings", icon: "flag", keys: "f", need: "control:read", urgent: true, under: ["/exceptions"], ...count(overdue) },
      { label: "Records", href: "/records", icon: "records", keys: "r", need: "record:read", ...count(due) },
      { label: "Risks", href: "/risks", icon: "risk", keys: "k", need: "risk:read", ...count(undecided) },
      { label: "Frameworks", href: "/frameworks", icon: "framework", keys: "w", need: "control:read" },
    ] },
    { label: "Proof", entries: [
      { label: "Audit log", href: "/audit", icon: "log", keys: "l", need: "audit:verify" },
      { label: "Engagements", href: "/engagements", icon: "engagement", keys: "n", need: "engagement:read" },
      { label: "Exports", href: "/exports", icon: "download", keys: "x", need: "control:read" },
    ] },
    { label: "Settings", entries: [
      { label: "Certificate authority", href: "/identity", icon: "certificate", keys: "i", need: "certificate:read" },
      { label: "People and roles", href: "/people", icon: "people", keys: "p", need: "account:read" },
      { label: "Access reviews", href: "/reviews", icon: "review", keys: "v", need: "account:read" },
      { label: "System", href: "/system", icon: "system", keys: "s", need: "system:read" },
    ] },
  ];
  return all.map((group) => ({ ...group, entries: group.entries.filter((entry) => may(entry.need)) })).filter((group) => group.entries.length > 0);
}

/** bottom is the phone's bar: the four ways used at night, and the rest behind More. */
export function bottom(ways: Ways): NavEntry[] {
  const all = groups(ways);
  const ofGroup = (group: NavGroup | undefined) => (group?.entries ?? []).flatMap((entry) => [entry.href, ...(entry.under ?? [])]);
  // A way of the bar stands for its whole group: its other pages light it up, too.
  const named = (href: string, label: string): NavEntry[] => {
    const group = all.find((each) => each.entries.some((entry) => entry.href === href));
    return (group?.entries ?? []).filter((entry) => entry.href === href).map((entry) => ({ ...entry, label, under: ofGroup(group).filter((each) => each !== href) }));
  };
  const shown = [...named("/", "Overview"), ...named("/devices", "Devices").map(({ label, href, icon, under }) => ({ label, href, icon, ...(under ? { under } : {}) })), ...named("/alerts", "Alerts"), ...named("/controls", "Posture")];
  const held = new Set(shown.flatMap((entry) => [entry.href, ...(entry.under ?? [])]));
  return [...shown, { label: "More", href: "/more", icon: "menu", under: ["/me", ...all.flatMap(ofGroup).filter((href) => !held.has(href))] }];
}
