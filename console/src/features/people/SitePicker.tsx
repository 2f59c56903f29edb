import { NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { get } from "@/api/client";
import { items } from "@/api/queries";
import type { List, Site } from "@/api/types";

/** ofOneSite tells whether a role among these reaches one site only; the server wants that site with it, and with no other role. */
export function ofOneSite(roles: readonly string[]): boolean {
  return roles.some((role) => role === "local-user" || role === "gateway");
}

/** SitePicker chooses the one site of a local user or gateway. */
export function SitePicker({ site, onChange }: { site: string; onChange: (site: string) => void }) {
  const { data: sites } = useQuery({ queryKey: ["sites"], queryFn: () => get<List<Site>>("/sites", { limit: 1000 }).then(items) });
  const names = (sites ?? []).map((each) => each.name);
  return (
    <NativeSelect label="Site" required description="The one place whose devices the account sees." value={site} onChange={(event) => onChange(event.currentTarget.value)}
      data={[{ value: "", label: names.length === 0 ? "There is no site yet" : "Choose a site" }, ...names]} />
  );
}
