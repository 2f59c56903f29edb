import type { Crumb } from "@/ui/frame/Frame";

const names: Record<string, string> = {
  devices: "Devices", types: "Device types", alerts: "Alerts", events: "Events", controls: "Controls", frameworks: "Frameworks", audit: "Audit log",
  identity: "Certificate authority", people: "People and roles", system: "System", me: "Your account", more: "More",
  findings: "Findings", exceptions: "Exceptions", records: "Records", risks: "Risks", engagements: "Engagements", exports: "Exports", reviews: "Access reviews", bans: "Bans",
};

// What stands at the second place of an address and is no name that people know.
const shorts: Record<string, string> = { alerts: "Alert", findings: "Finding", exceptions: "Exception", risks: "Risk", engagements: "Engagement", exports: "Export", reviews: "Review", bans: "Ban" };
const places: Record<string, string> = { calendar: "Due calendar", items: "Items", kinds: "Kinds", register: "Register" };

/** crumbs says where one is, from the address alone: the list, then the object. */
export function crumbs(path: string): Crumb[] {
  const parts = path.split("/").filter(Boolean).map(decodeURIComponent);
  const [first, second] = parts;
  if (first === undefined) return [{ label: "Overview" }];
  const top = { label: names[first] ?? first, href: `/${first}` };
  if (second === undefined || first === "audit") return [top];
  const href = `/${first}/${encodeURIComponent(second)}`;
  if (first === "records") return [top, { label: places[second] ?? words(second), href }, ...(parts[2] ? [{ label: second === "register" ? "Entry" : "Record", href: path }] : [])];
  if (first === "frameworks") return [top, { label: second, href }, ...(parts[2] ? [{ label: parts[2], href: path }] : [])];
  return [top, { label: shorts[first] ?? second, href }];
}

function words(kebab: string): string {
  return (kebab.charAt(0).toUpperCase() + kebab.slice(1)).replaceAll("-", " ");
}
