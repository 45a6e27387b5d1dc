//! The rate limits of libraries and proxies. Only resilience4j says how many calls in how much time;
//! of the others the tables hold how permits come and who waits.

use super::table::{Preset, Row, row};

/// All rate limits, by name.
pub(in crate::scenario) const RATE_LIMITS: &[Preset] = &[
    Preset {
        name: "resilience4j",
        version: "resilience4j 2.4.0, AtomicRateLimiter",
        rows: RESILIENCE4J,
    },
    Preset {
        name: "governor",
        version: "governor 0.10.4, Quota::per_second and check",
        rows: GOVERNOR,
    },
    Preset {
        name: "dotnet-token-bucket",
        version: "System.Threading.RateLimiting (Polly 8's AddRateLimiter), TokenBucketRateLimiter",
        rows: DOTNET_TOKEN_BUCKET,
    },
    Preset {
        name: "dotnet-fixed-window",
        version: "System.Threading.RateLimiting (Polly 8's AddRateLimiter), FixedWindowRateLimiter",
        rows: DOTNET_FIXED_WINDOW,
    },
    Preset {
        name: "dotnet-sliding-window",
        version: "System.Threading.RateLimiting (Polly 8's AddRateLimiter), SlidingWindowRateLimiter",
        rows: DOTNET_SLIDING_WINDOW,
    },
    Preset {
        name: "envoy",
        version: "Envoy before 1.31, local_ratelimit, the token bucket of one Envoy",
        rows: ENVOY,
    },
];

const RESILIENCE4J: &[Row] = &[
    row(
        "algorithm",
        "fixed_cycle",
        "cycles since its making: calculateNextState, AtomicRateLimiter.java",
    ),
    row("permits", "50", "limitForPeriod 50: RateLimiterConfig.java"),
    row(
        "period",
        "500ns",
        "limitRefreshPeriod 500 ns: RateLimiterConfig.java",
    ),
    row(
        "max_wait",
        "5s",
        "timeoutDuration 5 s, a wait of just so long is in time: AtomicRateLimiter.java",
    ),
    row(
        "reservation",
        "true",
        "permissions go below zero: reservePermissions, AtomicRateLimiter.java",
    ),
    row(
        "refusal",
        "after_wait",
        "who is refused sleeps for its timeout: waitForPermissionIfNecessary, AtomicRateLimiter.java",
    ),
];

const GOVERNOR: &[Row] = &[
    row("algorithm", "gcra", "test_and_update: gcra.rs"),
    row(
        "period",
        "1s",
        "Quota::per_second, whose burst is its rate: quota.rs",
    ),
    row(
        "max_wait",
        "0s",
        "check; until_ready waits without a limit: state/direct.rs",
    ),
];

const DOTNET_TOKEN_BUCKET: &[Row] = &[
    row(
        "algorithm",
        "token_bucket",
        "TokenLimit is the burst: TokenBucketRateLimiter.cs",
    ),
    row(
        "refill",
        "steps",
        "TokensPerPeriod at each ReplenishmentPeriod: TokenBucketRateLimiter.cs",
    ),
    UNLIMITED_WAIT,
    NO_QUEUE,
];

const DOTNET_FIXED_WINDOW: &[Row] = &[
    row(
        "algorithm",
        "fixed_cycle",
        "PermitLimit anew at each Window: FixedWindowRateLimiter.cs",
    ),
    UNLIMITED_WAIT,
    NO_QUEUE,
];

const DOTNET_SLIDING_WINDOW: &[Row] = &[
    row(
        "algorithm",
        "sliding_window",
        "segments come back after SegmentsPerWindow: SlidingWindowRateLimiter.cs",
    ),
    UNLIMITED_WAIT,
    NO_QUEUE,
];

const UNLIMITED_WAIT: Row = row(
    "max_wait",
    "unlimited",
    "who is queued waits until it is cancelled: WaitAndAcquireAsyncCore",
);
const NO_QUEUE: Row = row(
    "max_waiting",
    "0",
    "QueueLimit 0, QueueProcessingOrder OldestFirst: the options of the limiter",
);

const ENVOY: &[Row] = &[
    row(
        "algorithm",
        "token_bucket",
        "max_tokens is the burst: type/v3/token_bucket.proto",
    ),
    row(
        "refill",
        "steps",
        "a timer of fill_interval, at least 50 ms: local_ratelimit_impl.cc",
    ),
    row(
        "permits",
        "1",
        "tokens_per_fill 1: type/v3/token_bucket.proto",
    ),
    row("max_wait", "0s", "429 at once: local_ratelimit.cc"),
];
