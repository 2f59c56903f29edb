import { Button } from "@/ui/parts/Button";
import { Key } from "@/ui/parts/Parts";
import { Icon } from "@/ui/parts/Icon";
import "./table.css";

/** HeldRows stands in space that is always there and says how many rows wait to be shown. */
export function HeldRows({ newer, show, what = "entries" }: { newer: number; show: () => void; what?: string }) {
  return (
    <div className={newer > 0 ? "held held-on" : "held"}>
      {newer === 0 ? null : (
        <>
          <Icon name="sortUp" size={13} />
          <span>{newer} newer {what}</span>
          <span className="grow" />
          <Button kind="quiet" data-show-newer onClick={show}>Show <Key>.</Key></Button>
        </>
      )}
    </div>
  );
}
