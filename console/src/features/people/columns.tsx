import type { Account } from "@/api/types";
import { roleName } from "@/features/shell/roles";
import { RefusedMark } from "@/ui/marks/Marks";
import { Go } from "@/ui/parts/Go";
import type { Column } from "@/ui/table/columns";
import { RelativeTime } from "@/ui/time/RelativeTime";

/** AccountState says whether an account lets anyone in. */
export function AccountState({ account }: { account: Account }) {
  if (account.state === "disabled") return <RefusedMark text="Disabled" />;
  if (account.state === "locked") return <RefusedMark text={<>Locked{account.lockedUntil ? <>, opens <RelativeTime at={account.lockedUntil} /></> : null}</>} />;
  return <span>Active</span>;
}

/** columns of the account list. */
export const columns: readonly Column<Account>[] = [
  { id: "name", header: "Name", width: "22%", phone: "title", sortBy: (a) => a.name, cell: (a) => <Go href={`/people/${encodeURIComponent(a.name)}`} data-row>{a.name}</Go> },
  { id: "kind", header: "Kind", width: "11%", phone: "fact", sortBy: (a) => a.kind, cell: (a) => <span className="ink2">{a.kind === "person" ? "Person" : "Service"}</span> },
  { id: "roles", header: "Roles", phone: "fact", cell: (a) => <span className="ink2">{a.roles.map(roleName).join(", ")}{a.site ? `, ${a.site}` : ""}</span> },
  { id: "mfa", header: "Second factor", width: "14%", sortBy: (a) => Number(a.mfa), cell: (a) => (a.kind === "service" ? <span className="ink3">–</span> : a.mfa ? "Enrolled" : <span className="stale">None</span>) },
  { id: "login", header: "Last sign-in", width: "13%", align: "right", sortBy: (a) => a.lastLogin ?? "", cell: (a) => <span className="ink2"><RelativeTime at={a.lastLogin} /></span> },
  { id: "state", header: "State", width: "21%", align: "right", phone: "status", sortBy: (a) => a.state, cell: (a) => <AccountState account={a} /> },
];
