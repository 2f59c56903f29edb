import type { Crumb } from "@/ui/frame/Frame";

const names: Record<string, string> = {
  devices: "Devices", types: "Device types", alerts: "Alerts", events: "Events", controls: "Controls", frameworks: "Frameworks", audit: "Audit log",
  identity: "Certificate authority", people: "People and roles", system: "System", me: "Your account", more: "More", "owasp-iot-2018": "OWASP IoT Top 10",
};

/** crumbs says where one is, from the address alone: the list, then the object. */
export function crumbs(path: string): Crumb[] {
  const parts = path.split("/").filter(Boolean).map(decodeURIComponent);
  const [first, second] = parts;
  if (first === undefined) return [{ label: "Overview" }];
  const top = { label: names[first] ?? first, href: `/${first}` };
  if (first === "frameworks") return [{ label: names[second ?? ""] ?? "Frameworks", href: `/${first}/${second}` }, ...(parts[2] ? [{ label: parts[2] }] : [])];
  if (second === undefined || first === "audit") return [top];
  const short = first === "alerts" ? "Alert" : second;
  return [top, { label: short, href: `/${first}/${encodeURIComponent(second)}` }];
}
