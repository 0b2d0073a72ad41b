// Package helm lays out objects with the embedded chart and Helm's engine. It is
// the only package that speaks Helm.
package helm

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sync"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"

	"github.com/threescale-redis/threescale-redis/charts"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
)

// load reads the embedded chart once for all specs of a run.
var load = sync.OnceValues(func() (*chart.Chart, error) {
	var files []*loader.BufferedFile
	err := fs.WalkDir(charts.ThreescaleRedis(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(charts.ThreescaleRedis(), path)
		files = append(files, &loader.BufferedFile{Name: path, Data: data})
		return err
	})
	if err != nil {
		return nil, err
	}
	return loader.LoadFiles(files)
})

// Render returns the objects that the chart makes of the values. Values go to the
// templates as they are: coalescing them with the chart's defaults would log.
func Render(values Values) ([]manifest.Object, error) {
	chrt, err := load()
	if err != nil {
		return nil, fmt.Errorf("chart: %w", err)
	}
	given, err := values.asMap()
	if err != nil {
		return nil, fmt.Errorf("chart values: %w", err)
	}
	rendered, err := engine.Engine{}.Render(chrt, chartutil.Values{"Values": given})
	if err != nil {
		return nil, fmt.Errorf("chart %s: %w", chrt.Name(), err)
	}
	var objects []manifest.Object
	for _, name := range slices.Sorted(maps.Keys(rendered)) {
		found, err := manifest.Read(name, []byte(rendered[name]))
		if err != nil {
			return nil, err
		}
		objects = append(objects, found...)
	}
	return objects, nil
}
