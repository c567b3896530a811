import { useSyncExternalStore } from "react";
import type { components } from "../api";
import type { Alert, Camera, Count, Health } from "./types";

export const KEPT_S = 900;

export interface World {
  connected: boolean;
  loaded: boolean;
  cameras: readonly Camera[];
  counts: Readonly<Record<string, readonly Count[]>>;
  health: Readonly<Record<string, Health>>;
  alerts: readonly Alert[];
  keeper: boolean | undefined;
}

const nothing: World = {
  connected: false,
  loaded: false,
  cameras: [],
  counts: {},
  health: {},
  alerts: [],
  keeper: undefined,
};
let world = nothing;
export const ALERTS_KEPT = 200;
const listeners = new Set<() => void>();

function change(next: Partial<World>): void {
  world = { ...world, ...next };
  for (const listener of listeners) listener();
}

function withCamera(camera: Camera): void {
  const others = world.cameras.filter((c) => c.id !== camera.id);
  change({
    cameras: [...others, camera].sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id)),
  });
}

/** Counts in order of time, without doubles, not older than is kept. */
export function joined(before: readonly Count[], more: readonly Count[]): Count[] {
  const byTime = new Map([...before, ...more].map((c) => [c.time, c]));
  const all = [...byTime.values()].sort((a, b) => a.time - b.time);
  const newest = all.at(-1)?.time ?? 0;
  return all.filter((c) => c.time > newest - KEPT_S);
}

function withCounts(camera: string, more: readonly Count[]): void {
  change({ counts: { ...world.counts, [camera]: joined(world.counts[camera] ?? [], more) } });
}

/** Alerts newest first, without doubles, no more than are kept. */
export function merged(before: readonly Alert[], more: readonly Alert[]): Alert[] {
  const byId = new Map([...before, ...more].map((a) => [a.id, a]));
  return [...byId.values()].sort((a, b) => b.time - a.time || b.id - a.id).slice(0, ALERTS_KEPT);
}

async function warnings(camera: string): Promise<void> {
  const response = await fetch(`/api/v1/cameras/${camera}/alerts`);
  if (!response.ok) return;
  const found = (await response.json()) as components["schemas"]["AlertsModel"];
  change({ alerts: merged(world.alerts, found.alerts) });
}

async function history(camera: string): Promise<void> {
  const response = await fetch(`/api/v1/cameras/${camera}/counts`);
  if (!response.ok) return;
  const found = (await response.json()) as components["schemas"]["CountsModel"];
  withCounts(camera, found.recent);
}

async function custody(): Promise<void> {
  const response = await fetch("/api/v1/status");
  if (!response.ok) return;
  const found = (await response.json()) as components["schemas"]["StatusModel"];
  change({ keeper: found.keeper });
}

interface News {
  state: Camera;
  counts: Count;
  alert: Alert;
  health: Health;
  gone: string;
}

function on<K extends keyof News>(source: EventSource, kind: K, take: (content: News[K]) => void): void {
  source.addEventListener(kind, (event: MessageEvent<string>) => take(JSON.parse(event.data) as News[K]));
}

/** Listen to the station for as long as the page is open. The browser connects again by itself. */
export function connect(): void {
  const source = new EventSource("/events");
  source.onopen = () => {
    change({ connected: true, loaded: true });
    void custody();
    for (const camera of world.cameras) {
      void history(camera.id);
      void warnings(camera.id);
    }
  };
  source.onerror = () => change({ connected: false });
  on(source, "state", (camera) => {
    const known = world.cameras.some((c) => c.id === camera.id);
    withCamera(camera);
    if (known) return;
    void history(camera.id);
    void warnings(camera.id);
  });
  on(source, "counts", (count) => withCounts(count.camera, [count]));
  on(source, "alert", (alert) => change({ alerts: merged(world.alerts, [alert]) }));
  on(source, "health", (sample) => change({ health: { ...world.health, [sample.camera]: sample } }));
  on(source, "gone", (id) => change({ cameras: world.cameras.filter((c) => c.id !== id) }));
}

export function useWorld(): World {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => world,
  );
}
