"""Speed as ratios: each bench measures the product and a bare yardstick in one run and prints their quotient."""
