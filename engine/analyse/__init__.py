"""What a change of the rules does: replay, difference, proof, calendar."""
