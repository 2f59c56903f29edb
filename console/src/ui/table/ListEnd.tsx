import { useEffect, useRef } from "react";
import { Button } from "@/ui/parts/Button";
import { words } from "@/words";

type Props = { shown: number; total: number | undefined; more: (() => void) | undefined; loading: boolean };

function said(shown: number, total: number | undefined, more: boolean): string {
  if (total !== undefined && total !== shown) return `${shown.toLocaleString("en")} ${words.table.of} ${total.toLocaleString("en")}`;
  return more ? `${shown.toLocaleString("en")} so far` : `All ${shown.toLocaleString("en")}`;
}

/** ListEnd says how much of a list is shown and loads more when it scrolls into view; the button does the same by hand. */
export function ListEnd({ shown, total, more, loading }: Props) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!box.current || !more || loading) return undefined;
    const watch = new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting)) more(); }, { rootMargin: "400px" });
    watch.observe(box.current);
    return () => watch.disconnect();
  }, [more, loading]);
  return (
    <div ref={box} className="listend">
      <span>{said(shown, total, more !== undefined)}</span>
      {more ? <Button disabled={loading} onClick={more}>{words.table.more}</Button> : null}
    </div>
  );
}
