"""The last stages for large programs: single operations become operations on arrays."""
