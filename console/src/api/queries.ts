import { queryOptions } from "@tanstack/react-query";
import { get, part } from "./client";
import type * as t from "./types";

// One entry per thing that pages read. Keys begin with the domain, so that the live stream can refresh a domain whole.
export const whoami = queryOptions({ queryKey: ["whoami"], queryFn: () => get<t.Whoami>("/whoami"), staleTime: 60_000, retry: false });
export const posture = queryOptions({ queryKey: ["posture"], queryFn: () => get<t.Posture>("/posture") });
/** postureAt is the posture of now, or of a moment that has passed, which live messages do not change. */
export const postureAt = (at: string | undefined) =>
  queryOptions({ queryKey: at === undefined ? ["posture"] : ["past", "posture", at], queryFn: () => get<t.Posture>("/posture", { at }), ...(at === undefined ? {} : { staleTime: Infinity }) });
export const postureProof = (at: string) => queryOptions({ queryKey: ["past", "proof", at], queryFn: () => get<t.PostureProof>("/posture/proof", { at }), staleTime: Infinity, retry: false });
export const rates = queryOptions({ queryKey: ["rates"], queryFn: () => get<t.Rates>("/telemetry/rates", { minutes: 30 }), refetchInterval: 60_000 });
export const checkpoint = queryOptions({ queryKey: ["checkpoint"], queryFn: () => get<t.Checkpoint>("/audit/checkpoint"), refetchInterval: 30_000 });
export const verification = queryOptions({ queryKey: ["verification"], queryFn: () => get<t.Verification>("/audit/verify"), retry: false });
export const identity = queryOptions({ queryKey: ["identity"], queryFn: () => get<t.Identity>("/identity") });
export const broker = queryOptions({ queryKey: ["broker"], queryFn: () => get<t.Broker>("/broker"), refetchInterval: 10_000 });
export const system = queryOptions({ queryKey: ["system"], queryFn: () => get<t.SystemInfo>("/system"), refetchInterval: 30_000 });
export const policies = queryOptions({ queryKey: ["policies"], queryFn: () => get<t.List<t.Policy> | t.Policy[]>("/policies").then(items) });

export const device = (ref: string) => queryOptions({ queryKey: ["device", ref], queryFn: () => get<t.Device>(`/devices/${part(ref)}`) });
export const twin = (ref: string) => queryOptions({ queryKey: ["device", ref, "twin"], queryFn: () => get<t.Twin>(`/devices/${part(ref)}/twin`), refetchInterval: 30_000 });
export const devicePosture = (ref: string) =>
  queryOptions({ queryKey: ["device", ref, "posture"], queryFn: () => get<t.List<t.DevicePosture> | t.DevicePosture[]>(`/devices/${part(ref)}/posture`).then(items) });
export const telemetry = (ref: string, from: string, to: string) =>
  queryOptions({ queryKey: ["device", ref, "telemetry", from, to], queryFn: () => get<t.Telemetry>(`/devices/${part(ref)}/telemetry`, { from, to, points: 400 }), staleTime: 30_000 });
export const deviceType = (name: string) => queryOptions({ queryKey: ["type", name], queryFn: () => get<t.DeviceType>(`/types/${part(name)}`) });

export const alert = (id: string) => queryOptions({ queryKey: ["alert", id], queryFn: () => get<t.Alert>(`/alerts/${part(id)}`) });
export const control = (id: string, at?: string) =>
  queryOptions({ queryKey: at === undefined ? ["control", id] : ["past", "control", id, at], queryFn: () => get<t.Control>(`/controls/${part(id)}`, { at }) });
export const controlMappings = (id: string) =>
  queryOptions({ queryKey: ["control", id, "mappings"], queryFn: () => get<t.List<t.ControlMapping> | t.ControlMapping[]>(`/controls/${part(id)}/mappings`, { limit: 1000 }).then(items), staleTime: 60_000 });
/** controlHistory is how a control stood, or one of its checks, change by change. */
export const controlHistory = (id: string, check?: string) =>
  queryOptions({ queryKey: ["control", id, "history", check ?? ""], queryFn: () => get<t.List<t.HistoryEntry> | t.HistoryEntry[]>(`/controls/${part(id)}/history`, { check, days: check === undefined ? undefined : 90, limit: 1000 }).then(items) });
export const controls = queryOptions({ queryKey: ["controls"], queryFn: () => get<t.List<t.ControlRow> | t.ControlRow[]>("/controls", { limit: 1000 }).then(items) });
export const controlsAt = (at: string | undefined) =>
  at === undefined ? controls : queryOptions({ queryKey: ["past", "controls", at], queryFn: () => get<t.List<t.ControlRow> | t.ControlRow[]>("/controls", { limit: 1000, at }).then(items), staleTime: Infinity });
export const entry = (index: number) => queryOptions({ queryKey: ["entry", index], queryFn: () => get<t.LogEntry>(`/audit/${index}`), retry: false });
export const proof = (index: number, size: number) =>
  queryOptions({ queryKey: ["proof", index, size], queryFn: () => get<t.InclusionProof>(`/audit/proof/${index}`, { size }), retry: false, staleTime: Infinity });

/** items takes the rows out of an answer that is a list or a bare array. */
export function items<T>(answer: t.List<T> | T[]): T[] {
  return Array.isArray(answer) ? answer : (answer.items ?? []);
}
