package argocd

import (
	"testing"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
)

// BenchmarkRequests measures requests, 16 at a time, beside a plugin whose
// command is cat: what is left is the plugin server, the stream of the
// repository and a process.
func BenchmarkRequests(b *testing.B) {
	repo := environments(b)
	cat := repository(b, map[string]string{"plugin.yaml": standIn})
	threescaleRedis := app{repo: repo, path: "dev", plugin: v1alpha1.ApplicationSourcePlugin{Env: password("p")}}
	s := startServer(b, examples)
	manifests, err := s.generate(b.Context(), b, threescaleRedis)
	if err != nil {
		b.Fatal(err)
	}
	plain := app{repo: repository(b, map[string]string{"dev/manifests.yaml": manifests}), path: "dev"}
	for name, bench := range map[string]struct {
		server *server
		app    app
	}{
		"threescale-redis": {s, threescaleRedis},
		"cat":              {startServer(b, cat), plain},
	} {
		b.Run(name, func(b *testing.B) {
			want, err := bench.server.generate(b.Context(), b, bench.app)
			if err != nil {
				b.Fatal(err)
			}
			b.ResetTimer()
			sameAnswers(b, bench.server, bench.app, want, b.N)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
		})
	}
}
