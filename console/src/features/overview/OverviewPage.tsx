import { useQuery } from "@tanstack/react-query";
import { trouble } from "@/api/problem";
import { posture } from "@/api/queries";
import { useMay } from "@/api/may";
import { Page } from "@/ui/parts/Page";
import { Wait } from "@/ui/parts/Wait";
import { useNow } from "@/ui/time/clock";
import { Changed } from "./Changed";
import { Domains } from "./Domains";
import { Expiring } from "./Expiring";
import { OpenAlerts } from "./OpenAlerts";
import { OwaspList } from "./OwaspList";
import { Rates } from "./Rates";
import { headline } from "./say";
import { Score } from "./Score";
import { Trend } from "./Trend";
import "./overview.css";

/** OverviewPage answers "are we all right, and what changed?" */
export default function OverviewPage() {
  const query = useQuery(posture);
  const may = useMay();
  const now = useNow();
  const said = query.data ? headline(query.data, now) : { title: "Overview", note: "" };
  return (
    <Page title={said.title} note={said.note} tab="Overview">
      <Wait query={query} say={(error) => trouble(error, "The posture could not be read")}>
        {(stand) => (
          <>
            <div className="ov-top bleed">
              <Score posture={stand} />
              {may("telemetry:read") ? <Rates /> : null}
            </div>
            <div className="ov-body bleed">
              <div className="ov-domains"><Domains posture={stand} /></div>
              <div className="ov-middle">
                <OwaspList />
                {may("certificate:read") ? <Expiring /> : null}
                <Trend trend={stand.trend ?? []} />
              </div>
              <div className="ov-right">
                {may("alert:read") ? <OpenAlerts /> : null}
                <Changed posture={stand} />
              </div>
            </div>
          </>
        )}
      </Wait>
    </Page>
  );
}
