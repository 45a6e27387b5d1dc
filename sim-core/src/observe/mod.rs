//! Counters, histograms, time-weighted means, series and the digest.
