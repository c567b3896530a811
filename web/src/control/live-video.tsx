import Hls from "hls.js/light";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useSay } from "../kit/settings";
import { words } from "./words";

const AGAIN_MS = 1500;
const LOOK_MS = 500;

/** Plays a camera's live video with low latency; begins again by itself after any error. */
export function LiveVideo({ camera, label }: { camera: string; label: string }): ReactNode {
  const say = useSay(words);
  const video = useRef<HTMLVideoElement>(null);
  const [attempt, setAttempt] = useState(0);
  const [playing, setPlaying] = useState(false);
  const [behind, setBehind] = useState<number | null>(null);

  useEffect(() => {
    const element = video.current;
    if (!element) return;
    let timer = 0;
    const again = () => {
      setPlaying(false);
      setBehind(null);
      timer = window.setTimeout(() => setAttempt(attempt + 1), AGAIN_MS);
    };
    const address = `/hls/${camera}/live.m3u8`;
    if (!Hls.isSupported()) {
      element.src = address;
      element.onerror = again;
      return () => {
        element.onerror = null;
        element.removeAttribute("src");
        clearTimeout(timer);
      };
    }
    // A worker would be made from a blob, which the page's policy forbids; fMP4 needs none.
    const hls = new Hls({
      lowLatencyMode: true,
      enableWorker: false,
      backBufferLength: 10,
      maxLiveSyncPlaybackRate: 1.1,
    });
    hls.on(Hls.Events.ERROR, (_, error) => {
      if (!error.fatal) return;
      hls.destroy();
      again();
    });
    hls.loadSource(address);
    hls.attachMedia(element);
    // How long ago the camera sent what is on the page now: the playlist says when each picture came.
    const look = window.setInterval(() => {
      const shown = hls.playingDate;
      setBehind(shown ? (Date.now() - shown.getTime()) / 1000 : null);
    }, LOOK_MS);
    return () => {
      clearInterval(look);
      clearTimeout(timer);
      hls.destroy();
    };
  }, [camera, attempt]);

  return (
    <div className="picture">
      <video
        ref={video}
        aria-label={label}
        muted
        autoPlay
        playsInline
        disablePictureInPicture
        data-behind={behind?.toFixed(2)}
        onPlaying={() => setPlaying(true)}
      />
      {playing ? (
        <span className="badge">
          {say("live")}
          {behind !== null && behind > 0 && (
            <span className="behind"> {say("behind", { n: behind.toFixed(1) })}</span>
          )}
        </span>
      ) : (
        <p className="over" role="status">
          {say("starting")}
        </p>
      )}
    </div>
  );
}
