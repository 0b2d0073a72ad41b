// Package argocd runs the plugin inside the real Argo CD plugin server, in a
// module of its own: what Argo CD requires is not for the users of ours.
package argocd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/argoproj/argo-cd/v3/cmd/argocd-cmp-server/commands"
	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/cmp"
)

// asServer makes this test binary the plugin server instead.
const asServer = "RUN_ARGOCD_CMP_SERVER"

// binaries is the folder with our program, which the server finds on its PATH.
var binaries string

func TestMain(m *testing.M) {
	if os.Getenv(asServer) != "" {
		if err := commands.NewCommand().Execute(); err != nil {
			os.Exit(1)
		}
		return
	}
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "threescale-redis-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	build := exec.Command("go", "build", "-trimpath", "-o", dir, "./cmd/threescale-redis")
	build.Dir = "../.."
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		return 1
	}
	binaries = dir
	return m.Run()
}

// server is a running plugin server.
type server struct {
	pid     int
	client  apiclient.ConfigManagementPluginServiceClient
	workDir string
	logFile string
}

// startServer runs the plugin server with the plugin.yaml of a folder, and with
// env in its environment. It lives as long as the test.
func startServer(t testing.TB, config string, env ...string) *server {
	t.Helper()
	// The path of a socket has room for 107 bytes, and that of t.TempDir is long.
	dir, err := os.MkdirTemp("", "cmp-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Command(os.Args[0], "--config-dir-path", config, "--loglevel", "info")
	cmd.Env = append([]string{
		asServer + "=1",
		"ARGOCD_PLUGINSOCKFILEPATH=" + dir,
		"ARGOCD_CMP_WORKDIR=" + dir,
		"PATH=" + binaries + ":/usr/bin:/bin",
	}, env...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	s := &server{pid: cmd.Process.Pid, workDir: dir, logFile: log.Name()}
	conn, client, err := apiclient.NewConfigManagementPluginClientSet(s.socket(t)).NewConfigManagementPluginClient()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	s.client = client
	return s
}

// socket waits until the server listens.
func (s *server) socket(t testing.TB) string {
	t.Helper()
	for range 600 {
		if found, _ := filepath.Glob(filepath.Join(s.workDir, "*.sock")); len(found) == 1 {
			return found[0]
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("the plugin server does not listen:\n%s", s.log(t))
	return ""
}

// log is all that the server has logged so far.
func (s *server) log(t testing.TB) string {
	t.Helper()
	data, err := os.ReadFile(s.logFile)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// app is an Application as its repo server sees it: a path in a repository, and
// the plugin section of its source.
type app struct {
	repo, path string
	plugin     v1alpha1.ApplicationSourcePlugin
}

// env is what the repo server hands to the plugin (getPluginEnvs in Argo CD).
func (a app) env(t testing.TB) []string {
	t.Helper()
	env := []string{
		"ARGOCD_APP_NAME=threescale-redis",
		"ARGOCD_APP_NAMESPACE=threescale",
		"ARGOCD_APP_REVISION=0123456789012345678901234567890123456789",
		"ARGOCD_APP_SOURCE_PATH=" + a.path,
		"KUBE_VERSION=1.30.0",
	}
	for _, entry := range a.plugin.Env {
		env = append(env, "ARGOCD_ENV_"+entry.Name+"="+entry.Value)
	}
	parameters, err := a.plugin.Parameters.Environ()
	if err != nil {
		t.Fatal(err)
	}
	return append(env, parameters...)
}

// stream is the client's side of every call of the plugin server.
type stream[Response any] interface {
	cmp.StreamSender
	CloseAndRecv() (Response, error)
	Context() context.Context
}

// call sends the app's repository to the server and returns its answer.
func call[Response any](t testing.TB, a app, s stream[Response], err error) (Response, error) {
	t.Helper()
	var none Response
	if err != nil {
		return none, err
	}
	err = cmp.SendRepoStream(s.Context(), filepath.Join(a.repo, a.path), a.repo, s, a.env(t), nil)
	if err != nil {
		return none, err
	}
	return s.CloseAndRecv()
}

func (s *server) matches(t testing.TB, a app) bool {
	t.Helper()
	stream, err := s.client.MatchRepository(t.Context())
	answer, err := call(t, a, stream, err)
	if err != nil {
		t.Fatal(err)
	}
	return answer.IsSupported
}

func (s *server) parameters(t testing.TB, a app) (*apiclient.ParametersAnnouncementResponse, error) {
	t.Helper()
	stream, err := s.client.GetParametersAnnouncement(t.Context())
	return call(t, a, stream, err)
}

// generate returns the manifests joined by document markers.
func (s *server) generate(ctx context.Context, t testing.TB, a app) (string, error) {
	t.Helper()
	stream, err := s.client.GenerateManifest(ctx)
	answer, err := call(t, a, stream, err)
	if err != nil {
		return "", err
	}
	if len(answer.Manifests) == 0 {
		return "", errors.New("no manifests")
	}
	return strings.Join(answer.Manifests, "---\n"), nil
}
