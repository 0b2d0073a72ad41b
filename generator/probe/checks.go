package probe

// Check is one thing that a Prober looks at.
type Check struct{ Name, About string }

// The names of the checks.
const (
	values           = "values"
	resolve          = "resolve"
	reach            = "reach"
	secure           = "tls"
	login            = "login"
	selects          = "select"
	sentinelReach    = "sentinel-reach"
	sentinelLogin    = "sentinel-login"
	sentinelGroup    = "sentinel-group"
	sentinelAgree    = "sentinel-agree"
	sentinelQuorum   = "sentinel-quorum"
	sentinelReplicas = "sentinel-replicas"
	announced        = "announced"
	role             = "role"
	cluster          = "cluster"
	version          = "version"
	eviction         = "eviction"
	persistence      = "persistence"
	memory           = "memory"
	commands         = "commands"
	latency          = "latency"
	collision        = "collision"
)

// Checks are all checks in the order in which they are made.
var Checks = []Check{
	{values, "the programs of the release take the values of the Secrets as they stand, and agree on them"},
	{sentinelReach, "each Sentinel can be reached and speaks Redis; one that is down is a warning as long as the programs pass over it"},
	{sentinelLogin, "each Sentinel accepts the user name and the password, or wants none: the programs stop at the first that refuses them"},
	{sentinelGroup, "each Sentinel knows the master group"},
	{sentinelAgree, "all Sentinels name the same master"},
	{sentinelQuorum, "enough Sentinels are up to agree on a failover"},
	{sentinelReplicas, "at least one replica can take over: it is up, its priority is not 0, it is connected to the master, and the master sees it too"},
	{announced, "the addresses that the Sentinels announce, of replicas and of other Sentinels, can be reached from here with the same credentials"},
	{resolve, "the name of the host resolves"},
	{reach, "the server accepts a connection and speaks Redis"},
	{secure, "the TLS handshake succeeds, the CA holds the root, and the certificate does not end within 30 days"},
	{login, "the server accepts the user name and the password, or wants none"},
	{selects, "the database can be selected"},
	{role, "the server is a master"},
	{cluster, "the server does not run in cluster mode, which no program of 3scale supports"},
	{version, "the version is at least what the release needs"},
	{eviction, "maxmemory-policy is noeviction: anything else deletes jobs and application keys"},
	{persistence, "the server writes to disk: AOF or RDB"},
	{memory, "no more than 80 % of maxmemory is used"},
	{commands, "the user may run each command that the programs send, on each kind of key"},
	{latency, "p50 and p99 of 100 pings"},
	{collision, "no two databases are the same one"},
}
