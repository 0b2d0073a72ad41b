package rule

import "regexp"

// hostWithPort matches a host that has its port behind it.
var hostWithPort = regexp.MustCompile(`^[A-Za-z0-9._-]+:[0-9]{1,5}$`)
