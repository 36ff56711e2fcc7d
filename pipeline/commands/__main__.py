"""`python -m pipeline.commands`: the same as `wenxiao`, where the script is not on the path."""

from pipeline.commands import main

main(prog_name="wenxiao")
