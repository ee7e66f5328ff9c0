"""Weights: what is known of them, where they lie on this machine, and whether they are what they should be."""

from antiphon.models.manifest import MANIFEST, HubWeights, Weights
from antiphon.models.store import Store, verify

__all__ = ["MANIFEST", "HubWeights", "Store", "Weights", "verify"]
