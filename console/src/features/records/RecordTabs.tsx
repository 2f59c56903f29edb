import type { DutySummary } from "@/api/records";
import { Tabs } from "@/ui/parts/Page";

const tabs = [["", "Duties"], ["calendar", "Due calendar"], ["items", "Items"], ["register", "Register"], ["kinds", "Kinds"]] as const;

/** RecordTabs are the ways to look at what persons owe. */
export function RecordTabs({ active, summary }: { active: (typeof tabs)[number][0]; summary?: DutySummary | undefined }) {
  return <Tabs label="Records" tabs={tabs.map(([key, label]) => ({ label, href: key === "" ? "/records" : `/records/${key}`, active: key === active, count: key === "items" ? summary?.items.open : undefined }))} />;
}
