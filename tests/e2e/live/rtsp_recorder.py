"""Somebody else's RTSP server that records what it is given. Runs under the system's Python, which has GStreamer.

Usage: /usr/bin/python3 rtsp_recorder.py PORT. Prints its address, then a line for each decoded picture: its number, its
contrast, and a hash.
"""

import hashlib
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

TAKE = (
    "( rtph264depay name=depay0 ! h264parse ! video/x-h264,stream-format=byte-stream,alignment=au ! "
    "avdec_h264 name=decoder ! videoconvert ! video/x-raw,format=GRAY8 ! identity name=seen ! fakesink sync=false )"
)


class Recorder(GstRtspServer.RTSPMediaFactory):
    """Takes one stream, decodes it, and says of each picture how bright it is."""

    def __init__(self):
        super().__init__()
        self.set_launch(TAKE)
        self.set_transport_mode(GstRtspServer.RTSPTransportMode.RECORD)
        self.set_latency(0)
        self.pictures = 0

    def do_configure(self, media):
        media.get_element().get_by_name("seen").connect("handoff", self.saw)

    def saw(self, _element, buffer):
        self.pictures += 1
        data = buffer.extract_dup(0, buffer.get_size())
        digest = hashlib.sha256(data).hexdigest()[:16]
        print(f"picture {self.pictures} {max(data) - min(data)} {digest}", flush=True)


def main():
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(sys.argv[1])
    server.get_mount_points().add_factory("/north-gate", Recorder())
    if server.attach(None) == 0:
        sys.exit("the port can't be used")
    print(f"rtsp://127.0.0.1:{server.get_bound_port()}/north-gate", flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
