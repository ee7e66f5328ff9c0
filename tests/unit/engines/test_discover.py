"""Finding engines: cards without heavy imports, reasons that say what to do, and what `auto` means."""

import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import pytest

from antiphon.engines import discover
from antiphon.engines.discover import Engine, choose, engines, find, why_not
from antiphon.errors import EngineUnavailable, NotFound
from antiphon.ports.card import Card, Port

RUNTIMES = ("onnxruntime", "ctranslate2", "faster_whisper", "pocketsphinx", "moonshine_voice", "espeakng_loader")


def nowhere(name: str) -> Path:
    raise EngineUnavailable(f"{name} is not here: fetch it")


def everywhere(name: str) -> Path:
    return Path(name)


def engine(name: str, **card: object) -> Engine:
    module = ModuleType(name)
    return Engine(replace(Card(name, Port.STT, "a test"), **card), module)  # type: ignore[arg-type]


def test_reading_all_cards_imports_no_runtime() -> None:
    code = (
        "import sys; from antiphon.engines.discover import cards; assert cards();"
        f"print([m for m in {RUNTIMES!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_engine_module_keeps_the_contract() -> None:
    for found in engines():
        assert found.card.summary
        assert callable(found.module.load)
        assert found.module.Options.__dataclass_params__.frozen


def test_unknown_engine_names_those_there_are() -> None:
    with pytest.raises(NotFound, match="moonshine"):
        find(Port.STT, "nonsense")


def test_missing_module_names_the_extra() -> None:
    card = Card("x", Port.STT, "a test", requires=("no_such_module",), extra="embedded")
    assert why_not(card, everywhere) == "no_such_module cannot be imported: pip install 'antiphon[embedded]'"


def test_missing_weights_say_what_to_do() -> None:
    assert why_not(Card("x", Port.STT, "a test", model="w"), nowhere) == "w is not here: fetch it"
    assert why_not(Card("x", Port.STT, "a test", model="w"), everywhere) == ""


def test_auto_prefers_whisper_where_a_model_is_at_hand_and_says_why_not_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = (engine("faster-whisper", model="whisper"), engine("moonshine"))
    monkeypatch.setattr(discover, "engines", lambda: there)
    assert choose(Port.STT, everywhere).engine is there[0]
    choice = choose(Port.STT, nowhere)
    assert choice.engine is there[1]
    assert choice.reason == "moonshine, not faster-whisper: whisper is not here: fetch it"


def test_auto_without_any_usable_engine_says_why_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discover, "engines", lambda: (engine("moonshine", model="w"),))
    with pytest.raises(EngineUnavailable, match="moonshine: w is not here"):
        choose(Port.STT, nowhere)


def test_entry_points_bring_engines_from_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("elsewhere")
    module.CARD = Card("elsewhere", Port.STT, "from another distribution")  # type: ignore[attr-defined]

    @dataclass
    class Entry:
        value: str = "elsewhere"

        def load(self) -> ModuleType:
            return module

    monkeypatch.setattr(discover, "entry_points", lambda group: [Entry()])
    assert find(Port.STT, "elsewhere").module is module


def test_two_engines_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("twin")
    module.CARD = find(Port.STT, "moonshine").card  # type: ignore[attr-defined]

    @dataclass
    class Entry:
        value: str = "twin"

        def load(self) -> ModuleType:
            return module

    monkeypatch.setattr(discover, "entry_points", lambda group: [Entry()])
    with pytest.raises(EngineUnavailable, match="call themselves moonshine"):
        engines()
