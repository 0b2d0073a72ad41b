package clients

// Kind names a fault: it is the name of the rule that reports it.
type Kind string

// The kinds of faults.
const (
	KeyMissing              Kind = "key-missing"
	StorageURLBlank         Kind = "storage-url-blank"
	URLBlank                Kind = "url-blank"
	URLSyntax               Kind = "url-syntax"
	URLReserved             Kind = "url-reserved-character"
	URLScheme               Kind = "url-scheme"
	URLHost                 Kind = "url-host"
	URLPort                 Kind = "url-port"
	URLDatabase             Kind = "url-database"
	URLQuery                Kind = "url-query"
	URLTLS                  Kind = "url-tls"
	URLUsername             Kind = "url-username"
	URLUserinfo             Kind = "url-userinfo"
	URLPasswordEmpty        Kind = "url-password-empty"
	URLPasswordPlus         Kind = "url-password-plus"
	URLPasswordEncoded      Kind = "url-password-encoded"
	URLPasswordShell        Kind = "url-password-shell"
	URLUsernameEncoded      Kind = "url-username-encoded"
	UsernameAlone           Kind = "username-without-password"
	CredentialsTwice        Kind = "credentials-twice"
	SentinelsNone           Kind = "sentinel-hosts-none"
	SentinelSyntax          Kind = "sentinel-hosts-syntax"
	SentinelScheme          Kind = "sentinel-hosts-scheme"
	SentinelPort            Kind = "sentinel-hosts-port"
	SentinelPath            Kind = "sentinel-hosts-path"
	SentinelUserinfo        Kind = "sentinel-hosts-userinfo"
	SentinelPasswordEmpty   Kind = "sentinel-hosts-password-empty"
	SentinelPasswordEncoded Kind = "sentinel-hosts-password-encoded"
	SentinelPasswordShell   Kind = "sentinel-hosts-password-shell"
	SentinelPasswords       Kind = "sentinel-hosts-passwords-differ"
	SentinelCredentials     Kind = "sentinel-credentials-without-hosts"
	Role                    Kind = "sentinel-role"
	YAMLBreaks              Kind = "value-breaks-yaml"
	Disagreement            Kind = "clients-disagree"
)
