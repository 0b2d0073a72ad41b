package move_test

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/threescale-redis/threescale-redis/internal/cluster"
	"github.com/threescale-redis/threescale-redis/internal/manifest"
	"github.com/threescale-redis/threescale-redis/internal/realredis"
	"github.com/threescale-redis/threescale-redis/internal/testinput"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

// replicas are the pods of the workloads that touch Redis.
var replicas = map[string]int{"backend-listener": 3, "backend-worker": 2, "backend-cron": 1, "system-app": 2, "system-sidekiq": 2}

// setup is what an installation is.
type setup struct {
	release, export string
	// old are the programs of the old Redis pods.
	old realredis.Program
}

// template is an installation by the templates of 2.6.
func template(old realredis.Program) setup { return setup{"2.6", "installed-2.6.0.GA.yaml", old} }

// installation is 3scale on a simulated cluster. Its old Redis pods are real servers.
type installation struct {
	setup
	t       *testing.T
	release releases.Release
	oracle  *oracle
	// services are the servers behind the names of Services.
	services map[string]*realredis.Server

	// mu guards what follows.
	mu        sync.Mutex
	cluster   *cluster.Cluster
	workloads map[string]*workload
	bare      map[string]barePod
	configMap map[string]map[string]string
	pods      int
	// ports is a program of sed: it turns the port of the status of each copy into that
	// which its Pod has.
	ports string
	// quiet says that nobody calls any more, ended that no pod comes back.
	quiet, ended bool
}

// install starts the old Redis servers with data, and the pods of 3scale.
func install(t *testing.T, what setup) *installation {
	t.Helper()
	rel, err := releases.Find(what.release)
	if err != nil {
		t.Fatal(err)
	}
	in := &installation{
		setup: what, t: t, release: rel, oracle: newOracle(),
		services: map[string]*realredis.Server{}, workloads: map[string]*workload{}, bare: map[string]barePod{}, configMap: map[string]map[string]string{},
	}
	for _, name := range []string{"backend-redis", "system-redis"} {
		// The points of the template's redis.conf: without any, a failed BGSAVE stops no write.
		in.services[name] = realredis.Start(t, what.old, "", "save 900 1", "save 300 10")
	}
	objects, err := manifest.Read("export.yaml", testinput.Export(t, what.export))
	if err != nil {
		t.Fatal(err)
	}
	if in.cluster, err = cluster.New(objects); err != nil {
		t.Fatal(err)
	}
	in.cluster.Rolled, in.cluster.Controller = in.rolled, in.reconcile
	in.fill()
	for _, w := range rel.Workloads {
		run, there := programs[w.Name]
		if !there {
			run = idle
		}
		if !w.Transient {
			in.workloads[w.Name] = newWorkload(in, w.Kind+"/"+w.Name, run)
		}
	}
	t.Cleanup(in.stop)
	for name, n := range replicas {
		in.scale(name, n)
	}
	for name := range replicas {
		in.settled(t.Context(), name)
	}
	for _, s := range in.services {
		go probe(t.Context(), s)
	}
	return in
}

// stop ends all pods, for good.
func (in *installation) stop() {
	if in.ended {
		return
	}
	for name := range in.workloads {
		in.scale(name, 0)
		in.settled(context.Background(), name)
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.ended = true
	for _, w := range in.workloads {
		w.changed.Broadcast()
	}
}

// probe is the readiness probe of an old Redis pod, which writes for ever.
func probe(ctx context.Context, s *realredis.Server) {
	for ctx.Err() == nil {
		c := redis.NewClient(&redis.Options{Addr: s.Addr(), Protocol: 2, DisableIdentity: true, MaxRetries: -1})
		_ = c.Set(ctx, "liveness-probe", time.Now().Unix(), 0)
		_ = c.Close()
		sleep(ctx, 500*time.Millisecond)
	}
}

// export writes what `oc get dc,secret -o yaml` prints.
func (in *installation) export() []byte {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.cluster.Export()
}

// resolve returns the address that the name of a Service leads to.
func (in *installation) resolve(addr string) string {
	host, _, err := net.SplitHostPort(addr)
	if s, there := in.services[host]; err == nil && there {
		return s.Addr()
	}
	return addr
}

// workload keeps the pods of a DeploymentConfig as many and as new as it says.
type workload struct {
	in   *installation
	name string
	id   string
	run  func(*pod)
	// The number of pods, and how often they were replaced.
	want, revision int
	pods           []*pod
	changed        *sync.Cond
	busy           bool
}

func newWorkload(in *installation, id string, run func(*pod)) *workload {
	w := &workload{in: in, id: id, name: filepath.Base(id), run: run, changed: sync.NewCond(&in.mu)}
	go w.control()
	return w
}

// control starts and stops pods: a new one is there before an old one goes, one by one.
func (w *workload) control() {
	w.in.mu.Lock()
	defer w.in.mu.Unlock()
	for !w.in.ended {
		old := slices.IndexFunc(w.pods, func(p *pod) bool { return p.revision != w.revision })
		fresh := len(slices.DeleteFunc(slices.Clone(w.pods), func(p *pod) bool { return p.revision != w.revision }))
		w.busy = true
		switch {
		case old >= 0 && (fresh >= w.want || len(w.pods) > w.want):
			w.stopPod(old)
		case len(w.pods) > w.want:
			w.stopPod(0)
		case fresh < w.want:
			w.startPod()
		default:
			w.busy = false
			w.changed.Broadcast()
			w.changed.Wait()
		}
	}
}

// The time that a pod takes to become ready.
const podStart = 150 * time.Millisecond

func (w *workload) startPod() {
	w.in.pods++
	p := newPod(w, fmt.Sprintf("%s-%d-%05d", w.name, w.revision, w.in.pods))
	w.pods = append(w.pods, p)
	go w.run(p)
	w.unlocked(func() { time.Sleep(podStart) })
}

func (w *workload) stopPod(i int) {
	p := w.pods[i]
	close(p.stop)
	w.unlocked(func() { <-p.done })
	w.pods = slices.DeleteFunc(w.pods, func(other *pod) bool { return other == p })
}

func (w *workload) unlocked(f func()) {
	w.in.mu.Unlock()
	defer w.in.mu.Lock()
	f()
}

// rolled is called by the cluster, under the lock, when the pods of a workload are
// to be replaced.
func (in *installation) rolled(id string) {
	if w := in.workloads[filepath.Base(id)]; w != nil && w.id == id {
		w.revision++
		w.changed.Broadcast()
	}
}

// scale sets the number of pods.
func (in *installation) scale(name string, n int) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if err := in.cluster.Patch(in.workloads[name].id, "merge", fmt.Appendf(nil, "{spec: {replicas: %d}}", n)); err != nil {
		in.t.Error(err)
	}
}

