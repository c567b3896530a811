import type { ReactNode } from "react";
import { CameraTile } from "./parts/camera-tile";
import { Header } from "./parts/header";
import { useSettings } from "./settings";
import { useWorld } from "./store";

export function App(): ReactNode {
  const world = useWorld();
  const { say } = useSettings();
  return (
    <>
      <Header connected={world.connected} tried={world.loaded} />
      <main className={world.cameras.length === 1 ? "cameras alone" : "cameras"}>
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
          <section className="empty">
            <h2>{say("noCameras")}</h2>
            <p>{say("noCamerasHint")}</p>
          </section>
        )}
      </main>
      {world.keeper !== undefined && (
        <footer className="custody">{say(world.keeper ? "withKeeper" : "withoutKeeper")}</footer>
      )}
    </>
  );
}
