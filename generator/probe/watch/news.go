package watch

import "sync"

// maxEvents is how many events a Report lists, and how many wait for a slow reader.
const maxEvents = 1000

// news brings the events of all databases to one reader. Nobody who tells them waits.
type news struct {
	waiting chan Event
	done    chan struct{}

	mu     sync.Mutex
	events []Event
	more   int
}

func newNews(event func(Event)) *news {
	n := &news{waiting: make(chan Event, maxEvents), done: make(chan struct{})}
	go func() {
		defer close(n.done)
		for e := range n.waiting {
			if event != nil {
				event(e)
			}
		}
	}()
	return n
}

func (n *news) tell(e Event) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.events) < maxEvents {
		n.events = append(n.events, e)
	} else {
		n.more++
	}
	select {
	case n.waiting <- e:
	default:
	}
}

// close waits until all events are read.
func (n *news) close() (events []Event, more int) {
	close(n.waiting)
	<-n.done
	return n.events, n.more
}
