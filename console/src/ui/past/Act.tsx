import { useContext, type ComponentProps } from "react";
import { Button } from "@/ui/parts/Button";
import { PastContext } from "./past";

/** Act is a button that changes something: while the page shows the past it is disabled and says why. */
export function Act(props: ComponentProps<typeof Button>) {
  const past = useContext(PastContext);
  if (!past?.holds) return <Button {...props} />;
  return <Button {...props} disabled title="The page shows the past, which nobody can change. Go back to now first." />;
}
