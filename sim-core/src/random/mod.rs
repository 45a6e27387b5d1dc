//! Random numbers: named ChaCha8 streams, keyed counter-based draws, distributions as data.
