import { useQuery } from "@tanstack/react-query";
import { useMay } from "@/api/may";
import { whoami } from "@/api/queries";
import { Go } from "@/ui/parts/Go";
import { Icon } from "@/ui/parts/Icon";
import { Page } from "@/ui/parts/Page";
import { groups } from "./nav";
import { UserMenu } from "./UserMenu";
import "./more.css";

/** MorePage is the phone's way to everything that does not fit into the bottom bar. */
export default function MorePage() {
  const may = useMay();
  const { data: me } = useQuery(whoami);
  return (
    <Page title="Everything else" tab="More">
      <ul className="more">
        {groups({ may }).flatMap((group) => group.entries).map((entry) => (
          <li key={entry.href}><Go href={entry.href} className="plain"><Icon name={entry.icon} size={20} />{entry.label}</Go></li>
        ))}
      </ul>
      {me ? <div className="more-user"><UserMenu principal={me.principal} /></div> : null}
    </Page>
  );
}
