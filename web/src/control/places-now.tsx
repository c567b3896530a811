import { useEffect, useState, type ReactNode } from "react";
import type { components } from "../api";
import type { Say } from "../kit/messages";
import { useSay } from "../kit/settings";
import { bounds, figure, people } from "./format";
import { mostly, newest } from "./places";
import { words, type Key } from "./words";

type Places = components["schemas"]["PlacesModel"];
type Zone = Places["zones"][number];

const EVERY_MS = 20_000;
const LATELY_S = 180;

/** A camera's zones and lines in the last minute: how many, how dense, which level of service, which way. */
export function PlacesNow({ camera }: { camera: string }): ReactNode {
  const say = useSay(words);
  const [places, setPlaces] = useState<Places | null>(null);
  useEffect(() => {
    const ask = async (): Promise<void> => {
      const from = Math.max(0, Math.floor(Date.now() / 1000) - LATELY_S);
      const response = await fetch(`/api/v1/cameras/${camera}/places?from=${from}`);
      if (response.ok) setPlaces((await response.json()) as Places);
    };
    void ask();
    const timer = setInterval(() => void ask(), EVERY_MS);
    return () => clearInterval(timer);
  }, [camera]);
  const zones = newest(places?.zones ?? [], (zone) => zone.zone);
  const lines = newest(places?.lines ?? [], (line) => line.line);
  if (zones.length + lines.length === 0) return null;
  return (
    <ul className="places" aria-label={say("places")}>
      {zones.map((zone) => (
        <li key={zone.zone} data-zone={zone.zone}>
          <strong>{zone.zone}</strong>{" "}
          {say("zonePeople", { n: people(zone.people), ...bounds(zone.low, zone.high) })}
          <span className="quiet">{said(zone, say).join(" · ")}</span>
        </li>
      ))}
      {lines.map((line) => (
        <li key={line.line} data-line={line.line}>
          <strong>{line.line}</strong> {say("lineCrossed", { into: line.into, out: line.out_of })}
        </li>
      ))}
    </ul>
  );
}

function said(zone: Zone, say: Say<Key>): string[] {
  const way = mostly(zone.ways);
  return [
    zone.density_per_m2 === null ? "" : say("zoneDensity", { n: figure(zone.density_per_m2) }),
    zone.level_of_service === null ? "" : say("zoneLevel", { level: zone.level_of_service }),
    zone.speed_m_per_s === null ? "" : say("zoneSpeed", { n: figure(zone.speed_m_per_s) }),
    way === null ? "" : say("zoneWay", { ...way }),
    zone.queue === null ? "" : say("zoneQueue", { n: people(zone.queue), m: figure(zone.queue_m ?? 0) }),
  ].filter((part) => part !== "");
}
