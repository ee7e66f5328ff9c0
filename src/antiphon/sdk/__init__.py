"""What an application needs to use Antiphon's speech-to-text over the network.

One server, from asynchronous code:

    async with Client("http://127.0.0.1:8081", api_key="…") as client:
        heard = await client.transcribe(Path("order.wav"), language="en", deadline_s=10)
        print(heard.text, heard.confidence)

Several servers, of which the least loaded is asked and broken ones are left alone: `STTPool`, with the same
`transcribe`. From a script without an event loop: `SyncClient`. While somebody speaks: `ListenStream`. Errors are those
of `antiphon.errors`; each carries the `request_id` of the call and, in `told`, the headers that explain it.
"""

from antiphon.sdk.calls import CallRecord
from antiphon.sdk.client import Client
from antiphon.sdk.latency import Latency, LatencySnapshot
from antiphon.sdk.pool import STTPool
from antiphon.sdk.recordings import Recording
from antiphon.sdk.retries import Retries
from antiphon.sdk.servers import PoolSettings, ServerSnapshot
from antiphon.sdk.streams import ListenStream
from antiphon.sdk.sync import SyncClient
from antiphon.sdk.transcription import Health, ModelInfo, Transcription

__all__ = [
    "CallRecord",
    "Client",
    "Health",
    "Latency",
    "LatencySnapshot",
    "ListenStream",
    "ModelInfo",
    "PoolSettings",
    "Recording",
    "Retries",
    "STTPool",
    "ServerSnapshot",
    "SyncClient",
    "Transcription",
]
