import type { ReactNode } from "react";
import { Button } from "@/ui/parts/Button";
import { Icon } from "@/ui/parts/Icon";
import "./overlay.css";

/** Panel opens beside a list and has its own address; on narrow screens it lies over the page. */
export function Panel({ title, onClose, children, actions }: { title: ReactNode; onClose: () => void; children: ReactNode; actions?: ReactNode }) {
  return (
    <aside className="panel" aria-label={typeof title === "string" ? title : "Details"} data-escape>
      <div className="panel-head">
        <h2>{title}</h2>
        <span className="grow" />
        {actions}
        <Button kind="quiet" data-close onClick={onClose} icon={<Icon name="close" />} aria-label="Close" />
      </div>
      {children}
    </aside>
  );
}
