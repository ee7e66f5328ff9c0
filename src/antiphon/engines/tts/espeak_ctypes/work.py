"""What runs in a worker process: the library through ctypes, one piece of text after the other.

Source: espeak-ng 1.52, src/include/espeak-ng/speak_lib.h (numbers, structures and the meaning of events).
"""

import ctypes
from collections.abc import Callable
from functools import partial
from typing import Any

from antiphon.errors import BadInput, EngineUnavailable

RATE_HZ = 22_050

_SYNCHRONOUS = 2  # mode 1 (retrieval) crashed under load
_BUFFER_MS = 200
_DO_NOT_EXIT = 0x8000
_UTF8, _END_PAUSE = 0x1, 0x1000  # without 0x10 SSML is not read, without 0x100 nor are [[phonemes]]
_RATE_PARAMETER = 1
_EVENT_END_OF_LIST, _EVENT_WORD = 0, 1


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


def synthesizer() -> Callable[[Any, memoryview], tuple[Any, bytearray]]:
    """The work of a worker process: `[voice, words a minute, text]` to word events and int16 samples.

    Raises:
        EngineUnavailable: the library did not start as it should.
    """
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    data = str(espeakng_loader.get_data_path()).encode()
    rate_hz = library.espeak_Initialize(_SYNCHRONOUS, _BUFFER_MS, data, _DO_NOT_EXIT)
    if rate_hz != RATE_HZ:
        raise EngineUnavailable(f"speech: espeak-ng did not start (its sample rate is {rate_hz}, expected {RATE_HZ})")
    library.espeak_Synth.argtypes = [ctypes.c_char_p, ctypes.c_size_t, *[ctypes.c_uint] * 4, *[ctypes.c_void_p] * 2]
    return partial(_speak, library)


def _speak(library: ctypes.CDLL, order: list[Any], _: memoryview) -> tuple[list[list[int]], bytearray]:
    """Word events [start, length, sample] (characters from 0) and samples of one piece of text."""
    voice, pace, text = order
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        raise BadInput(f"espeak-ng has no voice {voice!r}.", code="unknown_voice", param="voice")
    library.espeak_SetParameter(_RATE_PARAMETER, pace, 0)
    samples, words = bytearray(), []

    def receive(sound: Any, count: int, events: Any) -> int:
        if sound and count > 0:
            samples.extend(ctypes.string_at(sound, 2 * count))
        at = 0
        while events[at].type != _EVENT_END_OF_LIST:
            event = events[at]
            if event.type == _EVENT_WORD:
                words.append([event.text_position - 1, event.length, event.audio_position * RATE_HZ // 1000])
            at += 1
        return 0

    callback = _Callback(receive)  # held by this name until the synthesis is over
    library.espeak_SetSynthCallback(callback)
    encoded = text.encode()
    status = library.espeak_Synth(encoded, len(encoded) + 1, 0, 1, 0, _UTF8 | _END_PAUSE, None, None)
    if status != 0:
        raise RuntimeError(f"espeak_Synth failed with {status}")
    return words, samples
