"""HTTP and pages over the engine."""
