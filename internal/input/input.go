// Package input reads what a run is given: each input within the size of its
// kind, and all of a kind within what one run can hold. A run with a large or
// endless input ends with an error and not for want of memory.
package input

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"sync"
)

// Kind is a kind of input.
type Kind struct {
	name string
	// size bounds one input, total all inputs of this kind that one run reads.
	size, total int64
}

const (
	kib = 1 << 10
	mib = 1 << 20
)

// The kinds of input. A whole installation of 3scale has 160 KiB, as a template,
// as manifests or as an export, and a spec 2 KiB.
var (
	Spec       = Kind{"a threescale-redis spec", mib, 64 * mib}
	Template   = Kind{"an OpenShift template of 3scale", 2 * mib, 64 * mib}
	Parameters = Kind{"a parameter file", mib, 8 * mib}
	// A spec with a base renders to what the base has, and a run keeps all that it
	// renders until it writes.
	Manifests = Kind{"the manifests of a 3scale installation", 8 * mib, 64 * mib}
	// An export may hold other Secrets, of up to 1 MiB each.
	Export       = Kind{"an export of one namespace", 32 * mib, 32 * mib}
	ResourceList = Kind{"the ResourceList of one kustomization", 32 * mib, 32 * mib}
	// Golden files hold what one spec makes, and the names of a base's objects.
	Golden = Kind{"a golden file", 4 * mib, 16 * mib}
	// An index has a line for each file of a directory: there are 3 for an environment.
	Index = Kind{"an index", 16 * mib, 16 * mib}
	// Linux starts no program with an environment variable of more than 128 KiB
	// (MAX_ARG_STRLEN), and in a URL a password can be three times as long.
	Secret = Kind{"a password", 64 * kib, 8 * mib}
)

// Run counts what one run reads. The zero Run has read nothing.
type Run struct {
	mu   sync.Mutex
	read map[Kind]int64
}

// File reads a file that the command line names. Open says which files it takes.
func (r *Run) File(kind Kind, path string) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return r.Read(kind, f)
}

// Read reads an input as a whole.
func (r *Run) Read(kind Kind, in io.Reader) ([]byte, error) {
	var buf bytes.Buffer
	if f, ok := in.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			if info.Size() > kind.size {
				return nil, SizeError{Kind: kind}
			}
			buf.Grow(int(info.Size()) + bytes.MinRead)
		}
	}
	switch n, err := buf.ReadFrom(io.LimitReader(in, kind.size+1)); {
	case err != nil:
		return nil, err
	case n > kind.size:
		return nil, SizeError{Kind: kind}
	default:
		return buf.Bytes(), r.count(kind, n)
	}
}

// count adds an input to what the run has read.
func (r *Run) count(kind Kind, n int64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.read == nil {
		r.read = map[Kind]int64{}
	}
	if r.read[kind] += n; r.read[kind] > kind.total {
		return SizeError{kind, true}
	}
	return nil
}

// SizeError is the error for an input that is larger than its kind can be, or,
// with others of its kind, more than a run reads.
type SizeError struct {
	Kind  Kind
	total bool
}

// Error implements error.
func (e SizeError) Error() string {
	if e.total {
		return fmt.Sprintf("is too much for one run, which reads at most %s of this kind", size(e.Kind.total))
	}
	return fmt.Sprintf("is larger than %s: not %s", size(e.Kind.size), e.Kind.name)
}

func size(n int64) string {
	if n < mib {
		return fmt.Sprintf("%d KiB", n/kib)
	}
	return fmt.Sprintf("%d MiB", n/mib)
}
