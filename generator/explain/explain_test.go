package explain_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/threescale-redis/threescale-redis/generator/explain"
	"github.com/threescale-redis/threescale-redis/profiles/releases"
)

func all() []releases.Release {
	var rels []releases.Release
	for _, line := range releases.Lines() {
		rels = append(rels, releases.Release{Pin: releases.Load(line)})
	}
	return rels
}

// TestTopics explains every name. A key and an env var say in which releases they are,
// and somebody reads them or it says why not.
func TestTopics(t *testing.T) {
	names := explain.Names(all())
	if len(names) < 150 {
		t.Fatalf("%d names", len(names))
	}
	for _, name := range names {
		topics, err := explain.Topics(name, all())
		if err != nil || len(topics) == 0 {
			t.Errorf("%s: %v", name, err)
		}
		for _, topic := range topics {
			if topic.About == "" || strings.Contains(topic.About, "%!") {
				t.Errorf("%s: %q", name, topic.About)
			}
			if topic.Kind != explain.Field && len(topic.Spans) == 0 {
				t.Errorf("%s is in no release", name)
			}
			for _, s := range topic.Spans {
				if len(s.Releases) == 0 || len(s.Keys)+len(s.Facts)+len(s.Reads) == 0 {
					t.Errorf("%s: %+v", name, s)
				}
			}
		}
	}
}

// TestTopics_connections: each field of a connection but those that no release has for
// a database ends up in a key.
func TestTopics_connections(t *testing.T) {
	for _, field := range []string{
		"host", "port", "db", "masterGroup", "username", "password.fromEnv", "sentinels.hosts", "sentinels.role", "sentinels.username",
		"sentinels.password.fromFile", "tls.ca.fromFile", "tls.certificate.fromFile", "tls.key.fromFile",
	} {
		for _, path := range []string{"spec.redis.", "spec.databases.backendStorage.", "spec.databases.system."} {
			topics, err := explain.Topics(path+field, all())
			if err != nil {
				if path != "spec.redis." || field == "host" {
					t.Error(err)
				}
				continue
			}
			if len(topics) != 1 || len(topics[0].Spans) == 0 || len(topics[0].Spans[0].Restart) == 0 {
				t.Errorf("%s%s: %+v", path, field, topics)
			}
		}
	}
}

// TestTopics_mapping: a mapping answers for itself, with the fields below it, and only for
// releases that can have it.
func TestTopics_mapping(t *testing.T) {
	for path, c := range map[string]struct {
		fields   []string
		releases []string
		key      string
	}{
		"spec.redis.tls":                  {[]string{"ca", "certificate", "key"}, []string{"2.16"}, "backend-redis/REDIS_SSL_CA"},
		"spec.redis.tls.ca.fromEnv":       {nil, []string{"2.16"}, "backend-redis/REDIS_STORAGE_URL"},
		"spec.redis.username":             {nil, []string{"2.16"}, "system-redis/REDIS_USERNAME"},
		"spec.databases.system.tls":       {[]string{"ca", "certificate", "key"}, []string{"2.16"}, "system-redis/REDIS_SSL_CERT"},
		"spec.databases.system.sentinels": {[]string{"hosts", "username", "password", "role"}, releases.Lines(), "system-redis/SENTINEL_HOSTS"},
		"spec.secrets":                    {[]string{"delivery", "store", "refreshInterval", "encoding", "credentials", "labels", "annotations"}, nil, ""},
	} {
		topics, err := explain.Topics(path, all())
		if err != nil || len(topics) != 1 || topics[0].Name != path {
			t.Errorf("%s: %+v, %v", path, topics, err)
			continue
		}
		var fields, lines, keys []string
		for _, f := range topics[0].Fields {
			fields = append(fields, f.Name)
		}
		for _, s := range topics[0].Spans {
			lines = append(lines, s.Releases...)
			keys = append(keys, s.Keys...)
		}
		if !slices.Equal(fields, c.fields) || !slices.Equal(lines, c.releases) || c.key != "" && !slices.Contains(keys, c.key) {
			t.Errorf("%s: fields %v, releases %v, keys %v", path, fields, lines, keys)
		}
	}
}

func TestTopics_unknown(t *testing.T) {
	_, err := explain.Topics("REDIS_STORAGE_UR", all())
	if err == nil || !strings.Contains(err.Error(), `did you mean "REDIS_STORAGE_URL"?`) {
		t.Error(err)
	}
}

// TestTopics_spans: neighbours for which the same holds are one span, in the order of
// the releases, and each release that has the key is in one.
func TestTopics_spans(t *testing.T) {
	topics, err := explain.Topics("system-redis/MESSAGE_BUS_URL", all())
	if err != nil || len(topics) != 1 {
		t.Fatal(topics, err)
	}
	var got []string
	for _, s := range topics[0].Spans {
		got = append(got, s.Releases...)
	}
	var want []string
	for _, rel := range all() {
		if rel.Key("system-redis", "MESSAGE_BUS_URL").Name != "" {
			want = append(want, rel.String())
		}
	}
	if len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if len(topics[0].Spans) == len(got) {
		t.Error("no two releases are one span")
	}
}

// TestTopics_jobs: a Job is not restarted.
func TestTopics_jobs(t *testing.T) {
	rel, err := releases.Find("2.16")
	if err != nil {
		t.Fatal(err)
	}
	topics, err := explain.Topics("system-redis/URL", []releases.Release{rel})
	if err != nil {
		t.Fatal(err)
	}
	s := topics[0].Spans[0]
	if !slices.ContainsFunc(s.Reads, func(r explain.Read) bool { return slices.Contains(r.Containers, "system-app-pre/system-app-pre") }) {
		t.Errorf("the Job does not read it: %+v", s.Reads)
	}
	if want := []string{"system-app", "system-sidekiq"}; !slices.Equal(s.Restart, want) {
		t.Errorf("restart %v, want %v", s.Restart, want)
	}
}
