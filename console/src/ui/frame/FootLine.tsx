import type { ReactNode } from "react";
import { Key } from "@/ui/parts/Parts";

export interface FootItem { key: string; content: ReactNode; broken?: boolean }

/** FootLine is the proof always one glance away: liveness, log, checkpoint, sweep; what breaks says so in words. */
export function FootLine({ items }: { items: readonly FootItem[] }) {
  return (
    <>
      {items.map((item) => <span key={item.key} className={item.broken ? "footitem fail" : "footitem"}>{item.content}</span>)}
      <span className="grow" />
      <span className="foothints">
        <Key>j</Key> <Key>k</Key> move <Key>Enter</Key> open <Key>/</Key> filter <Key>?</Key> keys
      </span>
    </>
  );
}
