package argocd

import (
	"debug/elf"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content/oci"
	"oras.land/oras-go/v2/errdef"
)

// sidecarUser is the user of Argo CD's containers.
const sidecarUser = 999

// TestPlugin_scratch runs the plugin server and the program as an image from scratch
// does: nothing else is there.
func TestPlugin_scratch(t *testing.T) {
	testSidecar(t, func(root string) {
		copyFile(t, filepath.Join(binaries, "threescale-redis"), root+"/usr/local/bin/threescale-redis")
	})
}

// TestPlugin_image does the same with the image that is published.
func TestPlugin_image(t *testing.T) {
	found, err := filepath.Glob("../../dist/threescale-redis_*_image.tar")
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 {
		if os.Getenv("REQUIRE_TOOLS") != "" {
			t.Fatalf("want one image in dist, found %v", found)
		}
		t.Skip("skipped: there is no image in dist: `make check-release` makes and tests it")
	}
	version := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(found[0]), "threescale-redis_"), "_image.tar")
	testSidecar(t, func(root string) { unpackImage(t, found[0], version, root) })
}

// unpackImage writes the files of an image, for this architecture, below a folder.
func unpackImage(t *testing.T, archive, name, root string) {
	t.Helper()
	store, err := oci.NewFromTar(t.Context(), archive)
	if err != nil {
		t.Fatal(err)
	}
	here := oras.FetchBytesOptions{FetchOptions: oras.FetchOptions{ResolveOptions: oras.ResolveOptions{
		TargetPlatform: &ocispec.Platform{OS: "linux", Architecture: runtime.GOARCH},
	}}}
	_, data, err := oras.FetchBytes(t.Context(), store, name, here)
	if errors.Is(err, errdef.ErrNotFound) {
		t.Skipf("skipped: the image is not for linux/%s, which this machine runs", runtime.GOARCH)
	}
	if err != nil {
		t.Fatal(err)
	}
	var manifest ocispec.Manifest
	if err := json.Unmarshal(data, &manifest); err != nil {
		t.Fatal(err)
	}
	for _, layer := range manifest.Layers {
		blob, err := store.Fetch(t.Context(), layer)
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("tar", "-xz", "-C", root)
		cmd.Stdin = blob
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("tar: %v\n%s", err, out)
		}
		blob.Close()
	}
}

// testSidecar asks the plugin server for manifests as it runs in the sidecar: it sees
// the files of an image, the plugin server and plugin.yaml, no shell and no user
// database, and only /tmp and the folder of the socket can be written.
func testSidecar(t *testing.T, image func(root string)) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can change the root directory")
	}
	if !static(t, os.Args[0]) {
		t.Skip("this test is no static program: build it with CGO_ENABLED=0")
	}
	root, err := os.MkdirTemp("", "cmp-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(root) })
	image(root)
	const sockets = "/home/argocd/cmp-server/plugins"
	for _, dir := range []string{"/tmp", sockets} {
		if err := os.MkdirAll(root+dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(root+dir, sidecarUser, sidecarUser); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{
		os.Args[0]:                             "/argocd-cmp-server",
		filepath.Join(examples, "plugin.yaml"): "/home/argocd/cmp-server/config/plugin.yaml",
	} {
		copyFile(t, from, root+to)
	}
	// Every container has it; to a process without input a file without content is
	// the same.
	copyFile(t, os.DevNull, root+os.DevNull)
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd := &exec.Cmd{
		Path: "/argocd-cmp-server", Args: []string{"argocd-cmp-server"}, Dir: "/",
		Env:    []string{asServer + "=1", "PATH=/usr/local/bin"},
		Stdout: log, Stderr: log,
		SysProcAttr: &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: sidecarUser, Gid: sidecarUser}},
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	s := &server{pid: cmd.Process.Pid, workDir: root + sockets, logFile: log.Name()}
	conn, client, err := apiclient.NewConfigManagementPluginClientSet(s.socket(t)).NewConfigManagementPluginClient()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	s.client = client
	a := app{repo: environments(t), path: "dev", plugin: v1alpha1.ApplicationSourcePlugin{Env: password("p")}}
	if !s.matches(t, a) {
		t.Error("the plugin does not match")
	}
	want, err := s.generate(t.Context(), t, a)
	if err != nil {
		t.Fatalf("%v\n%s", err, s.log(t))
	}
	sameAnswers(t, s, a, want, 2*together)
}

// static reports whether a program needs no dynamic linker.
func static(t *testing.T, path string) bool {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Skipf("only on Linux: %v", err)
	}
	defer f.Close()
	return !slices.ContainsFunc(f.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP })
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o755); err != nil {
		t.Fatal(err)
	}
}
