-- What debt_intervals contributes to collection, as its post-hook adds it on a full build.
{{ collection_contributions(ref('debt_intervals'), 1) }}
