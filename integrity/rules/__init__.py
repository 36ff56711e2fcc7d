"""What a finding is and when one is made: the catalogue of detectors with its settings, the null of the peers."""
