//! What other tools call the keys of this format.
//!
//! Somebody who knows resilience4j, Polly, Envoy, Kubernetes or a load generator writes its words
//! first. They are compared without case, `_` and `-`; where several keys have a word in common, that
//! which the map knows is meant.

/// A unit that stood in a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unit(pub(super) &'static str);

/// A key without case and signs.
pub(super) fn plain(key: &str) -> String {
    let letters = key.chars().filter(|c| !matches!(c, '_' | '-' | ' ' | '.'));
    letters.flat_map(char::to_lowercase).collect()
}

/// The same without a unit of time at its end.
pub(super) fn without_unit(word: &str) -> (&str, Option<Unit>) {
    const UNITS: [(&str, &str); 10] = [
        ("milliseconds", "ms"),
        ("millis", "ms"),
        ("msec", "ms"),
        ("inms", "ms"),
        ("ms", "ms"),
        ("inseconds", "s"),
        ("seconds", "s"),
        ("secs", "s"),
        ("sec", "s"),
        ("minutes", "m"),
    ];
    for (ending, unit) in UNITS {
        if let Some(rest) = word.strip_suffix(ending).filter(|rest| rest.len() > 1) {
            return (rest, Some(Unit(unit)));
        }
    }
    (word, None)
}

/// The keys that others call so.
pub(super) fn ours(word: &str) -> impl Iterator<Item = &'static str> {
    let rows = WORDS.iter();
    rows.filter(move |(_, theirs)| theirs.split_whitespace().any(|it| it == word))
        .map(|(ours, _)| *ours)
}

