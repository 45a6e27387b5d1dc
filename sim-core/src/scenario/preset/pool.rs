//! The pools of connections of libraries and products.

use super::table::{Preset, Row, following, row};
use crate::scenario::tree::{Kind, Node};

/// All pools, by name.
pub(in crate::scenario) const POOLS: &[Preset] = &[
    Preset {
        name: "hikaricp",
        version: "HikariCP 604d7d5: HikariConfig, HikariPool, ConcurrentBag",
        rows: HIKARICP,
    },
    Preset {
        name: "pgbouncer",
        version: "PgBouncer 13a344f: doc/config.md, objects.c; one user and database",
        rows: PGBOUNCER,
    },
    Preset {
        name: "go-sql",
        version: "Go database/sql: sql.go",
        rows: GO_SQL,
    },
    Preset {
        name: "node-postgres",
        version: "node-postgres c9e5761: pg-pool/index.js",
        rows: NODE_POSTGRES,
    },
    Preset {
        name: "sqlalchemy",
        version: "SQLAlchemy f35da7e: pool/impl.py, QueuePool",
        rows: SQLALCHEMY,
    },
    Preset {
        name: "httpclient5",
        version: "Apache HttpClient 5 86c313b: PoolingHttpClientConnectionManager, StrictConnPool; one route",
        rows: HTTPCLIENT5,
    },
    Preset {
        name: "go-http",
        version: "Go net/http: Transport, DefaultTransport; one host",
        rows: GO_HTTP,
    },
    Preset {
        name: "okhttp",
        version: "OkHttp 1682d9b: ConnectionPool; synchronous calls, which its dispatcher does not limit",
        rows: OKHTTP,
    },
    Preset {
        name: "undici",
        version: "undici 7eb7c8e: docs/api, Pool",
        rows: UNDICI,
    },
    Preset {
        name: "urllib3",
        version: "urllib3 6a8536b: connectionpool.py; block false",
        rows: URLLIB3,
    },
];

const HIKARICP: &[Row] = &[
    row("size", "10", "maximumPoolSize 10: HikariConfig.java"),
    following(
        row(
            "min_idle",
            "10",
            "minimumIdle, by default as many as maximumPoolSize: HikariConfig.java",
        ),
        size_of,
    ),
    row(
        "max_wait",
        "30s",
        "connectionTimeout 30 s: HikariConfig.java",
    ),
    row(
        "overtaking",
        "true",
        "a newcomer takes what is free before it waits: ConcurrentBag.borrow",
    ),
    row(
        "reuse",
        "newest",
        "the thread's own last one first: ConcurrentBag.borrow",
    ),
    row(
        "open.at_once",
        "1",
        "one adder thread: HikariPool.addConnectionExecutor",
    ),
    row(
        "open.pause",
        "30ms",
        "quietlySleep(30) after each: HikariPool.PoolEntryCreator",
    ),
    row(
        "open.retry",
        "{ initial: 10ms, max: 5s }",
        "backoffMs 10, doubled up to 5 s: HikariPool.PoolEntryCreator",
    ),
    row(
        "open.timeout",
        "30s",
        "login timeout, of connectionTimeout: PoolBase.java",
    ),
    row(
        "max_age",
        "{ uniform: { low: 1755s, high: 30m } }",
        "maxLifetime 30 min less up to 2.5 % (25 % since 28f81da4): HikariPool.createPoolEntry",
    ),
    row(
        "idle",
        "10m",
        "idleTimeout 10 min, which acts only beyond minimumIdle: HikariPool.HouseKeeper",
    ),
    row(
        "check.idle",
        "500ms",
        "aliveBypassWindow 500 ms, tried if idle for longer: HikariPool.getConnection",
    ),
];

const PGBOUNCER: &[Row] = &[
    row("size", "20", "default_pool_size 20: doc/config.md"),
    row("min_idle", "0", "min_pool_size 0: doc/config.md"),
    row("max_wait", "120s", "query_wait_timeout 120: doc/config.md"),
    row("order", "fifo", "waiting_client_list: objects.c"),
    row("reuse", "newest", "server_round_robin 0: doc/config.md"),
    row(
        "open.at_once",
        "1",
        "one login at a time: janitor.c, launch_new_connection",
    ),
    row("open.retry", "15s", "server_login_retry 15: doc/config.md"),
    row(
        "open.timeout",
        "15s",
        "server_connect_timeout 15: doc/config.md",
    ),
    row("max_age", "1h", "server_lifetime 3600: doc/config.md"),
    row("idle", "10m", "server_idle_timeout 600: doc/config.md"),
    row("check.idle", "30s", "server_check_delay 30: doc/config.md"),
];

const GO_SQL: &[Row] = &[
    row("size", "unlimited", "MaxOpenConns 0: sql.go"),
    row("max_idle", "2", "defaultMaxIdleConns 2: sql.go"),
    row("max_wait", "unlimited", "the context's: sql.go, conn"),
    row("order", "random", "connRequestSet.TakeRandom: sql.go"),
    row("reuse", "newest", "the last of freeConn: sql.go, conn"),
    row(
        "open.at_once",
        "unlimited",
        "each asker opens: sql.go, conn",
    ),
    row("open.timeout", "unlimited", "the context's: sql.go, conn"),
    row(
        "open.on_failure",
        "fail",
        "the error goes to the asker: sql.go, conn",
    ),
    row(
        "open.serves",
        "asker",
        "the asker connects himself: sql.go, conn",
    ),
];

