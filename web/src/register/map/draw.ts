import type { FeatureCollection } from "geojson";
import {
  addProtocol,
  type GeoJSONSource,
  Map as GlMap,
  ScaleControl,
  setWorkerUrl,
  type SourceSpecification,
} from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import { cells, folder } from "virtual:outlines";
import { number } from "../../kit/format";
import type { Language } from "../../kit/messages";
import { tone } from "../../kit/tone";
import type { MapMark } from "../service";
import { boxOf, type Cone, coneRing, lookOf } from "./geometry";
import { CELL, outline, type Packed } from "./outline";
import { DETAIL_ZOOM, ground, kindOf, nothing, outlineLayers, rasterSource, type Tones } from "./style";

const CLOSEST = 20;
const CONE_ZOOM = 15;
const STEP = 2;
const PADDING = 40;
const known = new Set(cells);

export interface Part {
  box: string;
  zoom: number;
}

interface Wants {
  tiles: string;
  /** West, south, east, north; or a point to look at closely. */
  bounds: readonly number[] | null;
  at: readonly [number, number] | null;
  label: string;
  language: Language;
  /** What is shown has changed. */
  moved: (part: Part) => void;
  /** These cameras are where somebody pressed. */
  picked: (marks: MapMark[]) => void;
}

export interface Drawing {
  show: (marks: readonly MapMark[]) => void;
  closer: (by: number) => void;
  all: () => void;
  end: () => void;
}

setWorkerUrl(workerUrl);

function tonesOf(element: HTMLElement): Tones {
  const of = (name: string): string => tone(element, name);
  return {
    water: of("--water"),
    land: of("--land"),
    coast: of("--coast"),
    card: of("--card"),
    ink: of("--ink"),
    accent: of("--accent"),
    onAccent: of("--on-accent"),
    warn: of("--warn"),
    quiet: of("--ink-quiet"),
  };
}

async function streetsOf(tiles: string): Promise<{ source: SourceSpecification; vector: boolean } | null> {
  const kind = kindOf(tiles);
  if (kind === "none") return null;
  if (kind === "raster") return { source: rasterSource(tiles), vector: false };
  if (kind === "vector") return { source: { type: "vector", tiles: [tiles] }, vector: true };
  const { PMTiles, Protocol, TileType } = await import("pmtiles");
  const protocol = new Protocol();
  const file = new PMTiles(tiles);
  protocol.add(file);
  addProtocol("pmtiles", protocol.tile);
  const vector = (await file.getHeader()).tileType === TileType.Mvt;
  return { source: { type: vector ? "vector" : "raster", url: `pmtiles://${tiles}` }, vector };
}

