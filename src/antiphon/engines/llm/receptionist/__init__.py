"""The parts of the scripted receptionist; only its engine file imports them.

`tokens` and `cues` find words, `intents` and `hearing` tell what a caller's turn says, `calendar` knows when the
practice is open, `memory` is what is kept between turns, `exchange` holds one turn in the making, `agenda` knows what
each task still needs, `policy` decides the reply, and `wording` has every sentence that is said.
"""
