package rule_test

import (
	"maps"
	"strconv"
	"strings"
)

// specCase is a rule with a spec that breaks it and a neighbour that does not.
// Both are layers over the spec of the profile in baseSpecs.
type specCase struct {
	rule    string
	profile string
	// release is 2.7 where it is empty; fineRelease is that of the neighbour.
	release, fineRelease string
	broken, fine         string
	// path is where the rule points to.
	path string
}

const fourDatabases = `
    backendStorage: {db: 0}
    backendQueues: {db: 1}
    system: {db: 2}
    messageBus: {db: 3}
`

// baseSpecs are specs that break no rule in 2.7, by profile.
var baseSpecs = map[string]string{
	"sentinel": `
  redis: {masterGroup: mymaster, sentinels: {hosts: [s0, s1, s2]}}
  databases:` + fourDatabases,
	"self-managed": `
  redis: {host: redis.example.com}
  databases:` + fourDatabases,
	"elasticache": `
  redis: {host: prod.abc123.ng.0001.use1.cache.amazonaws.com}
  databases:` + fourDatabases,
	"redis-enterprise": `
  databases:
    backendStorage: {host: r1.example.com}
    backendQueues: {host: r2.example.com}
    system: {host: r3.example.com, namespace: system}
    messageBus: {namespace: bus}
`,
	"internal": "",
}

// PEM texts as they stand in a spec.
var (
	pemCA, pemCertificate, pemKey = strconv.Quote(pems.ca), strconv.Quote(pems.certificate), strconv.Quote(pems.key)

	materialTLS = `{ca: ` + pemCA + `, certificate: ` + pemCertificate + `, key: ` + pemKey + `}`
	withTLS     = `{tls: ` + materialTLS + `}`
)

