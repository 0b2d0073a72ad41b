package watch

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// reader reads the key, whatever it holds.
type reader struct{ key string }

func (r reader) do(ctx context.Context, conn *goredis.Conn) error {
	if err := conn.Get(ctx, r.key).Err(); err != nil && !errors.Is(err, goredis.Nil) {
		return err
	}
	return nil
}

func (reader) end(context.Context, *goredis.Conn) {}

// writer writes numbers to the key, each until it is acknowledged, and reads back the
// one before.
type writer struct {
	key    string
	server *server
	ledger ledger
	// unread says that the last acknowledged write was not read back yet, since is when
	// it was acknowledged.
	unread bool
	since  time.Time
	// unchecked says that writes could not be read back.
	unchecked bool
}

var errForeign = errors.New("the key of the watch holds what was not written")

// do sends the read before the write at once, in one pipeline.
func (w *writer) do(ctx context.Context, conn *goredis.Conn) error {
	pipe := conn.Pipeline()
	get := pipe.Get(ctx, w.key)
	set := pipe.Set(ctx, w.key, w.ledger.next(), Expiry)
	_, _ = pipe.Exec(ctx) // each command has its own error
	err := w.check(get)
	if set.Err() != nil {
		return set.Err()
	}
	w.ledger.acknowledged()
	w.unread, w.since = true, w.server.options.Now()
	return err
}

// check compares the number on the server with those that it acknowledged. The error
// is what makes the operation fail: a user who may not read still writes.
func (w *writer) check(get *goredis.StringCmd) error {
	text, err := get.Result()
	number := 0
	switch {
	case errors.Is(err, goredis.Nil):
		if w.unread && w.server.options.Now().Sub(w.since) > Expiry {
			w.ledger.forget()
			w.unchecked = true
		}
	case err != nil:
		return nil
	default:
		number, err = strconv.Atoi(text)
		if err != nil || !w.ledger.knows(number) {
			return errForeign
		}
	}
	w.unread = false
	if lost := w.ledger.read(number); lost > 0 {
		w.server.tell(Lost, fmt.Sprintf("%d of %d acknowledged writes lost", lost, w.ledger.last))
	}
	return nil
}

// end reads the last number back, and deletes the key.
func (w *writer) end(ctx context.Context, conn *goredis.Conn) {
	if conn != nil {
		_ = w.check(conn.Get(ctx, w.key))
		_ = conn.Del(ctx, w.key).Err()
	}
	w.unchecked = w.unchecked || w.unread
}
