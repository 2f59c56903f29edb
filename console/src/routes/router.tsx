import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, type AnyRoute } from "@tanstack/react-router";
import { readSearch, writeSearch } from "@/ui/address";
import { Home } from "@/features/shell/Home";
import { Shell } from "@/features/shell/Shell";
import { Broke, NotFound } from "@/features/shell/Lost";

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound, errorComponent: Broke });
const shell = createRoute({ getParentRoute: () => root, id: "shell", component: Shell, errorComponent: Broke, notFoundComponent: NotFound });

type Load = () => Promise<{ default: React.ComponentType }>;

// page makes a route whose code is loaded when the route is opened, or when a link to it is hovered.
function page<Parent extends AnyRoute>(parent: Parent, path: string, load: Load) {
  return createRoute({ getParentRoute: () => parent, path, component: lazyRouteComponent(load), errorComponent: Broke });
}

const overview = lazyRouteComponent(() => import("@/features/overview/OverviewPage"));
const home = Object.assign(() => <Home overview={overview} />, { preload: overview.preload });
const device = () => import("@/features/devices/DevicePage");
const control = () => import("@/features/controls/ControlPage");
const audit = () => import("@/features/audit/AuditPage");
const finding = () => import("@/features/findings/FindingsPage");
const exception = () => import("@/features/exceptions/ExceptionsPage");
const engagement = () => import("@/features/engagements/EngagementPage");
const framework = () => import("@/features/frameworks/FrameworkPage");

const tree = root.addChildren([
  page(root, "/sign-in", () => import("@/features/signin/SignInPage")),
  page(root, "/sign-in/link", () => import("@/features/signin/LinkPage")),
  shell.addChildren([
    createRoute({ getParentRoute: () => shell, path: "/", component: home, errorComponent: Broke }),
    page(shell, "/devices", () => import("@/features/devices/DevicesPage")),
    page(shell, "/devices/$ref", device),
    page(shell, "/devices/$ref/$tab", device),
    page(shell, "/types", () => import("@/features/types/TypesPage")),
    page(shell, "/types/$name", () => import("@/features/types/TypePage")),
    page(shell, "/alerts", () => import("@/features/alerts/AlertsPage")),
    page(shell, "/alerts/$id", () => import("@/features/alerts/AlertPage")),
    page(shell, "/bans", () => import("@/features/bans/BansPage")),
    page(shell, "/events", () => import("@/features/events/EventsPage")),
    page(shell, "/controls", () => import("@/features/controls/ControlsPage")),
    page(shell, "/controls/$id", control),
    page(shell, "/controls/$id/$tab", control),
    page(shell, "/findings", finding),
    page(shell, "/findings/$id", finding),
    page(shell, "/exceptions", exception),
    page(shell, "/exceptions/$id", exception),
    page(shell, "/records", () => import("@/features/records/RecordsPage")),
    page(shell, "/records/calendar", () => import("@/features/records/CalendarPage")),
    page(shell, "/records/items", () => import("@/features/records/ItemsPage")),
    page(shell, "/records/kinds", () => import("@/features/records/KindsPage")),
    page(shell, "/records/register", () => import("@/features/records/RegisterPage")),
    page(shell, "/records/register/$id", () => import("@/features/records/EntryPage")),
    page(shell, "/records/$kind", () => import("@/features/records/KindPage")),
    page(shell, "/records/$kind/$id", () => import("@/features/records/RecordPage")),
    page(shell, "/risks", () => import("@/features/risks/RisksPage")),
    page(shell, "/risks/$id", () => import("@/features/risks/RiskPage")),
    page(shell, "/frameworks", () => import("@/features/frameworks/FrameworksPage")),
    page(shell, "/frameworks/$id", framework),
    page(shell, "/frameworks/$id/$item", framework),
    page(shell, "/engagements", () => import("@/features/engagements/EngagementsPage")),
    page(shell, "/engagements/$id", engagement),
    page(shell, "/engagements/$id/$tab", engagement),
    page(shell, "/exports", () => import("@/features/exports/ExportsPage")),
    page(shell, "/exports/$id", () => import("@/features/exports/ExportPage")),
    page(shell, "/reviews", () => import("@/features/reviews/ReviewsPage")),
    page(shell, "/reviews/$id", () => import("@/features/reviews/ReviewPage")),
    page(shell, "/audit", audit),
    page(shell, "/audit/$entry", audit),
    page(shell, "/identity", () => import("@/features/identity/IdentityPage")),
    page(shell, "/people", () => import("@/features/people/PeoplePage")),
    page(shell, "/people/$id", () => import("@/features/people/PersonPage")),
    page(shell, "/system", () => import("@/features/system/SystemPage")),
    page(shell, "/me", () => import("@/features/me/MePage")),
    page(shell, "/more", () => import("@/features/shell/MorePage")),
  ]),
]);

/** router knows every page's address. */
export const router = createRouter({
  routeTree: tree,
  parseSearch: readSearch,
  stringifySearch: writeSearch,
  defaultPreloadStaleTime: 0,
  defaultPendingMs: 300,
  scrollRestoration: true,
  scrollToTopSelectors: ["#page"],
});
