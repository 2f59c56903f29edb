import { Button } from "@/ui/parts/Button";
import { Key } from "@/ui/parts/Parts";
import { Icon } from "@/ui/parts/Icon";
import "./table.css";

/** HeldRows stands at the end of the filter bar, where space is always there, and says how many rows wait to be shown. */
export function HeldRows({ newer, show, what = "entries" }: { newer: number; show: () => void; what?: string }) {
  return (
    <div className="held">
      {newer === 0 ? null : (
        <>
          <Icon name="sortUp" size={13} />
          <span>{newer.toLocaleString("en")} newer {what}, held</span>
          <Button data-show-newer onClick={show}>Show <Key>.</Key></Button>
        </>
      )}
    </div>
  );
}