/** Draws the map into an element. Marks come from the server, few at a time, however many cameras there are. */
export async function draw(element: HTMLElement, wants: Wants): Promise<Drawing> {
  const tones = tonesOf(element);
  const streets = await streetsOf(wants.tiles);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const [west = -180, south = -60, east = 180, north = 70] = wants.bounds ?? [];
  const map = new GlMap({
    container: element,
    style: ground(streets, tones),
    attributionControl: false,
    maxZoom: CLOSEST,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: 0,
    validateStyle: false,
    ...(wants.at
      ? { center: [wants.at[1], wants.at[0]], zoom: 17 }
      : { bounds: [west, south, east, north], fitBoundsOptions: { padding: PADDING, maxZoom: 16 } }),
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new ScaleControl({ unit: "metric" }), "bottom-right");
  map.getCanvas().setAttribute("aria-label", wants.label);
  let shown: readonly MapMark[] = [];
  const loaded = new Promise<void>((done) => void map.once("load", () => done()));

  const tell = (): void => {
    const edges = map.getBounds();
    const zoom = Math.max(0, Math.min(22, Math.round(map.getZoom())));
    const box = boxOf({
      west: edges.getWest(),
      south: edges.getSouth(),
      east: edges.getEast(),
      north: edges.getNorth(),
    });
    wants.moved({ box, zoom });
    if (map.getZoom() >= DETAIL_ZOOM - 1 && !streets) detail(map, tones);
  };
  map.on("load", () => fill(map, "world"));
  map.on("load", tell);
  map.on("moveend", tell);
  const glide = (to: { center?: [number, number]; zoom: number }): void => {
    if (still) map.jumpTo(to);
    else map.easeTo({ ...to, duration: 300 });
  };
  map.on("click", ({ point }) => {
    const reach = 6;
    const found = map.queryRenderedFeatures(
      [
        [point.x - reach, point.y - reach],
        [point.x + reach, point.y + reach],
      ],
      { layers: ["marks"] },
    );
    const marks = [...new Set(found.map((one) => Number(one.id)))].flatMap((index) => shown[index] ?? []);
    const cluster = marks.find((one) => !one.id);
    if (cluster) glide({ center: [cluster.lon, cluster.lat], zoom: Math.min(CLOSEST, map.getZoom() + STEP) });
    else wants.picked(marks);
  });
  map.on("mouseenter", "marks", () => map.getCanvas().classList.add("over-mark"));
  map.on("mouseleave", "marks", () => map.getCanvas().classList.remove("over-mark"));

  return {
    show(marks) {
      shown = marks;
      void loaded.then(() => {
        if (shown !== marks) return;
        void map.getSource<GeoJSONSource>("marks")?.setData(features(marks, wants.language));
        void map
          .getSource<GeoJSONSource>("cones")
          ?.setData(map.getZoom() >= CONE_ZOOM ? cones(marks) : nothing());
        void map.once("idle", () => {
          element.dataset.ready = String(marks.length);
        });
      });
    },
    closer: (by) => glide({ zoom: map.getZoom() + by }),
    all: () =>
      map.fitBounds([west, south, east, north], {
        padding: PADDING,
        maxZoom: 16,
        animate: !still,
        duration: 300,
      }),
    end: () => map.remove(),
  };
}

async function outlineOf(name: string): Promise<FeatureCollection> {
  const answer = await fetch(`${folder}/${name}.json`);
  // Without its outlines the map still has its cameras.
  return answer.ok ? outline((await answer.json()) as Packed, name !== "world") : nothing();
}

/** Adds the detailed coast of the cells in view; each is loaded once. */
function detail(map: GlMap, tones: Tones): void {
  const edges = map.getBounds();
  const low = (degrees: number): number => Math.floor(degrees / CELL) * CELL;
  for (let west = low(edges.getWest()); west < edges.getEast(); west += CELL) {
    for (let south = low(edges.getSouth()); south < edges.getNorth(); south += CELL) {
      const name = `${((((west + 180) % 360) + 360) % 360) - 180}_${south}`;
      if (!known.has(name) || map.getSource(name)) continue;
      map.addSource(name, { type: "geojson", data: nothing(), tolerance: 0.3 });
      for (const layer of outlineLayers(name, name, tones, { minzoom: DETAIL_ZOOM }))
        map.addLayer(layer, "cones");
      fill(map, name);
    }
  }
}

/** Loads outlines into their source, if the map is still there by then. */
function fill(map: GlMap, name: string): void {
  void outlineOf(name).then((data) => map.getSource<GeoJSONSource>(name)?.setData(data));
}

function features(marks: readonly MapMark[], language: Language): FeatureCollection {
  return {
    type: "FeatureCollection",
    features: marks.map((mark, index) => ({
      type: "Feature",
      id: index,
      properties: {
        count: mark.count,
        size: Math.log10(mark.count),
        label: number(mark.count, language),
        look: lookOf(mark.phases),
      },
      geometry: { type: "Point", coordinates: [mark.lon, mark.lat] },
    })),
  };
}

function coneOf(mark: MapMark): Cone | null {
  const { bearing, angle, range_m } = mark;
  return bearing == null || angle == null || range_m == null ? null : { bearing, angle, range_m };
}

function cones(marks: readonly MapMark[]): FeatureCollection {
  return {
    type: "FeatureCollection",
    features: marks.flatMap((mark) => {
      const cone = coneOf(mark);
      if (!cone) return [];
      const coordinates = [coneRing(mark.lat, mark.lon, cone)];
      return [
        { type: "Feature" as const, properties: {}, geometry: { type: "Polygon" as const, coordinates } },
      ];
    }),
  };
}