var specCases = []specCase{
	{
		rule: "endpoint-required", profile: "self-managed", path: "spec.databases.system.host",
		broken: `redis: null, databases: {backendStorage: {host: h}, backendQueues: {host: h}}`,
		fine:   `redis: null, databases: {backendStorage: {host: h}, backendQueues: {host: h}, system: {host: h}}`,
	},
	{
		rule: "endpoint-required", profile: "sentinel", path: "spec.databases.system.masterGroup",
		broken: `redis: {masterGroup: null}, databases: {backendStorage: {masterGroup: g}, backendQueues: {masterGroup: g}}`,
		fine:   `redis: {masterGroup: null}, databases: {backendStorage: {masterGroup: g}, backendQueues: {masterGroup: g}, system: {masterGroup: g}}`,
	},
	{
		rule: "endpoint-ambiguous", profile: "sentinel", path: "spec.redis.host",
		broken: `redis: {host: h}`, fine: `databases: {system: {host: h, password: ""}}`,
	},
	{
		rule: "endpoint-of-profile", profile: "self-managed", path: "spec.databases.system.masterGroup",
		broken: `databases: {system: {masterGroup: g}}`, fine: `databases: {system: {host: g}}`,
	},
	{
		rule: "endpoint-of-profile", profile: "elasticache", path: "spec.redis.sentinels.hosts",
		broken: `redis: {sentinels: {hosts: [a, b, c]}}`,
	},
	{
		rule: "endpoint-needs-own-password", profile: "self-managed", path: "spec.databases.system.password",
		broken: `redis: {password: p}, databases: {system: {host: other}}`,
		fine:   `redis: {password: p}, databases: {system: {host: other, password: q}}`,
	},
	{
		rule: "endpoint-needs-own-password", profile: "sentinel", path: "spec.databases.messageBus.password",
		broken: `databases: {messageBus: {host: other}}`,
		fine:   `databases: {messageBus: {host: other, password: ""}}`,
	},
	{
		rule: "port-with-master-group", profile: "sentinel", path: "spec.redis.port",
		broken: `redis: {port: 6379}`, fine: `databases: {system: {host: h, port: 6379, password: ""}}`,
	},
	{
		rule: "port-with-master-group", profile: "sentinel", path: "spec.databases.system.port",
		broken: `databases: {system: {port: 6379}}`,
	},
	{
		rule: "host-syntax", profile: "self-managed", path: "spec.redis.host",
		broken: `redis: {host: "redis.example.com:6379"}`, fine: `redis: {host: my_redis-0.example.com}`,
	},
	{
		rule: "host-syntax", profile: "self-managed", path: "spec.redis.host",
		broken: `redis: {host: "redis://redis.example.com"}`, fine: `redis: {host: 10.0.0.1}`,
	},
	{
		rule: "host-syntax", profile: "sentinel", path: "spec.redis.sentinels.hosts[1]",
		broken: `redis: {sentinels: {hosts: [a, "b c", d]}}`, fine: `redis: {sentinels: {hosts: [a, "b:1", d]}}`,
	},
	{
		rule: "host-ipv6", profile: "self-managed", path: "spec.redis.host",
		broken: `redis: {host: "fd00::1"}`, fine: `redis: {host: fd00.example.com}`,
	},
	{
		rule: "host-ipv6", profile: "sentinel", path: "spec.redis.sentinels.hosts[0]",
		broken: `redis: {sentinels: {hosts: ["[fd00::1]:26379", b, c]}}`,
	},
	{
		rule: "username-unsupported", profile: "self-managed", path: "spec.redis.username",
		broken: `redis: {username: alice, password: p}`, fine: `redis: {username: "", password: p}`,
	},
	{
		rule: "username-unsupported", profile: "self-managed", path: "spec.redis.username",
		broken: `redis: {username: default}`,
	},
	{
		rule: "username-unsupported", profile: "sentinel", path: "spec.redis.sentinels.username",
		broken: `redis: {sentinels: {username: alice, password: p}}`, fine: `redis: {sentinels: {username: "", password: p}}`,
	},
	{
		rule: "host-ipv6", profile: "self-managed", path: "spec.redis.host", release: "2.16",
		broken: `redis: {host: "fd00::1"}`, fine: `redis: {host: "[fd00::1]"}, apiManager: {async: false}`,
	},
	{
		rule: "username-needs-password", profile: "self-managed", path: "spec.redis.username", release: "2.16",
		broken: `redis: {username: alice}`, fine: `redis: {username: alice, password: p}`,
	},
	{
		rule: "username-needs-password", profile: "sentinel", path: "spec.redis.sentinels.username", release: "2.16",
		broken: `redis: {password: p, sentinels: {username: alice}}`, fine: `redis: {sentinels: {username: alice, password: p}}`,
	},
	{
		rule: "username-charset", profile: "self-managed", path: "spec.redis.username", release: "2.16",
		broken: `redis: {username: a@b, password: p}, secrets: {credentials: url}`, fine: `redis: {username: a@b, password: p}`,
	},
	{
		rule: "url-password-encoded", profile: "self-managed", path: "spec.redis.password", release: "2.15",
		broken: `redis: {password: p@w}, allow: [{rule: url-password-shell, reason: bypassed}]`,
		fine:   `redis: {password: p@w}, allow: [{rule: url-password-shell, reason: bypassed}], apiManager: {async: false}`,
	},
	{
		rule: "url-password-encoded", profile: "self-managed", path: "spec.databases.backendQueues.password", release: "2.16",
		broken: `databases: {backendQueues: {password: p+w}}, secrets: {credentials: url}`,
		fine:   `databases: {backendQueues: {password: p!w}, system: {password: p+w}}, secrets: {credentials: url}`,
	},
	{
		rule: "url-password-shell", profile: "self-managed", path: "spec.redis.password", release: "2.15", fineRelease: "2.16",
		broken: `redis: {password: "p;w"}`, fine: `redis: {password: "p;w"}`,
	},
	{
		rule: "sentinel-hosts-password-shell", profile: "sentinel", path: "spec.redis.sentinels.password", release: "2.15",
		broken: `redis: {sentinels: {password: "p:w"}}`, fine: `redis: {sentinels: {password: "p+w"}}`,
	},
	{
		rule: "credentials-blank", profile: "self-managed", path: "spec.redis.password", release: "2.16", fineRelease: "2.14",
		broken: `redis: {password: " "}`, fine: `redis: {password: " "}`,
	},
	{
		rule: "credentials-blank", profile: "sentinel", path: "spec.redis.sentinels.username", release: "2.16",
		broken: `redis: {sentinels: {username: " ", password: p}}`, fine: `redis: {sentinels: {username: " u", password: p}}`,
	},
	{
		rule: "credentials-line-end", profile: "self-managed", path: "spec.redis.password", release: "2.16",
		broken: `redis: {password: "p\n"}`, fine: `redis: {password: "p\np"}`,
	},
	{
		rule: "credentials-line-end", profile: "self-managed", path: "spec.redis.username", release: "2.16", fineRelease: "2.16.3",
		broken: `redis: {username: "u\n", password: p}`, fine: `redis: {username: u, password: p}`,
	},
	{
		rule: "credentials-in-keys", profile: "self-managed", path: "spec.redis.password", release: "2.16",
		broken: `redis: {password: p@w}`, fine: `redis: {password: p@w}, secrets: {credentials: keys}`,
	},
	{
		rule: "credentials-in-keys", profile: "sentinel", path: "spec.redis.sentinels.password", release: "2.16",
		broken: `redis: {sentinels: {password: {placeholder: "<p>"}}}`, fine: `redis: {password: "p!w", sentinels: {password: s+w}}`,
	},
	{
		rule: "tls-ca-required", profile: "self-managed", path: "spec.redis.tls.ca", release: "2.16.4",
		broken: `redis: {tls: {}}`, fine: `redis: {tls: {ca: ` + pemCA + `}}`,
	},
	{
		rule: "tls-client-pair", profile: "self-managed", path: "spec.redis.tls.key", release: "2.16.4",
		broken: `redis: {tls: {ca: ` + pemCA + `, certificate: ` + pemCertificate + `}}`, fine: `redis: ` + withTLS,
	},
	{
		rule: "tls-client-pair", profile: "sentinel", path: "spec.databases.system.tls.certificate", release: "2.16.4",
		broken: `redis: {tls: {ca: ` + pemCA + `}}, databases: {system: {tls: {key: ` + pemKey + `}}}`,
		fine:   `redis: {tls: {ca: ` + pemCA + `}}, databases: {system: {tls: {key: ` + pemKey + `, certificate: ` + pemCertificate + `}}}`,
	},
	{
		rule: "tls-client-certificate", profile: "self-managed", path: "spec.redis.tls.certificate", release: "2.16", fineRelease: "2.16.4",
		broken: `redis: {tls: {ca: ` + pemCA + `}}`, fine: `redis: {tls: {ca: ` + pemCA + `}}`,
	},
	{
		rule: "tls-storage-with-system", profile: "self-managed", path: "spec.databases.system.tls", release: "2.16.3", fineRelease: "2.16.4",
		broken: `databases: {backendStorage: ` + withTLS + `}`, fine: `databases: {backendStorage: ` + withTLS + `}`,
	},
	{
		rule: "tls-storage-with-system", profile: "self-managed", path: "spec.databases.backendStorage.tls", release: "2.16.3",
		broken: `databases: {system: ` + withTLS + `}`, fine: `databases: {backendQueues: ` + withTLS + `}`,
	},
	{
		rule: "tls-pem", profile: "self-managed", path: "spec.redis.tls.ca", release: "2.16.4",
		broken: `redis: {tls: {ca: rubbish}}`, fine: `redis: {tls: {ca: ` + strconv.Quote("comment\n"+pems.ca+pems.foreign) + `}}`,
	},
	{
		rule: "tls-pem", profile: "self-managed", path: "spec.redis.tls.ca", release: "2.16.4",
		broken: `redis: {tls: {ca: ` + pemKey + `}}`,
	},
	{
		rule: "tls-pem", profile: "self-managed", path: "spec.redis.tls.certificate", release: "2.16.4",
		broken: `redis: {tls: {ca: ` + pemCA + `, certificate: ` + strconv.Quote(block("CERTIFICATE", []byte{1})) + `, key: ` + pemKey + `}}`,
		fine:   `redis: {tls: {ca: ` + pemCA + `, certificate: ` + strconv.Quote(pems.pkcs1) + `, key: ` + strconv.Quote(pems.pkcs1Key) + `}}`,
	},
	{
		rule: "tls-pem", profile: "self-managed", path: "spec.redis.tls.key", release: "2.16.4",
		broken: `redis: {tls: {ca: ` + pemCA + `, certificate: ` + pemCertificate + `, key: ` + strconv.Quote(pems.encrypted) + `}}`,
		fine:   `redis: {tls: {ca: ` + pemCA + `, certificate: ` + pemCertificate + `, key: ` + strconv.Quote(pems.sec1Key) + `}}`,
	},
	{
		rule: "tls-key-fits", profile: "self-managed", path: "spec.redis.tls.key", release: "2.16",
		broken: `redis: {tls: {ca: ` + pemCA + `, certificate: ` + pemCertificate + `, key: ` + strconv.Quote(pems.otherKey) + `}}`, fine: `redis: ` + withTLS,
	},
	{
		rule: "tls-certificate-expired", profile: "self-managed", path: "spec.redis.tls.certificate", release: "2.16",
		broken: `redis: {tls: {ca: ` + pemCA + `, certificate: ` + strconv.Quote(pems.expired) + `, key: ` + pemKey + `}}`, fine: `redis: ` + withTLS,
	},
	{
		rule: "tls-certificate-expired", profile: "self-managed", path: "spec.redis.tls.certificate", release: "2.16",
		broken: `redis: {tls: {ca: ` + pemCA + `, certificate: ` + strconv.Quote(pems.later) + `, key: ` + pemKey + `}}`,
		fine:   `redis: {tls: {ca: ` + strconv.Quote(pems.expired+pems.ca) + `, certificate: ` + pemCertificate + `, key: ` + pemKey + `}}`,
	},
	{
		rule: "tls-certificate-expires", profile: "self-managed", path: "spec.redis.tls.certificate", release: "2.16",
		broken: `redis: {tls: {ca: ` + pemCA + `, certificate: ` + strconv.Quote(pems.soon) + `, key: ` + pemKey + `}}`, fine: `redis: ` + withTLS,
	},
	{
		rule: "tls-chain", profile: "self-managed", path: "spec.redis.tls.certificate", release: "2.16",
		broken: `redis: {tls: {ca: ` + pemCA + `, certificate: ` + strconv.Quote(pems.foreign) + `, key: ` + pemKey + `}}`,
		fine:   `redis: {tls: {ca: ` + pemCA + `, certificate: ` + strconv.Quote(pems.selfSigned) + `, key: ` + strconv.Quote(pems.selfSignedKey) + `}}`,
	},
	{
		rule: "tls-unsupported", profile: "self-managed", path: "spec.redis.tls",
		broken: `redis: {tls: {}}`, fine: `redis: {tls: null}`,
	},
	{
		rule: "password-whitespace", profile: "self-managed", path: "spec.redis.password",
		broken: `redis: {password: "p "}`, fine: `redis: {password: "p p"}`,
	},
	{
		rule: "sentinel-group-required", profile: "sentinel", path: "spec.profile",
		broken: `redis: {masterGroup: null, host: h}`,
		fine:   `redis: {masterGroup: null, host: h}, databases: {system: {masterGroup: g, sentinels: {hosts: [a, b, c]}}}`,
	},
	{
		rule: "sentinel-hosts-required", profile: "sentinel", path: "spec.redis.sentinels.hosts",
		broken: `redis: {sentinels: {hosts: []}}`,
	},
	{
		rule: "sentinel-hosts-required", profile: "sentinel", path: "spec.databases.backendStorage.sentinels.hosts",
		broken: `redis: {sentinels: null}`,
	},
	{
		rule: "sentinel-beside-host", profile: "sentinel", path: "spec.databases.system.host",
		broken: `databases: {system: {host: h, password: ""}}`,
	},
	{
		rule: "sentinel-name-resolves", profile: "sentinel", path: "spec.redis.sentinels.hosts",
		broken: `redis: {sentinels: {hosts: [10.0.0.1, 10.0.0.2, s2]}}`, fine: `redis: {sentinels: {hosts: [10.0.0.1, 10.0.0.2, "10.0.0.3:1"]}}`,
	},
	{
		rule: "sentinel-name-resolves", profile: "sentinel", path: "spec.redis.sentinels.hosts", fineRelease: "2.8",
		broken: `redis: {sentinels: {hosts: [s0, s1, s2]}}`, fine: `redis: {sentinels: {hosts: [s0, s1, s2]}}`,
	},
	{
		rule: "all-in-one-database", profile: "self-managed", path: "spec.databases.messageBus.db",
		broken: `databases: {backendQueues: {db: 0}, system: {db: 0}, messageBus: {db: 0}}`,
		fine:   `databases: {backendQueues: {db: 0}, system: {db: 0}}`,
	},
	{
		rule: "all-in-one-database", profile: "sentinel", path: "spec.databases.system.db", release: "2.12",
		broken: `databases: {backendStorage: {db: 3}, backendQueues: {db: 3}, system: {db: 3}}`,
		fine:   `databases: {backendStorage: {db: 3}, backendQueues: {db: 3}, system: {db: 3, masterGroup: other}}`,
	},
	{
		rule: "stats-cleaner-database", profile: "self-managed", path: "spec.databases.backendStorage.db", release: "2.8", fineRelease: "2.7",
		broken: `databases: {backendStorage: {db: 4}}`, fine: `databases: {backendStorage: {db: 4}}`,
	},
	{
		rule: "stats-cleaner-database", profile: "elasticache", path: "spec.databases.backendStorage.db", release: "2.12",
		broken: `databases: {backendStorage: {db: 1}, backendQueues: {db: 0}}`, fine: `databases: {backendStorage: {db: 0}}`,
	},
	{
		rule: "stats-cleaner-database", profile: "self-managed", path: "spec.databases.backendStorage.db", release: "2.12",
		broken: `databases: {backendStorage: {db: 4, password: ""}}`, fine: `databases: {backendStorage: {db: 4, password: p}}`,
	},
	{
		rule: "stats-cleaner-fails", profile: "self-managed", path: "spec.redis.password", release: "2.8", fineRelease: "2.7",
		broken: `redis: {password: {fromEnv: P}}`, fine: `redis: {password: {fromEnv: P}}`,
	},
	{
		rule: "stats-cleaner-fails", profile: "self-managed", path: "spec.databases.backendStorage.tls", release: "2.16.4",
		broken: `databases: {backendStorage: ` + withTLS + `}`, fine: `databases: {system: ` + withTLS + `}`,
	},
	{
		rule: "stats-cleaner-fails", profile: "sentinel", path: "spec.redis.masterGroup", release: "2.12",
		broken: `rollout: {}`, fine: `databases: {backendStorage: {host: h, password: ""}}`,
	},
	{
		rule: "placeholder-as-password", profile: "self-managed", path: "spec.redis.password",
		broken: `redis: {password: "<path:secret/data/redis#password>"}`, fine: `redis: {password: {placeholder: "<path:secret/data/redis#password>"}}`,
	},
	{
		rule: "placeholder-as-password", profile: "sentinel", path: "spec.redis.sentinels.password",
		broken: `redis: {sentinels: {password: "$(SENTINEL)"}}`, fine: `redis: {sentinels: {password: "$SENTINEL()"}}`,
	},
	{
		rule: "elasticache-tls-endpoint", profile: "elasticache", path: "spec.redis.host",
		broken: `redis: {host: master.prod.abc123.use1.cache.amazonaws.com}`, fine: `redis: {host: master-prod.abc123.ng.0001.use1.cache.amazonaws.com}`,
	},
	{
		rule: "elasticache-tls-endpoint", profile: "self-managed", path: "spec.redis.host",
		broken: `redis: {host: master.prod.abc123.cnn1.cache.amazonaws.com.cn}`, fine: `redis: {host: master.redis.example.com}`,
	},
	{
		rule: "master-group-syntax", profile: "sentinel", path: "spec.redis.masterGroup",
		broken: `redis: {masterGroup: "my master"}`, fine: `redis: {masterGroup: my_master-1.x}`,
	},
	{
		rule: "sentinel-password-charset", profile: "sentinel", path: "spec.redis.sentinels.password",
		broken: `redis: {sentinels: {password: "a,b"}}`, fine: `redis: {sentinels: {password: "a+b:c!$&'()*-._~;="}}`,
	},
	{
		rule: "sentinel-role-slave", profile: "sentinel", path: "spec.redis.sentinels.role",
		broken: `redis: {sentinels: {role: slave}}`, fine: `redis: {sentinels: {role: master}}`,
	},
	{
		rule: "sentinel-count", profile: "sentinel", path: "spec.redis.sentinels.hosts",
		broken: `redis: {sentinels: {hosts: [a, b]}}`, fine: `redis: {sentinels: {hosts: [a, b, c]}}`,
	},
	{
		rule: "sentinel-duplicate", profile: "sentinel", path: "spec.redis.sentinels.hosts[3]",
		broken: `redis: {sentinels: {hosts: [a, b, c, "a:26379"]}}`, fine: `redis: {sentinels: {hosts: [a, b, c, "a:1"]}}`,
	},
	{
		rule: "placeholder-charset", profile: "self-managed", path: "spec.redis.password",
		broken: `redis: {password: {placeholder: "<path:a#b>"}}`, fine: `redis: {password: {fromEnv: P}}`,
	},
	{
		rule: "message-bus-collision", profile: "self-managed", path: "spec.databases.messageBus.namespace",
		broken: `databases: {messageBus: null}`, fine: `databases: {messageBus: {db: 2, namespace: bus}}`,
	},
	{
		rule: "message-bus-collision", profile: "sentinel", path: "spec.databases.messageBus.namespace",
		release: "2.11", fineRelease: "3scale-2.11.1-GA",
		broken: `databases: {messageBus: {db: 2}}`, fine: `databases: {messageBus: {db: 2}}`,
	},
	{
		rule: "redis-enterprise-message-bus-namespace", profile: "redis-enterprise", path: "spec.databases.messageBus.namespace",
		broken: `databases: {messageBus: {namespace: system}}`, fine: `databases: {messageBus: {host: r4.example.com, namespace: system}}`,
	},
	{
		rule: "message-bus-inert", profile: "self-managed", path: "spec.databases.messageBus",
		release: "2.12", broken: `rollout: {}`, fine: `databases: {messageBus: null}`,
	},
	{
		rule: "message-bus-inert", profile: "self-managed", path: "spec.databases.messageBus",
		release: "3scale-2.11.1-GA", fineRelease: "2.11", broken: `rollout: {}`,
	},
	{
		rule: "system-shares-database", profile: "self-managed", path: "spec.databases.system.db",
		broken: `databases: {system: {db: 1}}`, fine: `databases: {system: {db: 1, host: other}}`,
	},
	{
		rule: "backend-shares-database", profile: "sentinel", path: "spec.databases.backendQueues.db",
		broken: `databases: {backendQueues: {db: 0}}`, fine: `databases: {backendQueues: {db: 0, masterGroup: queues}}`,
	},
	{
		rule: "namespace-charset", profile: "self-managed", path: "spec.databases.system.namespace",
		broken: `databases: {system: {namespace: 'a"b'}}`, fine: `databases: {system: {namespace: "a'b {ä} %41"}}`,
	},
	{
		rule: "namespace-charset", profile: "self-managed", path: "spec.databases.system.namespace",
		broken: `databases: {system: {namespace: "a \u2028b"}}`, fine: `databases: {system: {namespace: "a\u2028b\uFEFF\uFFFD"}}`,
	},
	{
		rule: "namespace-charset", profile: "internal", path: "spec.databases.messageBus.namespace",
		broken: `databases: {messageBus: {namespace: "  "}}`, fine: `databases: {messageBus: {namespace: " bus "}}`,
	},
	{
		rule: "namespace-unread", profile: "self-managed", path: "spec.databases.backendStorage.namespace",
		broken: `databases: {backendStorage: {namespace: x}}`, fine: `databases: {system: {namespace: x}}`,
	},
	{
		rule: "namespace-blocks-upgrade", profile: "self-managed", path: "spec.databases.system.namespace",
		release: "2.12", fineRelease: "2.11",
		broken: `databases: {system: {namespace: x}}`, fine: `databases: {system: {namespace: x}}`,
	},
	{
		rule: "internal-namespaces-only", profile: "internal", path: "spec.redis.host",
		broken: `redis: {host: h}`, fine: `databases: {system: {namespace: x}, messageBus: {namespace: y}}`,
	},
	{
		rule: "internal-namespaces-only", profile: "internal", path: "spec.redis.sentinels.password",
		broken: `redis: {sentinels: {password: p}}`,
	},
	{
		rule: "internal-namespaces-only", profile: "internal", path: "spec.databases.system.db",
		broken: `databases: {system: {db: 0}}`,
	},
	{
		rule: "redis-enterprise-endpoints", profile: "redis-enterprise", path: "spec.databases.system.host",
		broken: `databases: {system: {host: r1.example.com}}`, fine: `databases: {system: {host: r1.example.com, port: 6380}}`,
	},
	{
		rule: "redis-enterprise-message-bus-endpoint", profile: "redis-enterprise", path: "spec.databases.messageBus.host",
		broken: `databases: {messageBus: {host: r2.example.com}}`, fine: `databases: {messageBus: {host: r4.example.com}}`,
	},
	{
		rule: "redis-enterprise-db", profile: "redis-enterprise", path: "spec.databases.messageBus.db",
		broken: `databases: {messageBus: {db: 1}}`, fine: `databases: {messageBus: {db: 0}}`,
	},
	{
		rule: "elasticache-auth-token", profile: "elasticache", path: "spec.redis.password",
		broken: `redis: {password: {fromEnv: TOKEN}}`, fine: `redis: {password: ""}`,
	},
	{
		rule: "elasticache-endpoint-needs-tls", profile: "elasticache", path: "spec.redis.host", release: "2.16",
		broken: `redis: {host: master.prod.abc123.use1.cache.amazonaws.com}`,
		fine:   `redis: {host: master.prod.abc123.use1.cache.amazonaws.com, tls: ` + materialTLS + `}`,
	},
	{
		rule: "data-image-digest", profile: "self-managed", path: "spec.data.image",
		broken: `data: {image: "registry.example.com:5000/tools/redisshake:v4.2.0"}`,
		fine:   `data: {image: "registry.example.com:5000/tools/redisshake:v4.2.0@sha256:` + strings.Repeat("0a", 32) + `"}`,
	},
	{
		rule: "data-image-unused", profile: "self-managed", path: "spec.data.image",
		broken: `data: {move: none, image: redisshake}`, fine: `data: {image: redisshake}`,
	},
	{
		rule: "elasticache-auth-needs-tls", profile: "elasticache", path: "spec.redis.password", release: "2.16",
		broken: `redis: {password: "t#ken"}`, fine: `redis: {password: "t#ken", tls: ` + materialTLS + `}`,
	},
	{
		rule: "apimanager-unsupported", profile: "self-managed", path: "spec.apiManager", release: "2.12", fineRelease: "2.13",
		broken: `apiManager: {name: a}`, fine: `apiManager: {name: a}`,
	},
	{
		rule: "async-unsupported", profile: "self-managed", path: "spec.apiManager.async", release: "2.14", fineRelease: "2.15",
		broken: `apiManager: {async: true}`, fine: `apiManager: {async: true}`,
	},
	{
		rule: "credentials-unsupported", profile: "self-managed", path: "spec.secrets.credentials", release: "2.15",
		broken: `secrets: {credentials: keys}`, fine: `secrets: {credentials: url}`,
	},
	{
		rule: "internal-not-brought", profile: "internal", path: "spec.profile", release: "2.16", fineRelease: "2.15", broken: `rollout: {}`, fine: `rollout: {}`,
	},
	{
		rule: "namespace-ignored", profile: "self-managed", path: "spec.databases.system.namespace", release: "2.14", fineRelease: "2.13",
		broken: `databases: {system: {namespace: n}}`, fine: `databases: {system: {namespace: n}}`,
	},
	{
		rule: "elasticache-cluster-endpoint", profile: "elasticache", path: "spec.redis.host",
		broken: `redis: {host: clustercfg.prod.abc123.use1.cache.amazonaws.com}`, fine: `redis: {host: clustercfg-prod.abc123.use1.cache.amazonaws.com}`,
	},
	{
		rule: "elasticache-reader-endpoint", profile: "elasticache", path: "spec.redis.host",
		broken: `redis: {host: prod-ro.abc123.ng.0001.use1.cache.amazonaws.com}`, fine: `redis: {host: prod-row.abc123.ng.0001.use1.cache.amazonaws.com}`,
	},
	{
		rule: "elasticache-reader-endpoint", profile: "elasticache", path: "spec.redis.host",
		broken: `redis: {host: replica.prod.abc123.use1.cache.amazonaws.com}`, fine: `redis: {host: replicas.prod.abc123.use1.cache.amazonaws.com}`,
	},
	{
		rule: "elasticache-node-endpoint", profile: "elasticache", path: "spec.redis.host",
		broken: `redis: {host: prod-001.abc123.0001.use1.cache.amazonaws.com}`, fine: `redis: {host: prod-01.abc123.0001.use1.cache.amazonaws.com}`,
	},
	{
		rule: "remote-ref-needs-external-secret", profile: "self-managed", path: "spec.redis.password",
		broken: `redis: {password: {remoteRef: {key: k}}}`,
		fine:   `redis: {password: {remoteRef: {key: k}}}, secrets: {delivery: ExternalSecret, store: {name: s}}`,
	},
	{
		rule: "external-secret-needs-remote-ref", profile: "self-managed", path: "spec.redis.password",
		broken: `redis: {password: {fromEnv: P}}, secrets: {delivery: ExternalSecret, store: {name: s}}`,
		fine:   `secrets: {delivery: ExternalSecret, store: {name: s}}`,
	},
	{
		rule: "external-secret-needs-store", profile: "self-managed", path: "spec.secrets.store",
		broken: `secrets: {delivery: ExternalSecret}`, fine: `secrets: {delivery: ExternalSecret, store: {name: s}}`,
	},
	{
		rule: "golden-token", profile: "self-managed", path: "spec.redis.password",
		broken: `redis: {password: golden-token.fromEnv.REDIS_PASSWORD}`, fine: `redis: {password: fromEnv.REDIS_PASSWORD}`,
	},
	{
		rule: "value-fits-env", profile: "self-managed", path: "spec.redis.password",
		broken: `redis: {password: ` + strings.Repeat("p", 131_012) + `}`, fine: `redis: {password: ` + strings.Repeat("p", 131_011) + `}`,
	},
	{
		rule: "value-fits-env", profile: "sentinel", path: "spec.redis.sentinels.hosts",
		broken: `redis: {sentinels: {hosts: [a, b` + strings.Repeat(", c", 70) + `], password: ` + strings.Repeat("p", 2_000) + `}}`,
		fine:   `redis: {sentinels: {hosts: [a, b` + strings.Repeat(", c", 60) + `], password: ` + strings.Repeat("p", 2_000) + `}}`,
	},
	{
		rule: "installation-one-source", profile: "self-managed", path: "spec.base",
		broken: `template: {file: amp.yml}, base: {manifests: [a.yaml]}`, fine: `template: {file: amp.yml}`,
	},
	{
		rule: "base-one-source", profile: "self-managed", path: "spec.base.kustomization",
		broken: `base: {manifests: [a.yaml], kustomization: b}`, fine: `base: {kustomization: b}`,
	},
	{
		rule: "base-one-source", profile: "self-managed", path: "spec.base",
		broken: `base: {}`, fine: `base: {manifests: [a.yaml]}`,
	},
	{
		rule: "base-one-source", profile: "self-managed", path: "spec.base.chart",
		broken: `base: {kustomization: b, chart: c}`, fine: `base: {chart: c}`,
	},
	{
		rule: "base-values-need-chart", profile: "self-managed", path: "spec.base.values",
		broken: `base: {manifests: [a.yaml], values: [v.yaml]}`, fine: `base: {chart: c, values: [v.yaml]}`,
	},
}