// specs are the fields of an APIManager that say how many pods a workload has
// (3scale-operator, apis/apps/v1alpha1 apimanager_types.go).
var specs = map[string][]string{
	"backend-listener": {"spec", "backend", "listenerSpec", "replicas"}, "backend-worker": {"spec", "backend", "workerSpec", "replicas"},
	"backend-cron": {"spec", "backend", "cronSpec", "replicas"}, "system-app": {"spec", "system", "appSpec", "replicas"},
	"system-sidekiq": {"spec", "system", "sidekiqSpec", "replicas"},
}

// reconcile is called by the cluster, under the lock, when an object has changed: the
// operator sets the number of pods where the APIManager says it, and nowhere else.
func (in *installation) reconcile(c *cluster.Cluster, _ string) error {
	manager, err := c.Object("APIManager/apimanager")
	operated := err == nil
	for name, w := range in.workloads {
		o, err := c.Object(w.id)
		if err != nil {
			return err
		}
		if said := manifest.Field(manager.Node, specs[name]...); operated && said != nil && said.Value != manifest.Text(o.Node, "spec", "replicas") {
			manifest.Set(o.Node, said, "spec", "replicas")
			if err := c.Update(o); err != nil {
				return err
			}
		}
		if w.want, err = strconv.Atoi(manifest.Text(o.Node, "spec", "replicas")); err != nil {
			w.want = 1 // the server's default
		}
		w.busy = true
		w.changed.Broadcast()
	}
	return nil
}

// settled waits until the pods of a workload are as they should be.
func (in *installation) settled(ctx context.Context, name string) {
	for ctx.Err() == nil {
		in.mu.Lock()
		w := in.workloads[name]
		done := !w.busy && len(w.pods) == w.want && !slices.ContainsFunc(w.pods, func(p *pod) bool { return p.revision != w.revision })
		in.mu.Unlock()
		if done {
			return
		}
		sleep(ctx, 10*time.Millisecond)
	}
}

// running are the pods that a selector such as deploymentConfig=NAME selects, or all.
func (in *installation) running(selector string) ([]string, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	var names []string
	selected := selector == ""
	for name, w := range in.workloads {
		o, err := in.cluster.Object(w.id)
		if err != nil {
			return nil, err
		}
		labels := map[string]string{}
		if o.Kind() == "DeploymentConfig" {
			labels["deploymentconfig"] = name // OpenShift's own
		}
		for key, value := range manifest.Fields(manifest.Field(o.Node, "spec", "template", "metadata", "labels")) {
			labels[key.Value] = value.Value
		}
		if !matches(labels, selector) {
			continue
		}
		selected = true
		for _, p := range w.pods {
			names = append(names, p.name)
		}
	}
	if !selected {
		return nil, fmt.Errorf("%s selects the pods of no workload", selector)
	}
	slices.Sort(names)
	return names, nil
}

// matches reports whether labels are as a selector wants them.
func matches(labels map[string]string, selector string) bool {
	for _, term := range strings.FieldsFunc(selector, func(r rune) bool { return r == ',' }) {
		key, value, _ := strings.Cut(term, "=")
		if labels[key] != strings.TrimPrefix(value, "=") {
			return false
		}
	}
	return true
}

// sleep waits for a time, or for the end.
func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
