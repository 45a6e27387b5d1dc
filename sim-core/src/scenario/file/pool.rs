//! `pools`: connections that the processes of a service keep to another one.

use super::distribution::DistFile;
use crate::scenario::like::library_names;
use crate::scenario::read::{At, Limit, choices, file_map};
use crate::scenario::value::{Count, Reference};
use crate::time::SimDuration;

library_names! {
    /// A library whose pool has a table.
    PoolLike = POOLS;
}

file_map! {
    /// Connections to a service, which each process of a service that uses them keeps for itself. A step
    /// takes one with `with: { pool: NAME, steps: [..] }`, a single call with `pool: NAME`; who finds none
    /// free waits, and after `max_wait` ends with `stopped.pool_timeout`. Calls over a connection go to the
    /// instance to which it leads. That one is chosen by the `balance` of the service, `zone` included; a
    /// connection has no key, so instances of a `ring` come in turn.
    PoolFile {
        /// The library whose pool it is like: its settings stand in for the keys that are missing
        /// here.
        like: PoolLike, optional;
        /// The service to which the connections lead.
        to: At<Reference>, required;
        /// Most connections, those being opened included.
        size: At<Limit<Count<1, 100_000_000>>>, required;
        /// Free connections below which more are opened; so many there are at the start.
        min_idle: At<Count<0, 100_000_000>>, default "0";
        /// Free connections beyond which one that comes back is closed.
        max_idle: At<Limit<Count<0, 100_000_000>>>, default "unlimited";
        /// How long one waits for a connection at most.
        max_wait: At<Limit<SimDuration>>, required;
        /// Who is served next of those who wait.
        order: PoolOrderFile, default "fifo";
        /// Whether a newcomer may take a free connection while others wait.
        overtaking: bool, default "true";
        /// Which free connection is given out.
        reuse: ReuseFile, default "newest";
        /// How connections are opened: for those who wait, and up to `min_idle`.
        open: OpenFile, default "{}";
        /// How old a connection may become: it is closed when it comes back, or while it is free.
        max_age: At<Limit<DistFile>>, default "unlimited";
        /// How long more than `min_idle` connections stay free.
        idle: At<Limit<SimDuration>>, default "unlimited";
        /// Whether a connection is tried before use, by a round trip.
        check: CheckFile, optional;
    }
}

choices! {
    /// Who is served next of those who wait for a connection.
    PoolOrderFile {
        /// Who has waited longest.
        fifo = Fifo;
        /// Who came last.
        lifo = Lifo;
        /// Anyone, each with the same chance.
        random = Random;
    }
}

choices! {
    /// Which free connection is given out.
    ReuseFile {
        /// The one that came back last: the others grow old.
        newest = Newest;
        /// The one that came back first: all are used alike.
        oldest = Oldest;
    }
}

file_map! {
    /// How connections are opened: to an instance that the service's `balance` chooses, by a round trip
    /// and `time`.
    OpenFile {
        /// Time to log in, besides the round trip.
        time: DistFile, default "0s";
        /// Most that are being opened at once.
        at_once: Limit<Count<1, 100_000_000>>, default "unlimited";
        /// How long none is opened after one has been.
        pause: SimDuration, default "0s";
        /// How long none is opened after one could not be, unless `on_failure: fail`.
        retry: RetryOpenFile, default "1s";
        /// When an opening is given up.
        timeout: At<Limit<SimDuration>>, default "10s";
        /// What an opening that failed means to those who wait.
        on_failure: OnOpenFailureFile, default "wait";
        /// Who gets a connection that was opened because somebody found none.
        serves: At<OpenServesFile>, default "line";
    }
}

file_map! {
    /// How long none is opened after one could not be; doubles with each failure in a row.
    RetryOpenFile short initial {
        /// After the first.
        initial: At<SimDuration>, required;
        /// The most that it doubles to; default: it does not.
        max: At<SimDuration>, optional;
    }
}

choices! {
    /// What an opening that failed means to those who wait.
    OnOpenFailureFile {
        /// They wait on, for the next one.
        wait = Wait;
        /// The one for whom it was opened fails with it, with `error.refused`, unless another
        /// connection came first; each who finds none opens one, whatever others wait for.
        fail = Fail;
    }
}

choices! {
    /// Who gets a connection that was opened because somebody found none.
    OpenServesFile {
        /// Who is next in line; and who opened it may be served earlier, by one that comes back
        /// (`HikariCP`, `PgBouncer`, Go's net/http).
        line = Line;
        /// Who opened it and no other: he has left the line, waits for it until `open.timeout`, and is
        /// passed by those who get what comes back (Go's database/sql, node-postgres, `SQLAlchemy`).
        /// Needs `on_failure: fail`.
        asker = Asker;
    }
}

file_map! {
    /// Whether a connection is tried before use.
    CheckFile short idle {
        /// One that has been free for longer is.
        idle: SimDuration, required;
    }
}
