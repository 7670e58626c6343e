"""Referrals: chains of who brought whom, loops in them, and one customer's tree."""

from graphcrm.referrals.chains import chains
from graphcrm.referrals.loops import loops
from graphcrm.referrals.tree import tree
from graphcrm.referrals.verbs import Referrals

__all__ = ["Referrals", "chains", "loops", "tree"]
