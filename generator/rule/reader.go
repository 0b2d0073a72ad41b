package rule

import "github.com/threescale-redis/threescale-redis/generator/clients"

// readerRules are about what the programs make of a value that other programs read
// otherwise.
var readerRules = []Rule{
	warning(clients.SentinelScheme, "each Sentinel begins with redis://, or with its address", "apisonator ignores another scheme, and porta takes most of them for the host"),
}
