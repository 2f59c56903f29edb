import { useEffect, useRef } from "react";
import { Button } from "@/ui/parts/Button";
import { words } from "@/words";

type Props = { shown: number; total: number | undefined; more: (() => void) | undefined; loading: boolean };

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
      <span>{shown.toLocaleString("en")}{total === undefined ? "" : ` ${words.table.of} ${total.toLocaleString("en")}`}</span>
      {more ? <Button disabled={loading} onClick={more}>{words.table.more}</Button> : null}
    </div>
  );
}
