import type { ReactNode } from "react";
import { clock } from "./format";
import { keyOr } from "../kit/messages";
import { useSay, useSettings } from "../kit/settings";
import { words } from "./words";
import type { Alert, Camera, Count, Health } from "./types";
import { AlertList } from "./alert-list";
import { LiveVideo } from "./live-video";
import { PeopleChart } from "./people-chart";
import { PeopleNow } from "./people-now";
import { PlacesNow } from "./places-now";

interface Props {
  camera: Camera;
  counts: readonly Count[];
  health: Health | undefined;
  alerts: readonly Alert[];
}

export function CameraTile({ camera, counts, health, alerts }: Props): ReactNode {
  const say = useSay(words);
  const { language } = useSettings();
  const mode =
    camera.mode === "record"
      ? say("recording", { n: Math.round(camera.retention_hours * 10) / 10 })
      : say(camera.mode === "live" ? "liveOnly" : "modeCounts");
  return (
    <article className="camera" aria-label={camera.name} data-camera={camera.id}>
      <div className="camera-head">
        <h2>{camera.name}</h2>
        <p className={`state state-${camera.state}`} role="status">
          <span className="dot" aria-hidden="true" />
          {say(keyOr(words, `state_${camera.state}`, "state_starting"))}
          <span className="quiet"> {say("stateSince", { time: clock(camera.since, language) })}</span>
        </p>
      </div>
      <Picture camera={camera} />
      <div className="below">
        {camera.message && <p className="message">{camera.message}</p>}
        {camera.mode !== "counts-only" && camera.state === "running" && (
          <p className={camera.mosaic === "none" ? "why" : "why whole"}>
            {say(keyOr(words, `mosaic_${camera.mosaic}`, "mosaic_other"))}
          </p>
        )}
        <AlertList alerts={alerts} />
        <PeopleNow count={counts.at(-1) ?? camera.latest} />
        <PlacesNow camera={camera.id} />
        <PeopleChart counts={counts} />
        <p className="facts quiet">
          <span>{mode}</span>
          {health && health.fps > 0 && (
            <span>{say("framesPerSecond", { n: Math.round(health.fps * 10) / 10 })}</span>
          )}
          {health && camera.mode !== "counts-only" && (
            <span>{say("hiddenShare", { n: Math.round(health.hidden * 100) })}</span>
          )}
        </p>
      </div>
    </article>
  );
}

function Picture({ camera }: { camera: Camera }): ReactNode {
  const say = useSay(words);
  if (camera.mode === "counts-only") {
    return (
      <div className="picture panel">
        <p className="panel-title">{say("countsOnly")}</p>
        <p>{say("countsOnlyHint")}</p>
      </div>
    );
  }
  if (camera.state !== "running") {
    return (
      <div className="picture panel">
        <p className="panel-title">{say(camera.state === "starting" ? "starting" : "nothingShown")}</p>
      </div>
    );
  }
  return <LiveVideo camera={camera.id} label={say("videoLabel", { name: camera.name })} />;
}
