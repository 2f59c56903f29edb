import { useQuery } from "@tanstack/react-query";
import { trouble } from "@/api/problem";
import { twin } from "@/api/queries";
import type { Device, Twin } from "@/api/types";
import { SectionHead } from "@/ui/parts/Parts";
import { Wait } from "@/ui/parts/Wait";
import { FreshnessAge } from "@/ui/time/RelativeTime";

/** show writes a value of a property as text. */
export function show(value: unknown): string {
  if (value === undefined || value === null) return "–";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

type Line = { property: string; desired: unknown; reported: unknown; state: "in sync" | "differs" | "reported" };

/** twinLines sets what is reported beside what is desired; what differs comes first. */
export function twinLines(data: Twin): Line[] {
  const drift = new Set((data.drift ?? []).map((each) => each.property));
  const names = [...new Set([...Object.keys(data.desired ?? {}), ...Object.keys(data.reported ?? {})])].toSorted();
  const lines = names.map((property): Line => {
    const wanted = data.desired?.[property];
    return { property, desired: wanted, reported: data.reported?.[property], state: drift.has(property) ? "differs" : wanted === undefined ? "reported" : "in sync" };
  });
  return lines.toSorted((a, b) => Number(b.state === "differs") - Number(a.state === "differs"));
}

/** TwinList shows each property: reported, what it should be, whether they agree. */
export function TwinList({ device, most }: { device: Device; most: number }) {
  const query = useQuery(twin(device.name));
  return (
    <Wait query={query} say={(error) => trouble(error, "The twin could not be read")}>
      {(data) => {
        const lines = twinLines(data);
        if (lines.length === 0) return <p className="ink3 small pad">The device has not reported anything, and nothing is set for it.</p>;
        return (
          <dl className="twin">
            {lines.slice(0, most).map((line) => (
              <div key={line.property}>
                <dt className="mono trunc">{line.property}</dt>
                <dd className="trunc">{show(line.reported)}</dd>
                <dd className="small ink3 trunc right">{line.state === "differs" ? <span className="stale">→ {show(line.desired)}, pending</span> : line.state}</dd>
              </div>
            ))}
          </dl>
        );
      }}
    </Wait>
  );
}

/** TwinTab is the whole twin, with its age. */
export function TwinTab({ device }: { device: Device }) {
  const { data } = useQuery(twin(device.name));
  return (
    <section className="section">
      <SectionHead title="Twin" note={data ? <>reported <FreshnessAge at={data.reportedAt} none="never" />, desired version {data.desiredVersion}</> : undefined} />
      <TwinList device={device} most={1000} />
    </section>
  );
}
