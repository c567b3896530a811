import type { ReactNode } from "react";
import { Shell } from "../kit/shell";
import { useSay, useTitle } from "../kit/settings";
import { Empty } from "../kit/states";
import { CameraTile } from "./camera-tile";
import { useWorld } from "./store";
import { words } from "./words";

export function App(): ReactNode {
  const world = useWorld();
  const say = useSay(words);
  useTitle(`${say("face")} · ${say("title")}`);
  return (
    <Shell
      name={say("title")}
      face={say("face")}
      home="/control"
      within={false}
      aside={
        <p className={world.connected ? "link ok" : "link"} role="status">
          {world.connected ? say("connected") : world.loaded ? say("disconnected") : ""}
        </p>
      }
      footer={world.keeper !== undefined && <p>{say(world.keeper ? "withKeeper" : "withoutKeeper")}</p>}
    >
      <div className="masthead">
        <h1>{say("tagline")}</h1>
        <p className="promise">
          {say("is")} {say("isnt")}
        </p>
      </div>
      <div className={world.cameras.length === 1 ? "cameras alone" : "cameras"}>
        {world.cameras.map((camera) => (
          <CameraTile
            key={camera.id}
            camera={camera}
            counts={world.counts[camera.id] ?? []}
            health={world.health[camera.id]}
            alerts={world.alerts.filter((a) => a.camera === camera.id)}
          />
        ))}
        {world.loaded && world.connected && world.cameras.length === 0 && (
          <Empty title={say("noCameras")}>
            <p>{say("noCamerasHint")}</p>
          </Empty>
        )}
      </div>
    </Shell>
  );
}
