"""Demo: the honest outside world on loopback, so that a demo and the tests run on real parts."""