// valueCase is a rule with values that break it and neighbours that do not. Both
// are changes to the values of the profile's spec, by key; "-" deletes one.
type valueCase struct {
	rule    string
	profile string
	release string
	broken  map[string]string
	fine    map[string]string
	path    string
}

type values = map[string]string

const (
	storageURL       = "backend-redis/REDIS_STORAGE_URL"
	storageSentinels = "backend-redis/REDIS_STORAGE_SENTINEL_HOSTS"
	queuesURL        = "backend-redis/REDIS_QUEUES_URL"
	queuesSentinels  = "backend-redis/REDIS_QUEUES_SENTINEL_HOSTS"
	systemURL        = "system-redis/URL"
	systemSentinels  = "system-redis/SENTINEL_HOSTS"
	systemRole       = "system-redis/SENTINEL_ROLE"
	namespace        = "system-redis/NAMESPACE"
	busURL           = "system-redis/MESSAGE_BUS_URL"
	busSentinels     = "system-redis/MESSAGE_BUS_SENTINEL_HOSTS"
	busNamespace     = "system-redis/MESSAGE_BUS_NAMESPACE"

	systemUsername         = "system-redis/REDIS_USERNAME"
	systemPassword         = "system-redis/REDIS_PASSWORD"
	systemSentinelPassword = "system-redis/REDIS_SENTINEL_PASSWORD"
	systemCA               = "system-redis/REDIS_SSL_CA"
	systemCertificate      = "system-redis/REDIS_SSL_CERT"
	systemKey              = "system-redis/REDIS_SSL_KEY"
)

