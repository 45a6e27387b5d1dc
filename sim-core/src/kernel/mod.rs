//! The future-event list and the run loop, generic over the event.
