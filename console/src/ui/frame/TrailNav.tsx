import { useRouter, useRouterState } from "@tanstack/react-router";
import { Button } from "@/ui/parts/Button";
import { Icon } from "@/ui/parts/Icon";
import { readTrail } from "@/ui/table/trail";

/** TrailNav says where one stands in the list one came from, and leads to the neighbours. */
export function TrailNav() {
  const router = useRouter();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const found = readTrail(path);
  if (!found) return null;
  const { trail, index } = found;
  const go = (step: number) => {
    const href = trail.rows[index + step];
    if (href) void router.navigate({ href });
  };
  return (
    <span className="trail">
      <span className="key">{index + 1} of {trail.rows.length.toLocaleString("en")}</span>
      <Button kind="quiet" data-trail="previous" aria-label="Previous in the list" disabled={index === 0} onClick={() => go(-1)} icon={<Icon name="up" />} />
      <Button kind="quiet" data-trail="next" aria-label="Next in the list" disabled={index >= trail.rows.length - 1} onClick={() => go(1)} icon={<Icon name="down" />} />
    </span>
  );
}
