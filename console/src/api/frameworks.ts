import { queryOptions } from "@tanstack/react-query";
import { get, part } from "./client";
import { items } from "./queries";
import type { Server } from "./server";
import type { List } from "./types";

// Frameworks that controls are mapped to, and profiles that weigh them.

export type Framework = Server["PostureFrameworkSummary"];
export type FrameworkWhole = Server["PostureFrameworkView"];
export type FrameworkItem = Server["PostureItemView"];
export type Profile = Server["PostureProfileView"];

export const frameworks = queryOptions({ queryKey: ["frameworks"], queryFn: () => get<List<Framework> | Framework[]>("/frameworks", { limit: 1000 }).then(items), staleTime: 60_000 });
export const profiles = queryOptions({ queryKey: ["profiles"], queryFn: () => get<List<Profile> | Profile[]>("/profiles", { limit: 1000 }).then(items), staleTime: 60_000 });
export const framework = (id: string, provenance: string, at?: string) =>
  queryOptions({ queryKey: ["framework", id, provenance, at ?? ""], queryFn: () => get<FrameworkWhole>(`/frameworks/${part(id)}`, { provenance, at }) });
