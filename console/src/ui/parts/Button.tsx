import type { ButtonHTMLAttributes, ReactNode } from "react";
import "./button.css";

export type ButtonKind = "plain" | "primary" | "danger" | "quiet";
type Props = ButtonHTMLAttributes<HTMLButtonElement> & { kind?: ButtonKind; icon?: ReactNode };

/** Button does one act and says it. `danger` outlines what cannot be undone; `quiet` has no edge. */
export function Button({ kind = "plain", icon, children, className = "", type = "button", ...rest }: Props) {
  return (
    <button type={type} className={`btn btn-${kind} ${children === undefined ? "btn-icon" : ""} ${className}`} {...rest}>
      {icon}
      {children}
    </button>
  );
}
