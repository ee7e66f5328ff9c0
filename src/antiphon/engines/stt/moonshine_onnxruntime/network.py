"""The recogniser's two networks in onnxruntime, one step at a time."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from antiphon.events.speech import Samples

HEADS, HEAD_SIZE = 8, 36
_NO_STATES = np.zeros((1, 1, HEADS * HEAD_SIZE), np.float32)


@dataclass(slots=True, eq=False)
class Memory:
    """What the decoder remembers of one recording.

    Attributes:
        mask: int64 [1, n], a one for each sample.
        sound: keys and values of the recording, float32 [1, 8, frames, 36]; every beam shares them.
        said: keys and values of the tokens so far, float32 [beams, 8, tokens, 36].
    """

    mask: npt.NDArray[np.int64]
    sound: dict[str, Samples]
    said: dict[str, Samples] = field(default_factory=dict)

    def keep(self, beams: npt.NDArray[np.intp]) -> None:
        """Go on with these beams, in this order."""
        if not np.array_equal(beams, np.arange(len(next(iter(self.said.values()))))):
            self.said = {name: state[beams] for name, state in self.said.items()}


class Network:
    """Encoder and decoder. `run` frees the GIL, so one network serves several threads."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3

        def session(name: str) -> Any:
            return onnxruntime.InferenceSession(str(folder / name), options, providers=["CPUExecutionProvider"])

        self._encoder, self._decoder = session("encoder_model.ort"), session("decoder_model_merged.ort")
        self._past = [i.name for i in self._decoder.get_inputs() if i.name.startswith("past")]
        self._first = ["logits", *(_present(n) for n in self._past)]
        self._next = ["logits", *(_present(n) for n in self._past if "decoder" in n)]

    def listen(self, samples: Samples) -> tuple[Memory, Samples]:
        """Encode a recording, float32 [n] at 16 kHz; its memory, and the logits [1, vocabulary] of the first token."""
        mask = np.ones((1, len(samples)), np.int64)
        states = self._encoder.run(None, {"input_values": samples[None], "attention_mask": mask})[0]
        nothing = np.zeros((1, HEADS, 0, HEAD_SIZE), np.float32)
        feed = dict.fromkeys(self._past, nothing) | _step_inputs(mask, states, np.array([1]), cached=False)
        logits, *present = self._decoder.run(self._first, feed)
        past = dict(zip(self._past, present, strict=True))
        memory = Memory(mask, {n: v for n, v in past.items() if "encoder" in n})
        memory.said = {n: v for n, v in past.items() if "decoder" in n}
        return memory, logits[:, -1]

    def step(self, memory: Memory, tokens: npt.NDArray[np.int64]) -> Samples:
        """Say one more token in each beam, int64 [beams]; the logits [beams, vocabulary] of the tokens after.

        The keys and values of the sound keep a batch axis of one: the decoder broadcasts them (identical logits,
        a fifth less time than repeating them for each beam), and looks at the encoder's states in its first step only.
        """
        feed = memory.sound | memory.said | _step_inputs(memory.mask, _NO_STATES, tokens, cached=True)
        logits, *present = self._decoder.run(self._next, feed)
        memory.said = dict(zip(memory.said, present, strict=True))
        return np.asarray(logits[:, -1])


def _present(name: str) -> str:
    return name.replace("past_key_values", "present")


def _step_inputs(mask: Any, states: Any, tokens: npt.NDArray[np.int64], *, cached: bool) -> dict[str, Any]:
    return {
        "encoder_attention_mask": mask,
        "encoder_hidden_states": states,
        "input_ids": tokens[:, None],
        "use_cache_branch": np.array([cached]),
    }