// tlsValues are those of a system database with TLS, with changes.
func tlsValues(changes values) values {
	all := values{systemURL: "rediss://h:6380/2", systemCA: pems.ca, systemCertificate: pems.certificate, systemKey: pems.key}
	maps.Copy(all, changes)
	return all
}

var valueCases = []valueCase{
	{rule: "key-missing", profile: "self-managed", path: busNamespace, broken: values{busNamespace: "-"}, fine: values{busNamespace: ""}},
	{rule: "storage-url-blank", profile: "self-managed", path: storageURL, broken: values{storageURL: " "}, fine: values{storageURL: "redis://h"}},
	{rule: "url-blank", profile: "self-managed", path: queuesURL, broken: values{queuesURL: ""}, fine: values{queuesURL: "redis://h"}},
	{rule: "url-syntax", profile: "self-managed", path: systemURL, broken: values{systemURL: "redis://h/1 "}, fine: values{systemURL: "redis://h/1"}},
	{rule: "url-reserved-character", profile: "self-managed", path: queuesURL, broken: values{queuesURL: "redis://:a/b@h/1"}, fine: values{queuesURL: "redis://:a%2Fb@h/1"}},
	{rule: "url-scheme", profile: "self-managed", path: systemURL, broken: values{systemURL: "h:6379/1"}, fine: values{systemURL: "redis://h:6379/1"}},
	{rule: "url-host", profile: "self-managed", path: systemURL, broken: values{systemURL: "redis:///1"}, fine: values{systemURL: "redis://h/1"}},
	{rule: "url-port", profile: "self-managed", path: systemURL, broken: values{systemURL: "redis://h:70000/1"}, fine: values{systemURL: "redis://h:65535/1"}},
	{rule: "url-database", profile: "self-managed", path: systemURL, broken: values{systemURL: "redis://h/abc"}, fine: values{systemURL: "redis://h/15"}},
	{rule: "url-query", profile: "self-managed", path: systemURL, broken: values{systemURL: "redis://h/1?db=4"}, fine: values{systemURL: "redis://h/1"}},
	{rule: "url-tls", profile: "self-managed", path: storageURL, broken: values{storageURL: "rediss://h/1"}, fine: values{storageURL: "redis://h/1"}},
	{rule: "url-username", profile: "self-managed", path: systemURL, broken: values{systemURL: "redis://alice:p@h/1"}, fine: values{systemURL: "redis://default:p@h/1"}},
	{rule: "url-userinfo", profile: "self-managed", path: systemURL, broken: values{systemURL: "redis://p@h/1"}, fine: values{systemURL: "redis://:p@h/1"}},
	{rule: "url-password-empty", profile: "self-managed", path: systemURL, broken: values{systemURL: "redis://:@h/1"}, fine: values{systemURL: "redis://h/1"}},
	{rule: "url-password-plus", profile: "self-managed", path: systemURL, broken: values{systemURL: "redis://:a+b@h/1"}, fine: values{systemURL: "redis://:a%2Bb@h/1"}},
	{rule: "sentinel-hosts-none", profile: "sentinel", path: systemSentinels, broken: values{systemSentinels: ","}, fine: values{systemSentinels: "redis://a:1"}},
	{rule: "sentinel-hosts-syntax", profile: "sentinel", path: systemSentinels, broken: values{systemSentinels: "redis://a:1, redis://b:1"}, fine: values{systemSentinels: "redis://a:1,redis://b:1"}},
	{rule: "sentinel-hosts-scheme", profile: "sentinel", path: queuesSentinels, broken: values{queuesSentinels: "http://a:1,b:1,c:1"}, fine: values{queuesSentinels: "a:1,b:1,c:1"}},
	{rule: "sentinel-hosts-path", profile: "sentinel", path: systemSentinels, broken: values{systemSentinels: "redis://a:1/0"}, fine: values{systemSentinels: "redis://a:1"}},
	{rule: "sentinel-hosts-userinfo", profile: "sentinel", path: systemSentinels, broken: values{systemSentinels: "redis://p@a:1"}, fine: values{systemSentinels: "redis://:p@a:1"}},
	{rule: "sentinel-hosts-password-empty", profile: "sentinel", path: systemSentinels, broken: values{systemSentinels: "redis://:@a:1"}, fine: values{systemSentinels: "redis://a:1"}},
	{rule: "sentinel-hosts-password-encoded", profile: "sentinel", path: storageSentinels, broken: values{storageSentinels: "redis://:a%2Bb@a:1"}, fine: values{storageSentinels: "redis://:a+b@a:1"}},
	{rule: "sentinel-hosts-passwords-differ", profile: "sentinel", path: systemSentinels, broken: values{systemSentinels: "redis://:p@a:1,redis://:q@b:1"}, fine: values{systemSentinels: "redis://:p@a:1,redis://:p@b:1"}},
	{rule: "sentinel-role", profile: "sentinel", path: systemRole, broken: values{systemRole: "replica"}, fine: values{systemRole: ""}},
	{rule: "value-breaks-yaml", profile: "self-managed", path: namespace, broken: values{namespace: `a"b`}, fine: values{namespace: `a'b`}},
	{rule: "clients-disagree", profile: "sentinel", path: storageURL, broken: values{storageSentinels: `redis://a:1,,redis://b:1`}, fine: values{storageSentinels: "redis://a:1,redis://b:1"}},
	{rule: "message-bus-sentinels", profile: "sentinel", path: busSentinels, broken: values{busSentinels: ""}, fine: values{busURL: "", busSentinels: ""}},
	{rule: "message-bus-keys-inert", profile: "self-managed", release: "2.12", path: busURL, broken: values{busURL: "redis://h"}, fine: values{busURL: ""}},
	{rule: "golden-token-value", profile: "self-managed", path: systemURL, broken: values{systemURL: "redis://:golden-token.fromEnv.A@h/1"}, fine: values{systemURL: "redis://:fromEnv.A@h/1"}},

	{rule: "url-tls", profile: "self-managed", release: "2.15", path: storageURL, broken: values{storageURL: "rediss://h"}, fine: values{storageURL: "redis://h"}},
	{rule: "url-username-encoded", profile: "self-managed", release: "2.16", path: systemURL, broken: values{systemURL: "redis://a%40b:p@h/1"}, fine: values{systemURL: "redis://a-b:p@h/1"}},
	{rule: "username-without-password", profile: "self-managed", release: "2.16", path: systemUsername, broken: values{systemUsername: "u"}, fine: values{systemUsername: "u", systemPassword: "p@ #"}},
	{rule: "credentials-twice", profile: "self-managed", release: "2.16", path: systemPassword, broken: values{systemURL: "redis://:p@h/1", systemPassword: "p"}, fine: values{systemURL: "redis://h/1", systemPassword: "p"}},
	{rule: "credentials-twice", profile: "sentinel", release: "2.16", path: systemSentinelPassword, broken: values{systemSentinels: "redis://:p@a:1", systemSentinelPassword: "p"}, fine: values{systemSentinels: "redis://a:1", systemSentinelPassword: "p"}},
	{rule: "sentinel-hosts-port", profile: "sentinel", release: "2.15", path: systemSentinels, broken: values{systemSentinels: "redis://a,redis://b:1"}, fine: values{systemSentinels: "redis://a:1,redis://b:1"}},
	{rule: "sentinel-credentials-without-hosts", profile: "self-managed", release: "2.16", path: systemSentinelPassword, broken: values{systemSentinelPassword: "p"}, fine: values{systemSentinelPassword: ""}},
	{rule: "sentinel-role", profile: "self-managed", release: "2.16", path: systemRole, broken: values{systemRole: "master"}, fine: values{systemRole: ""}},
	{rule: "clients-disagree", profile: "self-managed", release: "2.16", path: systemURL, broken: values{systemPassword: " "}, fine: values{systemPassword: ""}},
	{rule: "golden-token-value", profile: "self-managed", release: "2.16", path: systemPassword, broken: values{systemPassword: "golden-token.fromEnv.A"}, fine: values{systemPassword: "fromEnv.A"}},

	// Rules of both subjects.
	{rule: "url-password-encoded", profile: "self-managed", release: "2.16", path: storageURL, broken: values{storageURL: "redis://:p%41s@h"}, fine: values{storageURL: "redis://:p!s@h"}},
	{rule: "url-password-shell", profile: "self-managed", release: "2.15", path: systemURL, broken: values{systemURL: "redis://:p;s@h"}, fine: values{systemURL: "redis://:p.s@h"}},
	{rule: "url-password-shell", profile: "self-managed", release: "2.15", path: systemURL, broken: values{systemURL: "redis://:p%40s@h"}, fine: values{systemURL: "redis://:p=s@h"}},
	{rule: "sentinel-hosts-password-shell", profile: "sentinel", release: "2.15", path: systemSentinels, broken: values{systemSentinels: "redis://:p;s@a:1"}, fine: values{systemSentinels: "redis://:p+s@a:1"}},
	{rule: "credentials-line-end", profile: "self-managed", release: "2.16", path: systemPassword, broken: values{systemPassword: "p\n"}, fine: values{systemPassword: "p"}},
	{rule: "namespace-ignored", profile: "self-managed", release: "2.14", path: namespace, broken: values{namespace: "n"}, fine: values{namespace: " "}},
	{rule: "tls-ca-required", profile: "self-managed", release: "2.16.4", path: systemCA, broken: tlsValues(values{systemCA: ""}), fine: tlsValues(nil)},
	{rule: "tls-ca-required", profile: "self-managed", release: "2.16.4", path: systemCA, broken: tlsValues(values{systemCA: "-"}), fine: tlsValues(nil)},
	{rule: "tls-client-pair", profile: "self-managed", release: "2.16.4", path: systemKey, broken: tlsValues(values{systemKey: ""}), fine: tlsValues(values{systemKey: "", systemCertificate: ""})},
	{rule: "tls-client-certificate", profile: "self-managed", release: "2.16.3", path: systemCertificate, broken: tlsValues(values{systemKey: "", systemCertificate: ""}), fine: values{}},
	{rule: "tls-storage-with-system", profile: "self-managed", release: "2.16.3", path: storageURL, broken: tlsValues(nil), fine: values{}},
	{rule: "tls-pem", profile: "self-managed", release: "2.16.4", path: systemCA, broken: tlsValues(values{systemCA: "FAKE"}), fine: tlsValues(nil)},
	{rule: "tls-key-fits", profile: "self-managed", release: "2.16.4", path: systemKey, broken: tlsValues(values{systemKey: pems.otherKey}), fine: tlsValues(nil)},
	{rule: "tls-certificate-expired", profile: "self-managed", release: "2.16.4", path: systemCA, broken: tlsValues(values{systemCA: pems.expired}), fine: tlsValues(nil)},
	{rule: "tls-certificate-expires", profile: "self-managed", release: "2.16.4", path: systemCertificate, broken: tlsValues(values{systemCertificate: pems.soon}), fine: tlsValues(nil)},
	{rule: "tls-chain", profile: "self-managed", release: "2.16.4", path: systemCertificate, broken: tlsValues(values{systemCertificate: pems.foreign}), fine: tlsValues(nil)},
	{rule: "elasticache-endpoint-needs-tls", profile: "self-managed", release: "2.16.4", path: systemURL, broken: values{systemURL: "redis://master.a.b.use1.cache.amazonaws.com/2"}, fine: tlsValues(values{systemURL: "rediss://master.a.b.use1.cache.amazonaws.com/2"})},
	{rule: "elasticache-auth-needs-tls", profile: "elasticache", release: "2.16.4", path: systemPassword, broken: values{systemPassword: "t"}, fine: tlsValues(values{systemPassword: "t"})},
	{
		rule: "all-in-one-database", profile: "self-managed", path: busURL,
		broken: values{queuesURL: "redis://redis.example.com", systemURL: "redis://redis.example.com/0", busURL: "redis://redis.example.com:6379/0"},
		fine:   values{queuesURL: "redis://redis.example.com", systemURL: "redis://redis.example.com/0"},
	},
	{rule: "stats-cleaner-database", profile: "self-managed", release: "2.12", path: storageURL, broken: values{storageURL: "redis://redis.example.com/4"}, fine: values{storageURL: "redis://:p@redis.example.com/4"}},
	{rule: "elasticache-tls-endpoint", profile: "self-managed", path: systemURL, broken: values{systemURL: "redis://master.a.b.use1.cache.amazonaws.com/2"}, fine: values{systemURL: "redis://a.b.ng.0001.use1.cache.amazonaws.com/2"}},
	{rule: "host-ipv6", profile: "self-managed", path: systemURL, broken: values{systemURL: "redis://[fd00::1]:6379/2"}, fine: values{systemURL: "redis://fd00:6379/2"}},
	{rule: "password-whitespace", profile: "self-managed", path: systemURL, broken: values{systemURL: "redis://:p%0A@h/2"}, fine: values{systemURL: "redis://:p%0Ap@h/2"}},
	{rule: "sentinel-role-slave", profile: "sentinel", path: systemRole, broken: values{systemRole: "slave"}, fine: values{systemRole: "master"}},
	{rule: "sentinel-count", profile: "sentinel", path: systemSentinels, broken: values{systemSentinels: "redis://a:1,redis://b:1"}, fine: values{systemSentinels: "redis://a:1,redis://b:1,redis://c:1"}},
	{rule: "sentinel-duplicate", profile: "sentinel", path: systemSentinels + "[3]", broken: values{systemSentinels: "redis://a,redis://b,redis://c,redis://a"}, fine: values{systemSentinels: "redis://a,redis://b,redis://c,redis://a:1"}},
	{rule: "message-bus-collision", profile: "self-managed", path: busNamespace, broken: values{busURL: "redis://redis.example.com:6379/2"}, fine: values{busURL: ""}},
	{rule: "redis-enterprise-message-bus-namespace", profile: "redis-enterprise", path: busNamespace, broken: values{busNamespace: "system"}, fine: values{busNamespace: "other"}},
	{rule: "system-shares-database", profile: "self-managed", path: systemURL, broken: values{systemURL: "redis://redis.example.com/1"}, fine: values{systemURL: "redis://redis.example.com/5"}},
	{rule: "backend-shares-database", profile: "self-managed", path: queuesURL, broken: values{queuesURL: "redis://redis.example.com"}, fine: values{queuesURL: "redis://redis.example.com/1"}},
	{rule: "namespace-blocks-upgrade", profile: "self-managed", release: "2.12", path: namespace, broken: values{namespace: "x"}, fine: values{namespace: " "}},
	{rule: "redis-enterprise-endpoints", profile: "redis-enterprise", path: systemURL, broken: values{systemURL: "redis://r1.example.com"}, fine: values{systemURL: "redis://r9.example.com"}},
	{rule: "redis-enterprise-message-bus-endpoint", profile: "redis-enterprise", path: busURL, broken: values{busURL: "redis://r1.example.com"}, fine: values{busURL: "redis://r9.example.com"}},
	{rule: "redis-enterprise-db", profile: "redis-enterprise", path: busURL, broken: values{busURL: "", busNamespace: ""}, fine: values{busURL: ""}},
	{rule: "elasticache-auth-token", profile: "elasticache", path: systemURL, broken: values{systemURL: "redis://:p@h/2"}, fine: values{systemURL: "redis://h/2"}},
	{rule: "elasticache-cluster-endpoint", profile: "elasticache", path: systemURL, broken: values{systemURL: "redis://clustercfg.x/2"}, fine: values{systemURL: "redis://clustercfgs.x/2"}},
	{rule: "elasticache-reader-endpoint", profile: "elasticache", path: systemURL, broken: values{systemURL: "redis://a-ro.x/2"}, fine: values{systemURL: "redis://a-row.x/2"}},
	{rule: "elasticache-node-endpoint", profile: "elasticache", path: systemURL, broken: values{systemURL: "redis://a-001.x/2"}, fine: values{systemURL: "redis://a-01.x/2"}},
}
