import { Go } from "@/ui/parts/Go";
import { Page } from "@/ui/parts/Page";
import { EmptyState, ErrorState } from "@/ui/parts/States";
import { words } from "@/words";

/** NotFound answers an address that leads nowhere. */
export function NotFound() {
  return (
    <Page title={words.error.notFound} tab={words.error.notFound}>
      <EmptyState title={words.error.notFoundRemedy} action={<Go href="/">Go to the overview</Go>} />
    </Page>
  );
}

/** Broke stands in for a page whose code failed. */
export function Broke({ error }: { error: unknown }) {
  return (
    <Page title={words.error.broke} tab={words.error.broke}>
      <ErrorState trouble={{ title: error instanceof Error ? error.message : String(error), remedy: words.error.brokeRemedy }} again={() => globalThis.location.reload()} />
    </Page>
  );
}
