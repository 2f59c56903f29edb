import { Navigate } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { useMay } from "@/api/may";
import { groups } from "./nav";

/** Home is the overview, or for who cannot read it the first page that they can: a local user's devices. */
export function Home({ overview: Overview }: { overview: ComponentType }) {
  const may = useMay();
  const first = groups({ may })[0]?.entries[0]?.href ?? "/me";
  return first === "/" ? <Overview /> : <Navigate to={first} replace />;
}
