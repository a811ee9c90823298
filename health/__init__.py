"""Health reports for load balancers and operators, of all processes together.

`sections` says what a report has: how a process finds each part of itself, and how those of several are merged.
`checks` has one check per engine, `engines` runs and shares them; `probes` prove that this process serves. `sampler`
samples this process from time to time, `workers` knows the others, which `exchange` shares over Redis. `reports` and
`access` are for the views, and for the page at `/status`: states to anybody, figures to some.
"""
