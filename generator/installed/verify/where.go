package verify

import (
	"fmt"
	"strings"

	"github.com/threescale-redis/threescale-redis/generator/redis"
)

// Where says in words what a connection leads to, without a password.
func Where(c redis.Connection) string {
	where := redis.Address{Host: c.Host, Port: c.Port}.String()
	if c.MasterGroup != "" {
		var hosts []string
		for _, h := range c.Sentinels.Hosts {
			hosts = append(hosts, h.String())
		}
		where = "group " + c.MasterGroup + " of the Sentinels " + strings.Join(hosts, ", ")
	}
	where += fmt.Sprintf(", database %d", c.DB)
	if c.Namespace != "" {
		where += ", namespace " + mask("namespace", c.Namespace)
	}
	return where
}
