package argocd

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// standIn is a plugin.yaml whose command is cat: what the plugin server costs
// without us.
const standIn = `apiVersion: argoproj.io/v1alpha1
kind: ConfigManagementPlugin
metadata: {name: cat}
spec:
  discover: {fileName: manifests.yaml}
  generate: {command: [cat, manifests.yaml]}
`

// repository writes files into a new folder.
func repository(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// together is how many requests are under way at once.
const together = 16

// sameAnswers asks for the manifests of an app, and wants want each time.
func sameAnswers(t testing.TB, s *server, a app, want string, requests int) {
	t.Helper()
	work := make(chan struct{}, requests)
	for range requests {
		work <- struct{}{}
	}
	close(work)
	var workers sync.WaitGroup
	for range together {
		workers.Go(func() {
			for range work {
				switch got, err := s.generate(t.Context(), t, a); {
				case err != nil:
					t.Error(err)
				case got != want:
					t.Errorf("an answer differs:\n%s\nfrom the first one:\n%s", got, want)
				}
			}
		})
	}
	workers.Wait()
}

func TestHarness(t *testing.T) {
	s := startServer(t, repository(t, map[string]string{"plugin.yaml": standIn}))
	repo := repository(t, map[string]string{
		"with/manifests.yaml": "kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n",
		"without/other.yaml":  "kind: ConfigMap\n",
	})
	with, without := app{repo: repo, path: "with"}, app{repo: repo, path: "without"}
	if !s.matches(t, with) || s.matches(t, without) {
		t.Error("discovery by file name does not work")
	}
	want, err := s.generate(t.Context(), t, with)
	if err != nil {
		t.Fatal(err)
	}
	sameAnswers(t, s, with, want, 2*together)
	if _, err := s.generate(t.Context(), t, without); err == nil {
		t.Error("a failing command gives no error")
	}
}
