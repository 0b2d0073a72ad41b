package examples

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// repoServer is what Argo CD's own Deployment has that a plugin relies on.
const repoServer = `apiVersion: apps/v1
kind: Deployment
metadata: {name: argocd-repo-server}
spec:
  selector: {matchLabels: {app.kubernetes.io/name: argocd-repo-server}}
  template:
    metadata: {labels: {app.kubernetes.io/name: argocd-repo-server}}
    spec:
      containers:
      - name: argocd-repo-server
        image: argocd:v3.6.1
        volumeMounts:
        - {name: tmp, mountPath: /tmp}
        - {name: plugins, mountPath: /home/argocd/cmp-server/plugins}
      volumes:
      - {name: tmp, emptyDir: {}}
      - {name: var-files, emptyDir: {}}
      - {name: plugins, emptyDir: {}}
`

// buildComponent builds the Component over the Deployment.
func buildComponent(t *testing.T) (deployment appsv1.Deployment, config corev1.ConfigMap) {
	t.Helper()
	files := filesys.MakeFsInMemory()
	write := func(name string, data []byte) {
		if err := files.WriteFile(name, data); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"kustomization.yaml", "repo-server.yaml", "plugin.yaml"} {
		data, err := os.ReadFile(filepath.Join("argocd", name))
		if err != nil {
			t.Fatal(err)
		}
		write("root/plugin/"+name, data)
	}
	write("root/deployment.yaml", []byte(repoServer))
	write("root/kustomization.yaml", []byte("resources: [deployment.yaml]\ncomponents: [plugin]\n"))
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(files, "root")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range built.Resources() {
		data, err := r.AsYAML()
		if err != nil {
			t.Fatal(err)
		}
		var into any = &config
		if r.GetKind() == "Deployment" {
			into = &deployment
		}
		if err := yaml.UnmarshalStrict(data, into); err != nil {
			t.Fatal(err)
		}
	}
	return deployment, config
}

func TestSidecar(t *testing.T) {
	deployment, config := buildComponent(t)
	want, err := os.ReadFile("argocd/plugin.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if config.Data["plugin.yaml"] != string(want) {
		t.Errorf("the ConfigMap does not hold plugin.yaml: %v", config.Data)
	}
	pod := deployment.Spec.Template.Spec
	if len(pod.Containers) != 2 {
		t.Fatalf("want the repo server and the sidecar, got %d containers", len(pod.Containers))
	}
	i := slices.IndexFunc(pod.Containers, func(c corev1.Container) bool { return c.Name == "threescale-redis" })
	checkSidecar(t, pod.Containers[i], pod.Volumes)
	if user := pod.Containers[i].SecurityContext.RunAsUser; user == nil || *user != 999 {
		t.Error("the sidecar must be user 999, as the repo server is")
	}
	if repo := pod.Containers[1-i]; repo.Image != "argocd:v3.6.1" || len(repo.VolumeMounts) != 2 {
		t.Errorf("the repo server's own container changed: %v", repo)
	}
	for _, v := range pod.Volumes {
		if v.ConfigMap != nil && v.ConfigMap.Name != config.Name {
			t.Errorf("volume %s has ConfigMap %s, not %s", v.Name, v.ConfigMap.Name, config.Name)
		}
	}
}

// TestOpenShiftGitOps reads the fields of the ArgoCD resource, whose type the
// operator has, as what they hold.
func TestOpenShiftGitOps(t *testing.T) {
	data, err := os.ReadFile("argocd/openshift-gitops.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var resource struct {
		APIVersion string         `json:"apiVersion"`
		Kind       string         `json:"kind"`
		Metadata   map[string]any `json:"metadata"`
		Spec       struct {
			Repo struct {
				SidecarContainers []corev1.Container `json:"sidecarContainers"`
				Volumes           []corev1.Volume    `json:"volumes"`
			} `json:"repo"`
		} `json:"spec"`
	}
	if err := yaml.UnmarshalStrict(data, &resource); err != nil {
		t.Fatal(err)
	}
	repo := resource.Spec.Repo
	if len(repo.SidecarContainers) != 1 {
		t.Fatalf("want one sidecar, got %d", len(repo.SidecarContainers))
	}
	sidecar := repo.SidecarContainers[0]
	// The operator's Deployment brings these two.
	checkSidecar(t, sidecar, append(repo.Volumes, corev1.Volume{Name: "var-files"}, corev1.Volume{Name: "plugins"}))
	if sidecar.SecurityContext.RunAsUser != nil {
		t.Error("OpenShift's restricted-v2 admits no pod with a fixed user")
	}
	deployment, _ := buildComponent(t)
	other := deployment.Spec.Template.Spec.Containers[0]
	other.SecurityContext.RunAsUser = nil
	if diff := cmp.Diff(other, sidecar); diff != "" {
		t.Errorf("the two sidecars differ:\n%s", diff)
	}
}

func checkSidecar(t *testing.T, c corev1.Container, volumes []corev1.Volume) {
	t.Helper()
	if !slices.Equal(c.Command, []string{"/var/run/argocd/argocd-cmp-server"}) || len(c.Args) > 0 {
		t.Errorf("command %q is not the plugin server", c.Command)
	}
	s := c.SecurityContext
	if s == nil || !*s.RunAsNonRoot || !*s.ReadOnlyRootFilesystem || *s.AllowPrivilegeEscalation {
		t.Error("the sidecar has more rights than it needs")
	}
	if c.Resources.Limits.Memory().IsZero() || c.Resources.Requests.Cpu().IsZero() {
		t.Error("the sidecar has no resources")
	}
	mounts := map[string]string{}
	for _, m := range c.VolumeMounts {
		mounts[m.MountPath] = m.Name
		if !slices.ContainsFunc(volumes, func(v corev1.Volume) bool { return v.Name == m.Name }) {
			t.Errorf("there is no volume %s", m.Name)
		}
	}
	if mounts["/tmp"] == "tmp" {
		t.Error("/tmp is the repo server's")
	}
	for _, path := range strings.Fields("/tmp /var/run/argocd /home/argocd/cmp-server/plugins /home/argocd/cmp-server/config") {
		if mounts[path] == "" {
			t.Errorf("nothing is mounted at %s", path)
		}
	}
}
