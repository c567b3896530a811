"""A stand-in camera: plays a clip over RTSP, again and again. Runs under the system's Python, which has GStreamer.

Not part of the product's way of a frame: it is the other side of the cable. The clip is coded to H.264 in memory, as a
camera would, and nothing is written. Prints ``rtsp://127.0.0.1:PORT/clip`` once it serves.

Usage: /usr/bin/python3 rtsp_camera.py CLIP [--port N] [--size WxH] [--seconds S] [--garbage] [--sound]; user and
password for digest authentication come from PASSERBY_CAMERA_USER and PASSERBY_CAMERA_PASSWORD.
"""

import argparse
import itertools
import os
import signal
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

CODE = (
    "filesrc name=file ! decodebin ! videoconvert ! videoscale ! videorate drop-only=true ! {caps} ! "
    "x264enc tune=zerolatency speed-preset=superfast bitrate=4000 key-int-max={gop} ! "
    "video/x-h264,profile=main,stream-format=byte-stream,alignment=au ! appsink name=out sync=false max-buffers=0"
)
SERVE = (
    "( appsrc name=source format=time is-live=true do-timestamp=false block=false ! h264parse ! "
    "rtph264pay name=pay0 pt=96 config-interval=1 {more})"
)
SOUND = "audiotestsrc is-live=true ! audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay name=pay1 pt=8 "
AHEAD_NS = 200_000_000


def coded(clip, size, seconds):
    """The clip as H.264 access units: (bytes, duration in ns) each, and its caps."""
    caps = "video/x-raw,format=I420" + (f",width={size[0]},height={size[1]}" if size else "")
    pipeline = Gst.parse_launch(CODE.format(caps=caps, gop=25))
    pipeline.get_by_name("file").set_property("location", clip)
    sink = pipeline.get_by_name("out")
    pipeline.set_state(Gst.State.PLAYING)
    units, caps, ends = [], None, []
    while (sample := sink.emit("try-pull-sample", 60 * Gst.SECOND)) is not None:
        buffer = sample.get_buffer()
        caps = caps or sample.get_caps()
        units.append(buffer.extract_dup(0, buffer.get_size()))
        ends.append(buffer.pts)
        if seconds and buffer.pts - ends[0] >= seconds * Gst.SECOND:
            break
    pipeline.set_state(Gst.State.NULL)
    if len(units) < 2:
        sys.exit(f"rtsp_camera: {clip} holds no video that GStreamer can read")
    usual = (ends[-1] - ends[0]) // (len(ends) - 1)
    durations = [*(max(1, b - a) for a, b in itertools.pairwise(ends)), usual]
    return list(zip(units, durations, strict=True)), caps


class Factory(GstRtspServer.RTSPMediaFactory):
    """One shared stream for every client, from the clip's first picture on."""

    def __init__(self, units, caps, garbage, sound):
        super().__init__()
        self.units, self.caps, self.garbage = units, caps, garbage
        self.set_launch(SERVE.format(more=SOUND if sound else ""))
        self.set_shared(True)

    def do_configure(self, media):
        """Feed the stream's source a little ahead of its clock."""
        source = media.get_element().get_by_name("source")
        source.set_property("caps", self.caps)
        Feeder(source, self.units, self.garbage)


def spoilt(unit):
    """The access unit with its parameter sets, and noise where its pictures were (ITU-T H.264, 7.3.1)."""
    parts = unit.split(b"\0\0\1")
    kept = [p if not p or p[0] & 31 in (7, 8, 9) else p[:1] + os.urandom(max(8, len(p) - 1)) for p in parts]
    return b"\0\0\1".join(kept)


class Feeder:
    """Pushes access units in time."""

    def __init__(self, source, units, garbage):
        self.source, self.units, self.garbage = source, units, garbage
        self.index, self.pts = 0, 0
        GLib.timeout_add(10, self.push)

    def push(self):
        """Everything that is due within `AHEAD_NS`; ends itself when nobody listens any more."""
        clock, base = self.source.get_clock(), self.source.get_base_time()
        state = self.source.get_state(0)[1]
        if clock is None or state not in (Gst.State.PLAYING, Gst.State.PAUSED):
            return state != Gst.State.NULL or self.pts == 0
        now = clock.get_time() - base if state == Gst.State.PLAYING else 0
        while self.pts <= now + AHEAD_NS:
            unit, duration = self.units[self.index]
            if self.garbage:
                unit = spoilt(unit)
            buffer = Gst.Buffer.new_wrapped(unit)
            buffer.pts = buffer.dts = self.pts
            buffer.duration = duration
            if self.source.emit("push-buffer", buffer) != Gst.FlowReturn.OK:
                return False
            self.pts += duration
            self.index = (self.index + 1) % len(self.units)
        return True


def guarded(server, factory):
    """Ask for a user and a password (digest) if the environment names them."""
    user, password = os.environ.get("PASSERBY_CAMERA_USER"), os.environ.get("PASSERBY_CAMERA_PASSWORD")
    if not user:
        return
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "viewer")
    auth.add_digest(user, password or "", token)
    server.set_auth(auth)
    role = Gst.Structure.new_empty("viewer")
    role.set_value(GstRtspServer.RTSP_PERM_MEDIA_FACTORY_ACCESS, True)
    role.set_value(GstRtspServer.RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, True)
    factory.add_role_from_structure(role)


def main():
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clip")
    parser.add_argument("--port", default="0")
    parser.add_argument("--size", type=lambda text: tuple(int(n) for n in text.split("x")))
    parser.add_argument("--seconds", type=float, default=0)
    parser.add_argument("--garbage", action="store_true")
    parser.add_argument("--sound", action="store_true")
    given = parser.parse_args()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(given.port)
    factory = Factory(*coded(given.clip, given.size, given.seconds), given.garbage, given.sound)
    guarded(server, factory)
    server.get_mount_points().add_factory("/clip", factory)
    if server.attach(None) == 0:
        sys.exit(f"rtsp_camera: port {given.port} can't be used")
    loop = GLib.MainLoop()
    for number in (signal.SIGINT, signal.SIGTERM):
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, number, loop.quit)
    print(f"rtsp://127.0.0.1:{server.get_bound_port()}/clip", flush=True)
    loop.run()


if __name__ == "__main__":
    main()
