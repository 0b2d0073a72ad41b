package redis

import "testing"

func TestCollides(t *testing.T) {
	at := func(database, host string, db int, namespace string) Named {
		return Named{database, Connection{Host: host, Port: 6379, DB: db, Namespace: namespace}}
	}
	behind := func(database, group, sentinel string) Named {
		return Named{database, Connection{MasterGroup: group, Sentinels: Sentinels{Hosts: []Address{{sentinel, 26379}}}}}
	}
	for name, test := range map[string]struct {
		a, b Named
		want bool
	}{
		"porta's two in one database":             {at(System, "h", 1, ""), at(MessageBus, "h", 1, ""), true},
		"a namespace keeps them apart":            {at(System, "h", 1, "a"), at(MessageBus, "h", 1, "b"), false},
		"an index keeps them apart":               {at(System, "h", 1, "a"), at(MessageBus, "h", 2, "a"), false},
		"a server keeps them apart":               {at(System, "h", 1, "a"), at(MessageBus, "i", 1, "a"), false},
		"a namespace is nothing to apisonator":    {at(BackendStorage, "h", 1, ""), at(System, "h", 1, "a"), true},
		"nor does it help the message bus there":  {at(MessageBus, "h", 1, "a"), at(BackendQueues, "h", 1, ""), true},
		"apisonator's two in one database":        {at(BackendStorage, "h", 0, ""), at(BackendQueues, "h", 0, ""), true},
		"one group of one Sentinel":               {behind(System, "g", "s"), behind(BackendQueues, "g", "s"), true},
		"one name of groups of several Sentinels": {behind(System, "g", "s"), behind(BackendQueues, "g", "t"), false},
		"another group of the same Sentinel":      {behind(System, "g", "s"), behind(BackendQueues, "h", "s"), false},
	} {
		if got := test.a.Collides(test.b); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
		if got := test.b.Collides(test.a); got != test.want {
			t.Errorf("%s, the other way round: %v", name, got)
		}
	}
}
