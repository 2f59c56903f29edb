import { useRouter } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, MouseEvent } from "react";
import { useCarry } from "@/ui/past/past";

type Props = AnchorHTMLAttributes<HTMLAnchorElement> & { href: string };

/** Go is a link inside the console: a real address, loaded ahead on hover, opened without reloading the page. The moment that the page shows stays in it. */
export function Go({ href: to, onClick, ...rest }: Props) {
  const router = useRouter();
  const href = useCarry()(to);
  const open = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    void router.navigate({ href });
  };
  const ahead = () => void router.preloadRoute({ to: href.split("?")[0] ?? href }).catch(() => undefined);
  return (
    <a href={href} onClick={open} onMouseEnter={ahead} onFocus={ahead} {...rest}>
      {rest.children}
    </a>
  );
}
