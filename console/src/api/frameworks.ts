import { queryOptions } from "@tanstack/react-query";
import { get, part } from "./client";
import { items } from "./queries";
import type { FrameworkItem, List } from "./types";

// Frameworks that controls are mapped to, and profiles that weigh them.

export interface Framework { id: string; name: string; summary?: string; source?: string; date?: string; items: number; provenances: string[] | null; imported: boolean }
export interface FrameworkWhole { id?: string; name?: string; summary?: string; source?: string; date?: string; imported?: boolean; provenance?: string; provenances?: string[] | null; items: FrameworkItem[] | null }
export interface Profile { id: string; name: string; summary?: string; active: boolean; weights: { control: string; weight: number; reason: string }[] | null }

export const frameworks = queryOptions({ queryKey: ["frameworks"], queryFn: () => get<List<Framework> | Framework[]>("/frameworks", { limit: 1000 }).then(items), staleTime: 60_000 });
export const profiles = queryOptions({ queryKey: ["profiles"], queryFn: () => get<List<Profile> | Profile[]>("/profiles", { limit: 1000 }).then(items), staleTime: 60_000 });
export const framework = (id: string, provenance: string, at?: string) =>
  queryOptions({ queryKey: ["framework", id, provenance, at ?? ""], queryFn: () => get<FrameworkWhole | FrameworkItem[]>(`/frameworks/${part(id)}`, { provenance, at }).then((whole) => (Array.isArray(whole) ? { items: whole } : whole)) });
