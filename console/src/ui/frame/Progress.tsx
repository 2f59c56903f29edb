import { useIsFetching } from "@tanstack/react-query";
import { useRouterState } from "@tanstack/react-router";
import { useEffect, useState } from "react";

/** Progress is the 2 px bar at the top; it shows nothing for what takes less than 300 ms. */
export function Progress() {
  const fetching = useIsFetching({ predicate: (query) => query.state.data === undefined }) > 0;
  const loading = useRouterState({ select: (state) => state.status === "pending" });
  const busy = fetching || loading;
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(busy), busy ? 300 : 0);
    return () => clearTimeout(timer);
  }, [busy]);
  return <div className={late && busy ? "progress progress-on" : "progress"} aria-hidden />;
}
