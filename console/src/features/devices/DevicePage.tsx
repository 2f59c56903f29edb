import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useList } from "@/api/list";
import { useMay } from "@/api/may";
import { trouble } from "@/api/problem";
import * as q from "@/api/queries";
import type { Certificate, Device, DevicePosture } from "@/api/types";
import { Button } from "@/ui/parts/Button";
import { Icon, type IconName } from "@/ui/parts/Icon";
import { IdChip } from "@/ui/parts/IdChip";
import { Page, Tabs } from "@/ui/parts/Page";
import { EmptyState, ErrorState } from "@/ui/parts/States";
import { ActDialog } from "./ActDialog";
import { actsFor, type Act } from "./acts";
import { DeviceFacts } from "./DeviceFacts";
import { DeviceRail } from "./DeviceRail";
import { RevokeDialog } from "./RevokeDialog";
import { CertificatesTab, HistoryTab, PostureTab, SoftwareTab, TelemetryTab } from "./DeviceTabs";
import { EventsTab } from "./DeviceEvents";
import { NowTab } from "./NowTab";
import { TwinTab } from "./Twin";
import { deviceHref } from "./words";
import "./devices.css";

const tabs = [
  ["", "Now", "device:read"], ["telemetry", "Telemetry", "telemetry:read"], ["twin", "Twin", "device:read"], ["events", "Events", "event:read"], ["posture", "Posture", "device:read"],
  ["certificates", "Certificates", "certificate:read"], ["software", "Software", "device:read"], ["history", "History", "event:read"],
] as const;

/** DevicePage answers "who is this, is it well, and what may I do?" */
export default function DevicePage() {
  const { ref = "", tab = "" } = useParams({ strict: false });
  const query = useQuery(q.device(ref));
  if (query.error) return <Page title={ref} tab={ref}><ErrorState trouble={trouble(query.error, `${ref} could not be read`)} again={() => void query.refetch()} /></Page>;
  if (!query.data) return null;
  return <Shown device={query.data} tab={tab} />;
}

type Open = Act | "revoke" | undefined;

function Shown({ device, tab }: { device: Device; tab: string }) {
  const may = useMay();
  const [open, setOpen] = useState<Open>();
  const certs = useList<Certificate>("/certificates", { subject: device.id }, { enabled: may("certificate:read") });
  const posture = useQuery({ ...q.devicePosture(device.name), enabled: may("device:read") });
  const current = certs.rows.find((cert) => cert.state === "active");
  const allowed = actsFor(device.state).filter((act) => may(act.need));
  const href = deviceHref(device);
  const counts: Record<string, number | undefined> = { posture: posture.data?.length, certificates: certs.total ?? certs.rows.length };
  const acts = <Acts allowed={allowed} revocable={current !== undefined && may("certificate:revoke")} open={setOpen} />;
  return (
    <Page title={device.name} tab={device.name} named note={<IdChip id={device.id} label="device id" />} actions={<div className="wide-acts row">{acts}</div>}
      facts={<DeviceFacts device={device} posture={posture.data} />}
      tabs={<Tabs label="Device" tabs={tabs.filter(([, , need]) => may(need)).map(([key, label]) => ({ label, href: key === "" ? href : `${href}/${key}`, active: tab === key, count: counts[key] || undefined }))} />}
      rail={<DeviceRail device={device} posture={posture.data} certificate={current ?? certs.rows[0]} acts={allowed} />}>
      <Body tab={tab} device={device} certs={certs.rows} posture={posture.data} />
      <div className="phone-acts">{acts}</div>
      {open === "revoke" && current ? <RevokeDialog certificate={current} name={device.name} onClose={() => setOpen(undefined)} /> : null}
      {open !== undefined && open !== "revoke" ? <ActDialog act={open} device={device} onClose={() => setOpen(undefined)} /> : null}
    </Page>
  );
}

function Body({ tab, device, certs, posture }: { tab: string; device: Device; certs: Certificate[]; posture: DevicePosture[] | undefined }) {
  const may = useMay();
  const need = tabs.find(([key]) => key === tab)?.[2];
  if (need && !may(need)) return <EmptyState title="Your role does not show this">Ask a system administrator for a role with {need}.</EmptyState>;
  switch (tab) {
    case "telemetry": return <TelemetryTab device={device} />;
    case "twin": return <TwinTab device={device} />;
    case "events": return <EventsTab device={device} />;
    case "posture": return <PostureTab posture={posture ?? []} />;
    case "certificates": return <CertificatesTab certs={certs} />;
    case "software": return <SoftwareTab device={device} />;
    case "history": return <HistoryTab device={device} />;
    default: return <NowTab device={device} />;
  }
}

const icons: Partial<Record<Act["name"], IconName>> = { quarantine: "pause", release: "play", resume: "play", retire: "leave" };

function Acts({ allowed, revocable, open }: { allowed: Act[]; revocable: boolean; open: (open: Open) => void }) {
  return (
    <>
      {allowed.map((act) => (
        <Button key={act.name} kind={act.final ? "danger" : "plain"} icon={<Icon name={icons[act.name] ?? "pause"} size={13} />} onClick={() => open(act)}
          data-command={act.verb} className={`act-${act.name}`} {...(act.key ? { "data-key": act.key } : {})}>
          {act.verb}…
        </Button>
      ))}
      {revocable ? <Button kind="danger" icon={<Icon name="uncertificate" size={14} />} onClick={() => open("revoke")} data-command="Revoke certificate" data-key="R">Revoke certificate…</Button> : null}
    </>
  );
}