/// A key, and what others call it.
const WORDS: &[(&str, &str)] = &[
    // A scenario and its run.
    ("scenario", "name id"),
    ("question", "description summary"),
    (
        "expect",
        "expectations asserts assertions checks slo slos thresholds goals",
    ),
    ("duration", "time length runtime until end"),
    ("warmup", "rampup warmuptime"),
    ("seed", "randomseed"),
    // Clients.
    (
        "rate",
        "rps qps tps requestspersecond throughput arrivalrate lambda frequency",
    ),
    ("arrivals", "load traffic rps qps tps rate"),
    ("users", "vus virtualusers concurrency"),
    ("count", "vus number concurrency"),
    ("think_time", "thinktime pacing delay pause"),
    ("calls", "target targets endpoint url destination to call"),
    ("to", "target url endpoint destination upstream"),
    ("policy", "policies resilience"),
    // Services.
    (
        "instances",
        "replicas copies pods nodes hosts servers scale machines",
    ),
    (
        "threads",
        "workers threadpool poolsize maxthreads pool concurrency",
    ),
    (
        "queue",
        "queuesize queuecapacity backlog buffer queuelength",
    ),
    ("capacity", "size length maxsize limit depth queuesize max"),
    ("cores", "cpu cpus vcpu vcpus"),
    ("zones", "zone availabilityzones az azs"),
    ("discipline", "scheduling ordering"),
    ("admission", "ratelimit ratelimiter loadshedding protection"),
    (
        "operations",
        "endpoints routes methods handlers functions apis",
    ),
    ("steps", "do actions body"),
    (
        "work",
        "sleep delay latency servicetime responsetime processingtime duration cpu compute",
    ),
    ("call", "request http rpc grpc invoke"),
    ("fail", "error throw raise abort"),
    ("repeat", "loop for times"),
    ("parallel", "fanout concurrent all"),
    ("branch", "switch choice if random"),
    ("mean", "avg average expected"),
    ("sd", "stddev std deviation standarddeviation"),
    ("low", "min minimum"),
    ("high", "max maximum"),
    // Layers.
    (
        "timeout",
        "deadline timelimit timelimiter requesttimeout responsetimeout",
    ),
    ("retry", "retries retrypolicy retrystrategy attempts"),
    ("circuit_breaker", "breaker cb outlierdetection circuit"),
    (
        "bulkhead",
        "semaphore concurrencylimit concurrencylimiter isolation",
    ),
    (
        "rate_limit",
        "ratelimiter throttle throttling limiter quota",
    ),
    ("hedge", "hedging hedged speculative backuprequest"),
    ("balance", "loadbalancer loadbalancing lb lbpolicy balancer"),
    // Timeouts.
    (
        "after",
        "timeout limit value duration delay timelimit deadline requesttimeout pertrytimeout",
    ),
    ("connect", "connecttimeout connectiontimeout"),
    // Retries.
    (
        "max_retries",
        "retries maxretryattempts retrycount numretries retrylimit times",
    ),
    (
        "max_attempts",
        "attempts tries maxtries stopafterattempt count limit maxattempt",
    ),
    (
        "backoff",
        "delay wait waitduration sleep interval pause backoffpolicy retryinterval",
    ),
    (
        "initial",
        "initialinterval initialbackoff initialdelay basedelay baseinterval base delay interval min \
         mindelay minbackoff start first",
    ),
    (
        "factor",
        "multiplier backoffmultiplier exponentialbase exponent growth rate times slowdown",
    ),
    (
        "max",
        "maxbackoff maxinterval maxdelay maxwait cap limit maximum",
    ),
    (
        "jitter",
        "jitterfactor randomizationfactor randomness randomizedwaitfactor",
    ),
    (
        "on",
        "retryon retryonstatus retryexceptions retryableerrors conditions handle when",
    ),
    ("not_on", "ignoreexceptions ignored except unless"),
    (
        "max_elapsed",
        "maxelapsedtime totaltimeout deadline maxduration stopafterdelay",
    ),
    ("budget", "retrybudget"),
    // Breakers.
    (
        "failure_rate",
        "failureratethreshold errorthresholdpercentage failureratio errorrate errorpercentage \
         threshold failurethreshold errorthreshold",
    ),
    (
        "consecutive_failures",
        "consecutiveerrors consecutive5xxerrors consecutive5xx failmax maxfailures",
    ),
    (
        "failures",
        "failurecount maxfailures errors failurethreshold failurethresholdcount",
    ),
    (
        "window",
        "slidingwindowsize slidingwindow windowsize samplingduration rollingwindow interval",
    ),
    (
        "minimum_calls",
        "minimumnumberofcalls minimumthroughput requestvolumethreshold volumethreshold minrequests \
         minimumrequests mincalls",
    ),
    (
        "open_for",
        "waitdurationinopenstate breakduration durationofbreak sleepwindow resettimeout cooldown \
         openduration baseejectiontime timeout recoverytimeout",
    ),
    (
        "half_open_calls",
        "permittednumberofcallsinhalfopenstate halfopenmaxcalls maxrequests probes halfopenrequests",
    ),
    (
        "failure_on",
        "recordexceptions expectedexception shouldhandle",
    ),
    ("ignore", "ignoreexceptions exclude ignored"),
    ("slow_call_rate", "slowcallratethreshold"),
    ("slow_call_duration", "slowcalldurationthreshold"),
    ("time", "duration span seconds"),
    // Bulkheads and rate limits.
    (
        "max_concurrent",
        "maxconcurrentcalls maxparallelization maxconcurrency maxconcurrentrequests permitlimit limit \
         size concurrency permits maxconnections",
    ),
    (
        "max_waiting",
        "queuesize maxqueue maxqueuingactions maxpendingrequests queuelimit queue",
    ),
    (
        "max_wait",
        "maxwaitduration waittimeout timeoutduration queuetimeout timeout connectiontimeout \
         acquiretimeout borrowtimeout pooltimeout querywaittimeout",
    ),
    (
        "permits",
        "limitforperiod limit rate tokens requestsperunit maxtokens permitlimit tokensperperiod rps \
         qps requests max",
    ),
    (
        "period",
        "limitrefreshperiod window interval per unit replenishmentperiod timewindow",
    ),
    ("burst", "bucketsize capacity burstsize maxtokens"),
    // Hedges and fallbacks.
    ("delay", "hedgingdelay after wait hedgedelay initialdelay"),
    (
        "max_hedges",
        "maxhedgedattempts attempts maxattempts hedges count",
    ),
    ("answer", "value default response return"),
    // Lives, health and ejection.
    (
        "lifecycle",
        "termination shutdown graceperiod terminationgraceperiod",
    ),
    (
        "grace",
        "terminationgraceperiod gracefulshutdown shutdowntimeout stopgraceperiod stoptimeout",
    ),
    ("drain", "prestop lameduck"),
    ("startup", "starttime startuptime boottime"),
    ("membership", "discovery servicediscovery endpoints"),
    ("propagation", "propagationdelay discoverydelay"),
    ("refresh", "ttl dnsttl refreshinterval"),
    ("panic_below", "panicthreshold healthypanicthreshold"),
    (
        "health",
        "livenessprobe readinessprobe startupprobe probe probes healthcheck healthchecks",
    ),
    ("fails", "failurethreshold unhealthythreshold fall maxfails"),
    ("passes", "successthreshold healthythreshold rise"),
    ("ejection", "outlierdetection outlierejection outlier"),
    ("max_ejected", "maxejectionpercent"),
    ("sweep", "interval"),
    // Pools.
    ("pools", "pool connectionpools datasources"),
    (
        "size",
        "maxpoolsize maximumpoolsize poolsize defaultpoolsize maxopenconns maxconnections maxtotal max",
    ),
    (
        "min_idle",
        "minimumidle minpoolsize minimumpoolsize minconnections min",
    ),
    ("max_idle", "maxidleconns maxidle"),
    (
        "max_age",
        "maxlifetime connmaxlifetime serverlifetime poolrecycle",
    ),
    ("idle", "idletimeout connmaxidletime serveridletimeout"),
    // Networks and faults.
    ("latency", "delay rtt ping roundtrip"),
    ("loss", "packetloss drop"),
    (
        "for",
        "duration length lasts during lasting baseejectiontime",
    ),
    ("at", "start begin begins starttime when startat"),
    ("every", "interval period repeat cycle"),
    (
        "share",
        "percentage percent probability rate ratio chance p fraction weight",
    ),
    ("slow", "slowdown degrade degradation"),
    ("errors", "error errorrate failures abort fail"),
    ("crash", "kill down outage die stop restart terminate"),
    ("pause", "freeze hang stall gc"),
    ("partition", "split disconnect blackhole"),
    ("service", "target upstream"),
    ("add", "delay by latency"),
    ("kind", "type code status"),
    ("at_least", "min minimum above over gte ge"),
    ("at_most", "max maximum below under lte le"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_plain_and_each_key_has_one_row() {
        for (index, (ours, theirs)) in WORDS.iter().enumerate() {
            let same = WORDS.iter().position(|row| row.0 == *ours);
            assert_eq!(same, Some(index), "{ours}");
            for word in theirs.split_whitespace() {
                assert_eq!(plain(word), word);
            }
        }
    }

    #[test]
    fn words_of_platforms_and_pools_are_known() {
        for (theirs, key) in [
            ("terminationGracePeriod", "grace"),
            ("preStop", "drain"),
            ("failureThreshold", "fails"),
            ("successThreshold", "passes"),
            ("maximumPoolSize", "size"),
            ("maxLifetime", "max_age"),
            ("connectionTimeout", "max_wait"),
        ] {
            assert!(ours(&plain(theirs)).any(|it| it == key), "{theirs}");
        }
    }

    #[test]
    fn units_are_taken_off_keys() {
        assert_eq!(without_unit("timeoutms"), ("timeout", Some(Unit("ms"))));
        assert_eq!(without_unit("delayseconds"), ("delay", Some(Unit("s"))));
        assert_eq!(without_unit("rms"), ("rms", None));
    }
}
