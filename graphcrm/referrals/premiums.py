"""Premium in force of those who were brought, currencies kept apart."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.referrals.network import Adjacency, Ints, Network, adjacency, keys_of
from graphcrm.store import Store

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Premiums:
    """Sums of premium by customer and currency.

    `rows` leads from a customer to positions of `currency` (an index into `currencies`, which are
    sorted), `policies` and `amount` (premium per year).
    """

    rows: Adjacency
    currencies: pa.Array
    currency: Ints
    policies: Ints
    amount: Floats

    def total(self, owner: Ints, node: Ints, owners: int) -> pa.Table:
        """The premium of each owner's nodes: premium, currency, other_currencies; `owners` rows.

        Amounts of different currencies are never added. `currency` is that of the most policies
        (amounts don't compare without a rate), of equally many the one with the greater amount;
        it is null, with a premium of 0, where no policy is in force.
        """
        at, row = self.rows.spread(node)
        kinds = max(len(self.currencies), 1)
        key, position = np.unique(owner[at] * kinds + self.currency[row], return_inverse=True)
        amount = np.bincount(position, self.amount[row], len(key))
        policies = np.bincount(position, self.policies[row], len(key))
        whose, currency = key // kinds, key % kinds
        order = np.lexsort((currency, -amount, -policies, whose))
        whose, currency, amount = whose[order], currency[order], amount[order]
        first = np.ones(len(whose), bool)
        first[1:] = whose[1:] != whose[:-1]
        premium, main = np.zeros(owners), np.full(owners, -1, np.int64)
        premium[whose[first]] = np.round(amount[first], 2)
        main[whose[first]] = currency[first]
        several = np.bincount(whose, minlength=owners) > 1
        return pa.table(
            {
                "premium": pa.array(premium),
                "currency": self.currencies.take(pa.array(main, mask=main < 0)),
                "other_currencies": pa.array(several),
            }
        )


def read_premiums(store: Store, network: Network) -> Premiums:
    """The premiums of the question `referral_premiums`, for the customers of the network."""
    table = store.query("referral_premiums").combine_chunks()
    theirs = keys_of(network.labels, network.ids)
    node = pc.index_in(keys_of(table["label"], table["id"]), value_set=theirs)
    known = pc.is_valid(node)
    table = table.filter(known)
    at = node.filter(known).to_numpy().astype(np.int64)
    order = np.argsort(at, kind="stable")
    codes = table["currency"].combine_chunks().dictionary_encode()
    by_name = pc.array_sort_indices(codes.dictionary)
    rank = np.argsort(by_name.to_numpy()).astype(np.int64)
    currency = rank[codes.indices.to_numpy()] if len(at) else np.zeros(0, np.int64)
    return Premiums(
        adjacency(at, at, network.size),
        codes.dictionary.take(by_name),
        currency[order],
        table["policies"].to_numpy()[order],
        table["premium"].fill_null(0.0).to_numpy()[order],
    )
