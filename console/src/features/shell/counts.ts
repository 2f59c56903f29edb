import { useQuery } from "@tanstack/react-query";
import { get } from "@/api/client";
import { findingSummary } from "@/api/findings";
import { useMay } from "@/api/may";
import { dutySummary } from "@/api/records";
import { riskMatrix } from "@/api/risks";
import type { Alert, Device, List } from "@/api/types";
import { owedNow } from "@/features/records/say";

export interface Counts { devices: number | undefined; alerts: number | undefined; overdue: number | undefined; due: number | undefined; undecided: number | undefined }

const minute = { refetchInterval: 60_000, retry: false } as const;

/** useCounts are the figures of the navigation: only what somebody must act on, beside the size of the fleet. */
export function useCounts(): Counts {
  const may = useMay();
  const { data: devices } = useQuery({ queryKey: ["count", "devices"], queryFn: () => get<List<Device>>("/devices", { limit: 1 }), enabled: may("device:read"), refetchInterval: 60_000 });
  const { data: alerts } = useQuery({ queryKey: ["list", "/alerts", "count"], queryFn: () => get<List<Alert>>("/alerts", { state: "open", limit: 1 }), enabled: may("alert:read") });
  const { data: findings } = useQuery({ ...findingSummary, ...minute, enabled: may("control:read") });
  const { data: duties } = useQuery({ ...dutySummary, ...minute, enabled: may("record:read") });
  const { data: risks } = useQuery({ ...riskMatrix(), ...minute, enabled: may("risk:read") });
  return { devices: devices?.total, alerts: alerts?.total, overdue: findings?.overdue, due: duties && owedNow(duties), undecided: risks && risks.undecided + risks.overdue };
}
