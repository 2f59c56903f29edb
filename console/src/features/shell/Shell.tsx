import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Outlet, useRouter, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { Live } from "@/api/live";
import { useMay } from "@/api/may";
import { Problem } from "@/api/problem";
import { whoami } from "@/api/queries";
import { Frame } from "@/ui/frame/Frame";
import { TrailNav } from "@/ui/frame/TrailNav";
import { StillContext } from "@/ui/time/clock";
import { AsOfPicker } from "@/ui/past/AsOfPicker";
import { PastContext } from "@/ui/past/past";
import { ScopeContext } from "@/ui/scope/scope";
import { ScopePicker } from "@/ui/scope/ScopePicker";
import { AsOfRule } from "./AsOfRule";
import { useCounts } from "./counts";
import { useMoment } from "./moment";
import { useShellScope } from "./scope";
import { words } from "@/words";
import { Announce } from "./Announce";
import { crumbs } from "./crumbs";
import { Foot } from "./Foot";
import { bottom, groups } from "./nav";
import { UserMenu } from "./UserMenu";

const palette = () => import("./Palette");
const Palette = lazy(palette);
const KeysHelp = lazy(() => import("@/ui/frame/KeysHelp").then((module) => ({ default: module.KeysHelp })));

/** Shell is what every page of a signed-in person stands in: navigation, the live stream, the foot line, the palette. */
export function Shell() {
  const { data: me, error } = useQuery(whoami);
  const router = useRouter();
  const out = error instanceof Problem && error.status === 401;
  useEffect(() => {
    if (out) void router.navigate({ href: `/sign-in?then=${encodeURIComponent(router.state.location.href)}`, replace: true });
  }, [out, router]);
  const must = me?.mustChange ?? false;
  useEffect(() => {
    if (must && router.state.location.pathname !== "/me") void router.navigate({ href: "/me", replace: true });
  }, [must, router]);
  if (!me) return null;
  return <Signed key={me.principal.id} />;
}

function useLive() {
  const cache = useQueryClient();
  const live = useMemo(() => new Live(cache), [cache]);
  useEffect(() => live.start(), [live]);
  return useSyncExternalStore(live.subscribe, live.snapshot);
}

function Signed() {
  const { data: me } = useQuery(whoami);
  const live = useLive();
  const may = useMay();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const [searching, setSearching] = useState(false);
  const [helping, setHelping] = useState(false);
  const ways = { may, ...useCounts() };
  const { past, pick } = useMoment();
  const { held, places, pick: narrow } = useShellScope();
  const sections = groups(ways);
  const search = useCallback(() => setSearching(true), []);
  useEffect(() => {
    // The palette is loaded ahead, so that what is typed right after Ctrl K is not lost.
    const timer = setTimeout(() => void palette(), 1500);
    return () => clearTimeout(timer);
  }, []);
  if (!me) return null;
  return (
    <PastContext value={past}>
    <ScopeContext value={held}>
    <Frame groups={sections} phone={bottom(ways)} crumbs={crumbs(path)} trail={<TrailNav />} onSearch={search} user={<UserMenu principal={me.principal} />}
      tools={<>{places ? <ScopePicker scope={held.scope} places={places} onChange={narrow} /> : null}<AsOfPicker at={past?.at} onChange={pick} /><button type="button" className="hidden" data-keys tabIndex={-1} aria-hidden onClick={() => setHelping(true)} /></>}
      notice={past ? <AsOfRule past={past} back={() => pick(undefined)} /> : null}
      foot={<Foot live={live} />}>
      <Announce live={live} />
      {live.status === "lost" ? <p className="phone-lost fail">{words.notLiveSince(new Date(live.since).toLocaleTimeString("en-GB"))}</p> : null}
      <StillContext value={past?.holds ? Date.parse(past.at) : undefined}><Outlet /></StillContext>
      <Suspense fallback={null}>
        {searching ? <Palette groups={sections} onClose={() => setSearching(false)} /> : null}
        {helping ? <KeysHelp entries={sections.flatMap((group) => group.entries)} onClose={() => setHelping(false)} /> : null}
      </Suspense>
    </Frame>
    </ScopeContext>
    </PastContext>
  );
}
