import { useQuery } from "@tanstack/react-query";
import { trouble } from "@/api/problem";
import { postureAt } from "@/api/queries";
import { useMay } from "@/api/may";
import { Page } from "@/ui/parts/Page";
import { Wait } from "@/ui/parts/Wait";
import { useAt } from "@/ui/past/past";
import { useNow } from "@/ui/time/clock";
import { Changed } from "./Changed";
import { Domains } from "./Domains";
import { Expiring } from "./Expiring";
import { OpenAlerts } from "./OpenAlerts";
import { Owed } from "./Owed";
import { OwaspList } from "./OwaspList";
import { Rates } from "./Rates";
import { headline } from "./say";
import { Score } from "./Score";
import { Trend } from "./Trend";
import "./overview.css";

/** OverviewPage answers "are we all right, and what changed?" */
export default function OverviewPage() {
  const at = useAt();
  const query = useQuery(postureAt(at));
  const may = useMay();
  const clock = useNow();
  const now = at === undefined ? clock : Date.parse(at);
  const said = query.data ? headline(query.data, now, at === undefined ? "today" : "that day") : { title: "Overview", note: "" };
  return (
    <Page title={said.title} note={said.note} tab="Overview">
      <Wait query={query} say={(error) => trouble(error, "The posture could not be read")}>
        {(stand) => (
          <>
            <div className={at === undefined ? "ov-top bleed" : "ov-top ov-past bleed"}>
              <Score posture={stand} />
              {may("telemetry:read") && at === undefined ? <Rates /> : null}
            </div>
            <div className="ov-body bleed">
              <div className="ov-domains"><Domains posture={stand} /></div>
              <div className="ov-middle">
                <OwaspList />
                {at === undefined ? <Expiring /> : null}
                <Trend trend={stand.trend ?? []} />
              </div>
              <div className="ov-right">
                {may("alert:read") && at === undefined ? <OpenAlerts /> : null}
                {at === undefined ? <Owed /> : null}
                <Changed posture={stand} now={now} day={at === undefined ? "today" : "that day"} />
              </div>
            </div>
          </>
        )}
      </Wait>
    </Page>
  );
}