const NODE_POSTGRES: &[Row] = &[
    row("size", "10", "max 10: pg-pool/index.js"),
    row(
        "max_wait",
        "unlimited",
        "connectionTimeoutMillis 0: pg-pool/index.js",
    ),
    row("order", "fifo", "_pendingQueue.shift: pg-pool/index.js"),
    row("reuse", "newest", "_idle.pop: pg-pool/index.js"),
    row("open.at_once", "unlimited", "newClient: pg-pool/index.js"),
    row(
        "open.timeout",
        "unlimited",
        "connectionTimeoutMillis 0: pg-pool/index.js",
    ),
    row(
        "open.on_failure",
        "fail",
        "the error goes to the pending item: pg-pool/index.js",
    ),
    row(
        "open.serves",
        "asker",
        "newClient(pendingItem): pg-pool/index.js",
    ),
    row("idle", "10s", "idleTimeoutMillis 10000: pg-pool/index.js"),
];

const SQLALCHEMY: &[Row] = &[
    row(
        "size",
        "15",
        "pool_size 5 and max_overflow 10: pool/impl.py",
    ),
    row(
        "max_idle",
        "5",
        "pool_size 5, what overflows is closed at return: pool/impl.py",
    ),
    row("max_wait", "30s", "timeout 30: pool/impl.py"),
    row(
        "order",
        "fifo",
        "a threading.Condition, which wakes who has waited longest: util/queue.py",
    ),
    row(
        "overtaking",
        "true",
        "a newcomer takes what is there before the woken one runs: util/queue.py",
    ),
    row("reuse", "oldest", "use_lifo False: pool/impl.py"),
    row(
        "open.at_once",
        "unlimited",
        "each asker opens: pool/impl.py",
    ),
    row(
        "open.on_failure",
        "fail",
        "the error goes to the asker: pool/impl.py",
    ),
    row(
        "open.serves",
        "asker",
        "_do_get returns what it created: pool/impl.py",
    ),
];

const HTTPCLIENT5: &[Row] = &[
    row(
        "size",
        "5",
        "DEFAULT_MAX_CONNECTIONS_PER_ROUTE 5: PoolingHttpClientConnectionManager.java",
    ),
    row(
        "max_wait",
        "3m",
        "connectionRequestTimeout 3 min: RequestConfig.java",
    ),
    row("order", "fifo", "leasingRequests: StrictConnPool.java"),
    row(
        "reuse",
        "newest",
        "PoolReusePolicy.LIFO: StrictConnPool.java",
    ),
    row(
        "open.timeout",
        "3m",
        "connectTimeout 3 min: ConnectionConfig.java",
    ),
    row(
        "open.on_failure",
        "fail",
        "the error goes to the request: PoolingHttpClientConnectionManager.java",
    ),
    row(
        "open.serves",
        "asker",
        "the request connects what it leased: InternalHttpClient, ConnectExec",
    ),
];

const GO_HTTP: &[Row] = &[
    row("size", "unlimited", "MaxConnsPerHost 0: transport.go"),
    row(
        "max_idle",
        "2",
        "DefaultMaxIdleConnsPerHost 2: transport.go",
    ),
    row("max_wait", "unlimited", "the context's: transport.go"),
    row("reuse", "newest", "the last of idleConn: transport.go"),
    row("open.timeout", "30s", "Dialer.Timeout 30 s: transport.go"),
    row(
        "open.on_failure",
        "fail",
        "the error goes to the request: transport.go",
    ),
    row(
        "open.serves",
        "line",
        "what becomes idle goes to who dials too: tryPutIdleConn, idleConnWait",
    ),
    row("order", "fifo", "idleConnWait.popFront: transport.go"),
    row("idle", "90s", "IdleConnTimeout 90 s: transport.go"),
];

const OKHTTP: &[Row] = &[
    row("size", "unlimited", "no limit: RealConnectionPool.kt"),
    row("max_idle", "5", "maxIdleConnections 5: ConnectionPool.kt"),
    row("max_wait", "unlimited", "no line: RealConnectionPool.kt"),
    row(
        "open.timeout",
        "10s",
        "connectTimeout 10 s: OkHttpClient.kt",
    ),
    row(
        "open.on_failure",
        "fail",
        "the error goes to the call: ExchangeFinder.kt",
    ),
    row(
        "open.serves",
        "asker",
        "the call connects its own: ExchangeFinder.kt",
    ),
    row("idle", "5m", "keepAliveDuration 5 min: ConnectionPool.kt"),
];

const UNDICI: &[Row] = &[
    row("size", "unlimited", "connections null: Pool.md"),
    row("max_wait", "unlimited", "no line: Pool.md"),
    row("open.timeout", "10s", "connect timeout 10 s: Client.md"),
    row(
        "open.on_failure",
        "fail",
        "the error goes to the request: Client.md",
    ),
    row(
        "open.serves",
        "asker",
        "a request stays with its client: pool-base.js",
    ),
    row("idle", "4s", "keepAliveTimeout 4 s: Client.md"),
];

const URLLIB3: &[Row] = &[
    row("size", "unlimited", "block False: connectionpool.py"),
    row(
        "max_idle",
        "1",
        "maxsize 1, what is beyond is dropped at return: connectionpool.py",
    ),
    row("max_wait", "unlimited", "block False: connectionpool.py"),
    row("reuse", "newest", "LifoQueue: connectionpool.py"),
    row(
        "open.on_failure",
        "fail",
        "the error goes to the request: connectionpool.py",
    ),
    row(
        "open.serves",
        "asker",
        "the request opens its own: connectionpool.py, _get_conn",
    ),
];

/// As many as the size that the scenario says.
fn size_of(pool: &Node) -> Option<String> {
    match &pool.get("size")?.kind {
        Kind::Scalar { text, .. } if text.chars().all(|c| c.is_ascii_digit()) => Some(text.clone()),
        Kind::Scalar { .. } | Kind::List(_) | Kind::Map(_) => None,
    }
}
