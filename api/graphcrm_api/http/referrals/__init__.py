"""Who brought whom: every referral, one customer's tree, and loops."""
