"""The demonstration city 海川市: invented units, demands and answers, written as the spreadsheets offices export.

Everything follows from one seed, byte for byte. What is wrong in it on purpose stands in `irregularities.toml`, each
with the unit that carries it; `pipeline.demo.plants` applies that table. The files are then imported like any upload.
"""
