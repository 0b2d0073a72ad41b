// Package charts embeds the Helm chart that lays out the Secrets.
package charts

import (
	"embed"
	"io/fs"
)

// all: keeps files whose names begin with _ or a dot.
//
//go:embed all:threescale-redis
var files embed.FS

// ThreescaleRedis returns the files of the chart, by their path in it.
func ThreescaleRedis() fs.FS {
	chart, err := fs.Sub(files, "threescale-redis")
	if err != nil {
		panic(err)
	}
	return chart
}
